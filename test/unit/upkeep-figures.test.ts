import { describe, expect, it } from 'vitest';
import { keepRanges } from '../../src/commands/keep-ranges.js';
import { pruneDaily } from '../../src/commands/prune-daily.js';
import { SweepReport } from '../../src/commands/sweep/report.js';
import { PruneFigures, RangeFigures, SweepFigures } from '../../src/metrics/upkeep-figures.js';
import { createDeferred } from '../../src/platform/deferred.js';
import { PlacesError } from '../../src/store/each-place.js';
import { NoConnectionError } from '../../src/store/failure.js';
import type { Prune } from '../../src/store/prune.js';
import { rangesStateOf, worstOf } from '../../src/store/ranges/range-state.js';
import { rangedTables } from '../../src/store/ranges/ranged-tables.js';
import type { Ranges } from '../../src/store/ranges/ranges.js';

function fail(): never {
  throw new Error('nobody is told');
}

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

describe('the work on ranges', () => {
  const AUGUST = Date.UTC(2026, 7, 1);
  const WELL = [
    { table: 'events', count: 4, lastStart: AUGUST, isUpToDate: true },
    { table: 'ledger_entries', count: 1, lastStart: null, isUpToDate: true },
  ] as const;

  const NOTHING = { detached: [], dropped: [] };
  const failed = (code: string) => Object.assign(new Error(code), { code, severity: 'ERROR' });

  /** What is counted in a day on which ranges fare like this. */
  async function dayOf(ranges: Partial<Ranges>): Promise<RangeFigures> {
    const figures = new RangeFigures();
    const tomorrow = createDeferred<void>();
    let pauses = 0;
    const keeping = keepRanges({
      ranges: {
        prepare: async () => 0,
        letGo: async () => NOTHING,
        state: async () => WELL,
        stop: () => undefined,
        ...ranges,
      },
      config: { eventsDays: 35, ledgerDays: 35, dropDetached: true },
      logger: silent,
      figures,
      pause: async () => {
        pauses += 1;
        if (pauses === 1) return;
        tomorrow.resolve(undefined);
        throw new Error('the test is over');
      },
    });
    await tomorrow.promise;
    await keeping.stop();
    return figures;
  }

  it('tells how the tables stand, and what was let go', async () => {
    const figures = await dayOf({
      letGo: async ({ table }, onDone = fail) => {
        if (table === 'ledger_entries') return NOTHING;
        onDone({ detached: ['events_first', 'events_from_2026_02'], dropped: [] });
        // What was done in one place counts, although it failed in another one.
        throw new PlacesError([{ place: 'place_1', error: failed('42501') }]);
      },
    });
    expect([...figures.ranges]).toEqual([
      ['events', 4],
      ['ledger_entries', 1],
    ]);
    expect([...figures.lastStartMs]).toEqual([
      ['events', AUGUST],
      ['ledger_entries', null],
    ]);
    expect(figures.letGo.entries()).toEqual([
      ['events', 2],
      ['ledger_entries', 0],
    ]);
    expect(figures.failures.entries().filter(([, count]) => count > 0)).toEqual([
      ['not_allowed', 1],
    ]);
    expect(figures.completedAtMs).toBeNull();
  });

  it('counts why it failed in each place', async () => {
    const places = ['public', 'place_1', 'place_2'] as const;
    const errors = [failed('55P03'), new NoConnectionError('down'), failed('40P01')];
    const failures = places.map((place, n) => ({ place, error: errors[n] }));
    const figures = await dayOf({ prepare: () => Promise.reject(new PlacesError(failures)) });
    expect(figures.failures.entries().filter(([, count]) => count > 0)).toEqual([
      ['locked', 2],
      ['database', 1],
    ]);
  });

  it('is not done while another gateway has left something to do', async () => {
    const [events, ledger] = WELL;
    const figures = await dayOf({ state: async () => [{ ...events, isUpToDate: false }, ledger] });
    expect(figures.completedAtMs).toBeNull();
    expect(figures.ranges.get('events')).toBe(4);
  });

  it('is done when all is', async () => {
    const figures = await dayOf({});
    expect(figures.failures.entries().every(([, count]) => count === 0)).toBe(true);
    expect(figures.completedAtMs).not.toBeNull();
  });

  it.each([
    ['locked', failed('55P03')],
    ['locked', failed('40P01')],
    ['not_allowed', failed('42501')],
    ['future_rows', failed('23514')],
    ['database', failed('57014')],
    ['database', new NoConnectionError('down')],
    ['other', new TypeError('a defect')],
  ])(
    'counts a failure as %s, examines the tables all the same, and is not done: %s',
    async (cause, error) => {
      for (const step of ['prepare', 'letGo'] as const) {
        const figures = await dayOf({ [step]: () => Promise.reject(error) });
        const failures = figures.failures.entries().filter(([, count]) => count > 0);
        expect(failures).toEqual([[cause, step === 'prepare' ? 1 : 2]]);
        expect(figures.ranges.get('events')).toBe(4);
        expect(figures.completedAtMs).toBeNull();
      }
    },
  );
});

describe('the ranges of a table', () => {
  const NOW = Date.UTC(2026, 5, 10);
  const month = (number: number) => Date.UTC(2026, number - 1, 1);
  const [events] = rangedTables('public');

  /** Of ranges between these times, the oldest one with such a name. */
  function stateOf(starts: readonly number[], more: { closing?: number; first?: string } = {}) {
    if (events === undefined) throw new Error('there are no such tables');
    const { closing, first = 'events_first' } = more;
    const bounds = [null, ...starts, null];
    const ranges = bounds.slice(0, -1).map((from, n) => ({
      name: n === 0 ? first : `events_from_${n}`,
      from,
      to: bounds[n + 1] ?? null,
      closing:
        closing !== undefined && n === starts.length ? { at: closing, isValid: false } : null,
    }));
    return rangesStateOf(events, ranges, { now: NOW, olderThanDays: 35 });
  }

  it.each([
    ['have never been closed', [], {}, null, false],
    ['have the coming months', [month(7), month(8)], {}, month(8), true],
    ['lack a coming month', [month(7)], {}, month(7), false],
    ['have one that is being closed', [month(8)], { closing: month(9) }, month(8), false],
    ['have one that is too old', [month(5), month(8)], {}, month(8), false],
    ['have one that is not yet too old', [month(6), month(8)], {}, month(8), true],
    [
      'have what was kept of those',
      [month(5), month(8)],
      { first: 'events_before_2026_05' },
      month(8),
      true,
    ],
  ] as const)('%s', (_what, starts, more, lastStart, isUpToDate) => {
    expect(stateOf(starts, more)).toEqual({
      table: 'events',
      count: starts.length + 1,
      lastStart,
      isUpToDate,
    });
  });

  it('stand as in the worst place, if there are several', () => {
    const state = (lastStart: number | null, isUpToDate = true, count = 2) =>
      ({ table: 'events', count, lastStart, isUpToDate }) as const;
    const ledger = { ...state(month(9)), table: 'ledger_entries' } as const;
    expect(worstOf([state(month(8)), ledger, state(month(7), false), state(month(9))])).toEqual([
      state(month(7), false, 6),
      ledger,
    ]);
    for (const both of [
      [state(null), state(month(7))],
      [state(month(7)), state(null)],
    ]) {
      expect(worstOf(both)).toEqual([state(null, true, 4)]);
    }
    expect(worstOf([state(month(8), false), state(month(7))])).toEqual([state(month(7), false, 4)]);
  });
});
