/**
 * The wall-clock time of a time zone, using only `Intl`: slow and simple, to compare the domain with.
 * A wall-clock time is expressed as if the zone were UTC.
 */

const SIX_HOURS = 6 * 3_600_000;

const OFFSETS_MAX = 100_000;

const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(timeZone: string): Intl.DateTimeFormat {
  const format =
    formats.get(timeZone) ??
    new Intl.DateTimeFormat('en-US', {
      timeZone,
      calendar: 'iso8601',
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
  formats.set(timeZone, format);
  return format;
}

export function shownAt(instant: number, timeZone: string): number {
  const parts = new Map<string, number>();
  for (const { type, value } of formatOf(timeZone).formatToParts(instant)) {
    parts.set(type, Number(value));
  }
  const part = (type: string) => parts.get(type) ?? Number.NaN;
  const second = Date.UTC(
    part('year'),
    part('month') - 1,
    part('day'),
    part('hour'),
    part('minute'),
    part('second'),
  );
  return second + (((instant % 1000) + 1000) % 1000);
}

const offsets = new Map<string, number>();

/** The offsets from UTC around a time, every six hours. */
function offsetsAround(time: number, timeZone: string): number[] {
  const from = Math.floor(time / SIX_HOURS) - 6;
  return Array.from({ length: 13 }, (_, index) => {
    const instant = (from + index) * SIX_HOURS;
    const key = `${instant} ${timeZone}`;
    const offset = offsets.get(key) ?? shownAt(instant, timeZone) - instant;
    if (offsets.size >= OFFSETS_MAX) offsets.clear();
    offsets.set(key, offset);
    return offset;
  });
}

/** The first instant at which the time is shown; if it is skipped, the first at which a later time is. */
export function firstShown(shown: number, timeZone: string): number {
  const around = [...new Set(offsetsAround(shown, timeZone))];
  const found = around
    .map((offset) => shown - offset)
    .filter((instant) => shownAt(instant, timeZone) === shown);
  if (found.length > 0) return Math.min(...found);
  let before = shown - Math.max(...around);
  let after = shown - Math.min(...around);
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2);
    if (shownAt(middle, timeZone) < shown) before = middle;
    else after = middle;
  }
  return after;
}
