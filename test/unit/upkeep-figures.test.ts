import { describe, expect, it } from 'vitest';
import { pruneDaily } from '../../src/commands/prune-daily.js';
import { SweepReport } from '../../src/commands/sweep/report.js';
import { PruneFigures, SweepFigures } from '../../src/metrics/upkeep-figures.js';
import { createDeferred } from '../../src/platform/deferred.js';
import type { Prune } from '../../src/store/prune.js';

const silent = { info: () => undefined, warn: () => undefined };

describe('the pruner', () => {
  it('counts what it prunes, what fails, and when it completed', async () => {
    const prune: Prune = {
      async *keys() {
        yield { keysSeen: 50, keysPruned: 40 };
        yield { keysSeen: 50, keysPruned: 2 };
      },
      async *properties() {
        yield { eventsSeen: 50, eventsPruned: 5 };
        throw new Error('the database is down');
      },
      async *reservationProperties() {},
    };
    const figures = new PruneFigures();
    let days = 0;
    const tomorrow = createDeferred<void>();
    pruneDaily({
      prune,
      days: 1,
      propertiesDays: 1,
      logger: silent,
      figures,
      pause: async (ms) => {
        if (ms < 1_000) return;
        days += 1;
        if (days === 3) tomorrow.resolve(undefined);
        await new Promise(() => undefined);
      },
    });
    await tomorrow.promise;
    expect(figures.rows.entries()).toEqual([
      ['idempotency_keys', 42],
      ['event_properties', 5],
      ['reservation_properties', 0],
    ]);
    expect(figures.failures.entries()).toEqual([
      ['idempotency_keys', 0],
      ['event_properties', 1],
      ['reservation_properties', 0],
    ]);
    expect([...figures.completedAtMs.keys()].sort()).toEqual([
      'idempotency_keys',
      'reservation_properties',
    ]);
  });
});

describe('the sweeper', () => {
  it('counts what it persists, and how far it is behind until it has completed', () => {
    const figures = new SweepFigures();
    const report = new SweepReport(silent, () => 0, figures);
    report.found(90_000);
    report.swept({ resets: 2, expiries: 1, reservations: 3 });
    report.swept({ resets: 1, expiries: 0, reservations: 0 });
    report.leftOut();
    expect(figures.behindMs).toBe(90_000);
    report.end(false);
    expect(figures).toMatchObject({ behindMs: 90_000, completedAtMs: null });
    report.end(true);
    expect(figures.behindMs).toBe(0);
    expect(figures.completedAtMs).not.toBeNull();
    expect(figures.customers.entries()).toEqual([
      ['swept', 2],
      ['left_out', 1],
    ]);
    expect(figures.persisted.entries()).toEqual([
      ['reset', 3],
      ['expiry', 1],
      ['reservation', 3],
    ]);
  });
});
