/** Converts what a client wrote into what the verbs take. */
import { assert } from '../../domain/assert.js';
import { type Cost, type ParsedCost, parseCost } from '../../domain/cost.js';
import type { Instant } from '../../domain/interval.js';
import { type ParsedQuantity, parseQuantity, type Quantity } from '../../domain/quantity.js';
import { findTimeZone, type TimeZone } from '../../domain/time-zone.js';
import type { Where } from '../../domain/where.js';
import type { JsonObject } from '../../meter/store.js';
import { type Amount, ExactNumber } from './exact-number.js';

const DATE_TIME =
  /^(\d{4})-(\d\d)-(\d\d)T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d+)?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)$/i;

const DATE_TIME_CHARS_MAX = 64;

/**
 * Reads an RFC 3339 date-time, to the millisecond. Null for anything else, including days that no calendar
 * has: `Date` would read 30 February as 1 or 2 March.
 */
export function parseInstant(text: string): Instant | null {
  // More digits than a clock can have are no date-time either.
  const match = text.length > DATE_TIME_CHARS_MAX ? null : DATE_TIME.exec(text);
  if (match === null) return null;
  const [, year, month, day] = match.map(Number);
  if (new Date(Date.UTC(year ?? 0, month ?? 0, 0)).getUTCDate() < (day ?? 0)) return null;
  const instant = Date.parse(text.toUpperCase());
  return Number.isNaN(instant) ? null : instant;
}

/** An instant that has passed the rules. */
export function toInstant(text: string): Instant;
export function toInstant(text: string | null | undefined): Instant | null;
export function toInstant(text: string | null | undefined): Instant | null {
  if (text === null || text === undefined) return null;
  const instant = parseInstant(text);
  assert(instant !== null, 'a date-time that passed its rule can be read');
  return instant;
}

/** A time zone that has passed the rules. */
export function toTimeZone(name: string | null | undefined): TimeZone {
  if (name === null || name === undefined) return null;
  const timeZone = findTimeZone(name);
  assert(timeZone !== undefined, 'a time zone that passed its rule is known');
  return timeZone;
}

/** An amount that has passed the rules. */
export function toQuantity(value: Amount): Quantity;
export function toQuantity(value: Amount | null | undefined): Quantity | null;
export function toQuantity(value: Amount | null | undefined): Quantity | null {
  if (value === null || value === undefined) return null;
  const parsed = parseAmount(value);
  assert(parsed.ok, 'an amount that passed its rule can be read');
  return parsed.quantity;
}

/** A cost that has passed the rules. */
export function toCost(value: Amount): Cost {
  const parsed = parseCostInput(value);
  assert(parsed.ok, 'a cost that passed its rule can be read');
  return parsed.cost;
}

export function parseCostInput(value: Amount): ParsedCost {
  return parseCost(value instanceof ExactNumber ? value.text : value);
}

/** Properties of a cost that have passed the rules. */
export function toWhere(value: unknown): Where | null {
  const object = toJsonObject(value);
  if (object === null) return null;
  assert(isWhere(object), 'properties that passed their rule are texts, numbers or booleans');
  return object;
}

export function isWhere(object: JsonObject): object is Where {
  return Object.values(object).every((value) => WHERE_TYPES.has(typeof value));
}

const WHERE_TYPES: ReadonlySet<string> = new Set(['string', 'number', 'boolean']);

/** Reads an amount from its text if a double would change it. */
export function parseAmount(value: Amount): ParsedQuantity {
  return parseQuantity(value instanceof ExactNumber ? value.text : value);
}

/** A JSON object that has passed the rules. */
export function toJsonObject(value: unknown): JsonObject | null {
  if (value === null || value === undefined) return null;
  assert(isJsonObject(value), 'a value that passed its rule is an object');
  return value;
}

/** An `ExactNumber` is an object only to JavaScript. */
export function isJsonObject(value: unknown): value is JsonObject {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    !(value instanceof ExactNumber)
  );
}
