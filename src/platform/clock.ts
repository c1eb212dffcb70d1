/** Milliseconds since some fixed moment, for measuring spans: it never jumps as clocks do. */
export function monotonicMs(): number {
  return performance.now();
}

/** Milliseconds since 1970 by this machine's clock. Balances go by the database's instead. */
export function wallClockMs(): number {
  return Date.now();
}
