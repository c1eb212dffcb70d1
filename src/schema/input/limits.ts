/**
 * Every limit on what a client can send through the schema, with its unit. The body and the shape
 * of a document are limited in http/.
 */
import { SHOWN_CHARS_MAX } from '../../domain/shown-value.js';

/** Of ids that callers choose, in characters. The database checks the same. */
export const ID_CHARS_MAX = 255;

export const EVENT_NAME_CHARS_MAX = 128;

/** Of names that people read. */
export const NAME_CHARS_MAX = 256;

/** Of the reason and the actor of a correction. The database checks the same. */
export const REASON_CHARS_MAX = 500;
export const ACTOR_CHARS_MAX = 255;

/** RFC 5321: 64 for the local part, the @, and 255 for the domain. */
export const EMAIL_CHARS_MAX = 320;

/** In UTF-8. An index row has room for 8,191 bytes, but keys that long serve no purpose. */
export const IDEMPOTENCY_KEY_BYTES_MAX = 255;

/** Of an event's properties as JSON text in UTF-8. */
export const PROPERTIES_BYTES_MAX = 64 * 1024;

/** Of a customer's or an entity's metadata as JSON text in UTF-8. */
export const METADATA_BYTES_MAX = 16 * 1024;

/** Levels of objects and lists in properties and metadata, the outermost included. */
export const JSON_DEPTH_MAX = 16;

/** Items of a batch: of one `trackBalances`, `checkBalances` or `reserveBalances`. */
export const BATCH_INPUTS_MAX = 1_000;

/** Usage events that one `voidEvents` examines. */
export const VOID_EVENTS_MAX = 100;

/** Entities that a gateway can ask for in one `_entities`. */
export const REPRESENTATIONS_MAX = 1_000;

/** Event names of one feature. */
export const EVENT_NAMES_MAX = 100;

/** Features that one credit system can pay for. */
export const CREDIT_COSTS_MAX = 100;

/** Units in one interval: "every 1,000 minutes". The database checks the same. */
export const INTERVAL_COUNT_MAX = 1000;

/**
 * Credits per unit of a feature. The largest value at the largest cost must fit `NUMERIC(38,10)`.
 * The database checks the same.
 */
export const CREDIT_COST_MAX = 1_000_000_000;

/** Of a rollover's maximum, in percent of the grant. The database checks the same. */
export const ROLLOVER_PERCENT_MAX = 1_000_000;

/** 1970-01-01T00:00:00Z in milliseconds, inclusive: the id of an event cannot contain an earlier time. */
export const INSTANT_MIN = 0;

/** 3000-01-01T00:00:00Z in milliseconds, exclusive. */
export const INSTANT_END = Date.UTC(3000, 0, 1);

/** Edges in one page. */
export const PAGE_SIZE_MAX = 100;

/** Edges in a page if the caller gives no size. */
export const PAGE_SIZE_DEFAULT = 20;

/** Issues listed in one refusal of an input. */
export const ISSUES_MAX = 20;

/** Of a path or an offending value quoted in an issue. */
export const QUOTE_CHARS_MAX = SHOWN_CHARS_MAX;
