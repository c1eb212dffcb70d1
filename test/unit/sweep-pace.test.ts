/** Sweeping takes no more than a tenth of the database's time, whatever its steps take. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SweepPace } from '../../src/commands/sweep/pace.js';
import { always } from '../support/random/always.js';

const ms = fc.nat({ max: 60_000 });
const step = fc.record({
  findMs: ms,
  sweepMs: ms,
  statementsAtOnce: fc.integer({ min: 1, max: 256 }),
});

describe('the pace of the sweeper', () => {
  it('leaves nine tenths of the time, however long steps take and however many statements run at once', () =>
    always(300, fc.array(step, { minLength: 1, maxLength: 30 }), (steps) => {
      const pace = new SweepPace();
      let [databaseMs, elapsedMs] = [0, 0];
      for (const time of steps) {
        databaseMs += time.findMs + time.sweepMs * time.statementsAtOnce;
        elapsedMs += time.findMs + time.sweepMs + pace.after(time);
      }
      expect(databaseMs * 10).toBeLessThanOrEqual(elapsedMs);
      // And not much more.
      expect(elapsedMs).toBeLessThanOrEqual(databaseMs * 10 + steps.length);
    }));

  it('rests even if the clock has not moved', () => {
    expect(new SweepPace().after({ findMs: 0, sweepMs: 0, statementsAtOnce: 1 })).toBe(1);
  });

  it('examines more rows while steps are short, fewer when they are long', () => {
    const pace = new SweepPace();
    const rowsAfter = (sweepMs: number) => {
      pace.after({ findMs: 0, sweepMs, statementsAtOnce: 1 });
      return pace.rows;
    };
    expect([5, 5, 30, 5, 60].map(rowsAfter)).toEqual([16, 32, 32, 64, 32]);
    expect(Array.from({ length: 20 }, () => rowsAfter(1)).at(-1)).toBe(256);
    expect(Array.from({ length: 20 }, () => rowsAfter(1_000)).at(-1)).toBe(8);
  });
});
