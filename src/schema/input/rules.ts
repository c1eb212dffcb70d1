/**
 * The rules for single values, for `validate` beside the field to which they belong. Each names the rule
 * that was broken, so that a client can tell them apart without reading messages.
 */
import { Buffer } from 'node:buffer';
import { z } from 'zod';
import { present } from '../../domain/assert.js';
import { FOLDED_CHARS } from '../../domain/customer-order.js';
import { HOLD_MS_MAX } from '../../domain/hold.js';
import { type Quantity, units, ZERO } from '../../domain/quantity.js';
import { findTimeZone } from '../../domain/time-zone.js';
import { OVERLAP_MINUTES_MAX } from '../../meter/access/manage-keys.js';
import { SECRET_OVERLAP_MINUTES_MAX } from '../../meter/access/rotate-token-secret.js';
import { SCOPES, type Scope } from '../../meter/access/scopes.js';
import { readGlobalId } from '../global-id.js';
import type { Amount } from './exact-number.js';
import { jsonViolation } from './json-rule.js';
import {
  ACTOR_CHARS_MAX,
  BATCH_INPUTS_MAX,
  EMAIL_CHARS_MAX,
  EVENT_NAME_CHARS_MAX,
  EVENT_NAMES_MAX,
  ID_CHARS_MAX,
  IDEMPOTENCY_KEY_BYTES_MAX,
  INSTANT_END,
  INSTANT_MIN,
  INTERVAL_COUNT_MAX,
  METADATA_BYTES_MAX,
  NAME_CHARS_MAX,
  PAGE_SIZE_MAX,
  PROPERTIES_BYTES_MAX,
  REASON_CHARS_MAX,
  ROLLOVER_PERCENT_MAX,
  VOID_EVENTS_MAX,
} from './limits.js';
import { ID, pattern, UUID } from './patterns.js';
import { textViolation, type Violation } from './text-rules.js';
import { parseAmount, parseInstant } from './values.js';

interface Rule<T> {
  readonly schema: z.ZodType<T>;
}

type Check = (value: never) => Violation | null;

/** What the schema of each rule finds wrong with a value. Pothos takes the rules as they are, and refuses other members. */
const checks = new WeakMap<object, Check>();

/** A rule's own check, which takes a fraction of the time of its schema. */
export function checkOf(rule: Rule<unknown>): Check {
  return present(checks.get(rule.schema) ?? null, 'a rule has a check');
}

/** GraphQL has checked the type, so a rule only checks the value. */
export function rule<T>(check: (value: T) => Violation | null): Rule<T> {
  const schema = z.custom<T>().superRefine((value, context) => {
    const violation = check(value);
    if (violation === null) return;
    const { rule, message, path = [] } = violation;
    context.addIssue({ code: 'custom', message, path: [...path], params: { rule } });
  });
  checks.set(schema, check);
  return { schema };
}

export function violation(rule: string, message: string): Violation {
  return { rule, message };
}

const ID_PATTERN = pattern(ID);
const ERASED_PATTERN = pattern('deleted', UUID);

/** The id of a customer, an entity or a feature. */
export const id = rule(idViolation);

/** The id of a new customer or entity. What has been erased has such an id instead of its own, and must not be taken for something that exists. */
export const newId = rule((text: string) =>
  ERASED_PATTERN.test(text)
    ? violation(
        'erased_id',
        'must not be "deleted:" and a UUID, which is the id of what has been erased',
      )
    : idViolation(text),
);

function idViolation(text: string): Violation | null {
  return text.length <= ID_CHARS_MAX && ID_PATTERN.test(text)
    ? null
    : violation('id', `must be 1 to ${ID_CHARS_MAX} printable ASCII characters without spaces`);
}

/** Examines no more of a text than may be right: a list may have a thousand, of a megabyte each. */
function textRule(charsMax: number, check: (text: string) => Violation | null) {
  const wrongLength = violation('length', `must be 1 to ${charsMax} characters long`);
  return (text: string): Violation | null => {
    // A character takes at most two units.
    if (text.length > 2 * charsMax) return wrongLength;
    const unfit = check(text);
    if (unfit !== null) return unfit;
    const chars = text.length <= charsMax ? text.length : [...text].length;
    return chars >= 1 && chars <= charsMax ? null : wrongLength;
  };
}

const CONTROL = /\p{Cc}/u;

function lineViolation(text: string): Violation | null {
  return CONTROL.test(text)
    ? violation('control', 'must not contain control characters')
    : textViolation(text);
}

const eventNameViolation = textRule(EVENT_NAME_CHARS_MAX, lineViolation);

export const eventName = rule(eventNameViolation);

export const eventNames = rule((names: string[]) => {
  if (names.length > EVENT_NAMES_MAX) {
    return violation('items', `must be at most ${EVENT_NAMES_MAX} event names`);
  }
  return firstViolation(names, eventNameViolation) ?? firstRepeated(names);
});

/** Of keys and projects, which the commands list line by line. */
export const lineName = rule(textRule(NAME_CHARS_MAX, lineViolation));

export const scopes = rule((given: Scope[]) =>
  given.length >= 1 && given.length <= SCOPES.length
    ? firstRepeated(given)
    : violation('items', `must be 1 to ${SCOPES.length} scopes`),
);

export const overlapMinutes = rule((minutes: number) =>
  minutes >= 0 && minutes <= OVERLAP_MINUTES_MAX
    ? null
    : violation('range', `must be between 0 and ${OVERLAP_MINUTES_MAX} minutes`),
);

export const secretOverlapMinutes = rule((minutes: number) =>
  minutes >= 0 && minutes <= SECRET_OVERLAP_MINUTES_MAX
    ? null
    : violation('range', `must be between 0 and ${SECRET_OVERLAP_MINUTES_MAX} minutes`),
);

/** Of a correction. */
export const reason = rule(textRule(REASON_CHARS_MAX, textViolation));

export const actor = rule(textRule(ACTOR_CHARS_MAX, textViolation));

export const name = rule(textRule(NAME_CHARS_MAX, textViolation));

/** The beginning of a name or an e-mail address. */
export const searchPrefix = rule(textRule(FOLDED_CHARS, textViolation));

export const eventId = rule((text: string) =>
  readGlobalId(text)?.typename === 'UsageEvent'
    ? null
    : violation('event_id', 'must be the `id` of a usage event, as this API has returned it'),
);

const EMAIL = /^[^\s@]+@[^\s@]+$/u;

const emailTextViolation = textRule(EMAIL_CHARS_MAX, textViolation);

export const email = rule(
  (text: string) =>
    emailTextViolation(text) ??
    (EMAIL.test(text) ? null : violation('email', 'must be an e-mail address')),
);

export const idempotencyKey = rule((text: string) => {
  const bytes = text.length > IDEMPOTENCY_KEY_BYTES_MAX ? text.length : Buffer.byteLength(text);
  return bytes >= 1 && bytes <= IDEMPOTENCY_KEY_BYTES_MAX
    ? textViolation(text)
    : violation('bytes', `must be 1 to ${IDEMPOTENCY_KEY_BYTES_MAX} bytes long in UTF-8`);
});

export const properties = rule((value: unknown) => jsonViolation(value, PROPERTIES_BYTES_MAX));

export const metadata = rule((value: unknown) => jsonViolation(value, METADATA_BYTES_MAX));

/**
 * A rule for amounts, checked once the amount can be read at all. Typed `never`, because Pothos requires
 * a schema that fits each member of the union `Amount`.
 */
function amount(check: (quantity: Quantity) => Violation | null): Rule<never> {
  return rule<never>((value: Amount) => {
    const parsed = parseAmount(value);
    return parsed.ok ? check(parsed.quantity) : violation(parsed.rule, parsed.message);
  });
}

/** Any amount. */
export const quantity = amount(() => null);

export const quantityNotNegative = amount((value) =>
  value >= ZERO ? null : violation('minimum', 'must not be negative'),
);

const HOLD_SECONDS_MAX = HOLD_MS_MAX / 1_000;

export const holdSeconds = rule((seconds: number) =>
  seconds >= 1 && seconds <= HOLD_SECONDS_MAX
    ? null
    : violation('range', `must be between 1 and ${HOLD_SECONDS_MAX} seconds`),
);

export const rolloverPercent = amount((value) =>
  value >= ZERO && value <= units(ROLLOVER_PERCENT_MAX)
    ? null
    : violation('range', `must be between 0 and ${ROLLOVER_PERCENT_MAX} percent`),
);

export const intervalCount = rule((count: number) =>
  count >= 1 && count <= INTERVAL_COUNT_MAX
    ? null
    : violation('range', `must be between 1 and ${INTERVAL_COUNT_MAX}`),
);

export const instant = rule((text: string) => {
  const value = parseInstant(text);
  if (value === null) {
    return violation('date_time', 'must be an RFC 3339 date-time such as 2026-01-31T10:15:30Z');
  }
  return value >= INSTANT_MIN && value < INSTANT_END
    ? null
    : violation('range', 'must be from 1970 on and before the year 3000');
});

/** Their names are not listed in the message: there are about 600. */
export const timeZone = rule((name: string) =>
  findTimeZone(name) === undefined
    ? violation('time_zone', 'must be the name of an IANA time zone, such as Europe/Berlin or UTC')
    : null,
);

/** The number of usage events in a batch; their contents are checked one by one. */
export function batchInputs<Input>(): Rule<Input[]> {
  return rule((inputs) =>
    inputs.length >= 1 && inputs.length <= BATCH_INPUTS_MAX
      ? null
      : violation('items', `must be 1 to ${BATCH_INPUTS_MAX} items`),
  );
}

export const pageSize = rule((size: number) =>
  size >= 0 && size <= PAGE_SIZE_MAX
    ? null
    : violation('page_size', `must be between 0 and ${PAGE_SIZE_MAX}`),
);

export const voidedAtOnce = rule((events: number) =>
  events >= 1 && events <= VOID_EVENTS_MAX
    ? null
    : violation('page_size', `must be between 1 and ${VOID_EVENTS_MAX}`),
);

function firstViolation(list: readonly string[], check: (text: string) => Violation | null) {
  for (const [index, text] of list.entries()) {
    const found = check(text);
    if (found !== null) return { ...found, path: [String(index)] };
  }
  return null;
}

function firstRepeated(list: readonly string[]): Violation | null {
  const index = list.findIndex((text, at) => list.indexOf(text) < at);
  return index === -1
    ? null
    : { rule: 'unique', message: 'must not be listed twice', path: [String(index)] };
}
