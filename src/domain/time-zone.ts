/**
 * The clocks of IANA time zones, by a library that reads the runtime's time zone database. It is the
 * one package that the domain imports: see docs/adr/0025-time-zones.md.
 */
import { Temporal } from 'temporal-polyfill/implementation';
import { unknownTimeZone } from './unavailable.js';

/** The name of an IANA time zone; null for UTC, which needs no library. */
export type TimeZone = string | null;

const UTC = 'UTC';

/** Names of zones, not the offsets and dates that the library reads too. */
const NAME = /^(?!SystemV\/)[A-Z][\w+-]*(\/[\w+-]+)*$/i;

/** Twice as long as the longest. */
const NAME_CHARS_MAX = 64;

const NANOSECONDS_PER_MS = 1_000_000;

/**
 * The zone of this name, in whatever case it is given. An alias stays an alias. Undefined where the
 * runtime knows no such zone.
 */
export function findTimeZone(name: string): TimeZone | undefined {
  if (name.length > NAME_CHARS_MAX || !NAME.test(name)) return undefined;
  try {
    const { timeZoneId } = zonedAt(0, name);
    return timeZoneId === UTC ? null : timeZoneId;
  } catch {
    return undefined;
  }
}

export function timeZoneName(timeZone: TimeZone): string {
  return timeZone ?? UTC;
}

/**
 * What the zone's clocks show at an instant: milliseconds since they would have shown the beginning
 * of 1970, so that arithmetic works as with an instant in UTC.
 */
export function wallTimeAt(instant: number, timeZone: TimeZone): number {
  return timeZone === null ? instant : instant + spanAt(instant, timeZone).offset;
}

/**
 * The instant at which the zone's clocks show a time: the first one where they show it twice, and
 * the next time that they do show if they skip it.
 */
export function instantAtWallTime(wallTime: number, timeZone: TimeZone): number {
  if (timeZone === null) return wallTime;
  let span = spanAt(wallTime - OFFSET_MAX_MS, timeZone);
  // The first span whose clocks reach the time; if it begins later than that, the time was skipped.
  while (wallTime - span.offset >= span.until) span = spanAt(span.until, timeZone);
  return Math.max(wallTime - span.offset, span.from);
}

/** More than any clocks are ahead of UTC. */
const OFFSET_MAX_MS = 48 * 3_600_000;

/** From one change of a zone's clocks to the next, half a year mostly. */
interface Span {
  readonly from: number;
  readonly until: number;
  /** How far the clocks are ahead of UTC. */
  readonly offset: number;
}

const SPANS_PER_ZONE_MAX = 32;

/** The library takes 100 µs or more per lookup, and a balance that was inactive for long needs hundreds. */
const spans = new Map<string, Span[]>();

function spanAt(instant: number, timeZone: string): Span {
  const known = spans.get(timeZone) ?? [];
  const found = known.find(({ from, until }) => from <= instant && instant < until);
  if (found !== undefined) return found;
  const span = readSpan(instant, timeZone);
  spans.set(timeZone, [span, ...known].slice(0, SPANS_PER_ZONE_MAX));
  return span;
}

function readSpan(instant: number, timeZone: string): Span {
  // Stored by a gateway with newer time zone data.
  if (findTimeZone(timeZone) === undefined) throw unknownTimeZone(timeZone);
  const zoned = zonedAt(instant, timeZone);
  // A change at the very instant is the one before a millisecond later.
  const previous = zonedAt(instant + 1, timeZone).getTimeZoneTransition('previous');
  return {
    from: previous?.epochMilliseconds ?? Number.NEGATIVE_INFINITY,
    until: zoned.getTimeZoneTransition('next')?.epochMilliseconds ?? Number.POSITIVE_INFINITY,
    offset: zoned.offsetNanoseconds / NANOSECONDS_PER_MS,
  };
}

function zonedAt(instant: number, timeZone: string): Temporal.ZonedDateTime {
  return Temporal.Instant.fromEpochMilliseconds(instant).toZonedDateTimeISO(timeZone);
}
