/** Milliseconds since some fixed moment, for measuring durations: unlike a clock, it never jumps. */
export function monotonicMs(): number {
  return performance.now();
}

/** Milliseconds since 1970 by this machine's clock. Balances use the database's clock instead. */
export function wallClockMs(): number {
  return Date.now();
}
