/** Repeatable randomness. */

/** The seed of this run, TEST_SEED, which vitest.config.ts sets unless it is given. Tests print it. */
export function seedOf(name: string): number {
  const given = process.env['TEST_SEED'];
  const seed = given === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(given);
  process.stdout.write(`${name}: TEST_SEED=${seed} repeats it\n`);
  return seed;
}

export interface Random {
  /** From `min` to `max`, inclusive. */
  whole(min: number, max: number): number;
  /** True once in this many times. */
  once(inTimes: number): boolean;
  pick<T>(choices: readonly [T, ...T[]]): T;
}

/** Mulberry32: small, and good enough to shuffle calls. */
export function randomOf(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const whole = (min: number, max: number) => min + Math.floor(next() * (max - min + 1));
  return {
    whole,
    once: (inTimes) => next() < 1 / inTimes,
    pick: (choices) => choices[whole(0, choices.length - 1)] ?? choices[0],
  };
}
