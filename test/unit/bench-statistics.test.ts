import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Measured, ratioOf, rowOf, type Sample } from '../bench/figures.js';
import { latenciesOf, median, percentile, slope } from '../bench/statistics.js';
import { always } from '../support/random/always.js';

const numbers = fc.array(fc.integer({ min: -1_000, max: 1_000 }), { minLength: 1, maxLength: 50 });

describe('the median', () => {
  it('has no more than half of the values on either side, whatever their order', async () => {
    await always(200, numbers, (values) => {
      const middle = median(values);
      expect(values.filter((value) => value < middle).length).toBeLessThanOrEqual(
        values.length / 2,
      );
      expect(values.filter((value) => value > middle).length).toBeLessThanOrEqual(
        values.length / 2,
      );
      expect(median(values.toReversed())).toBe(middle);
    });
  });

  it('is the mean of the middle two of an even number of values, and NaN without values', () => {
    expect(median([4, 1, 3, 2])).toBe(2.5);
    expect(median([7])).toBe(7);
    expect(median([])).toBeNaN();
  });

  it('does not reorder its input', () => {
    const values = [3, 1, 2];
    median(values);
    expect(values).toEqual([3, 1, 2]);
  });
});

describe('a percentile', () => {
  it('is the smallest of the values that at least its share of them do not exceed', async () => {
    const shares = fc.double({ min: 0.001, max: 1, noNaN: true });
    await always(200, fc.tuple(numbers, shares), ([values, share]) => {
      const sorted = values.toSorted((a, b) => a - b);
      const found = percentile(sorted, share);
      const upTo = (limit: number) => sorted.filter((value) => value <= limit).length;
      expect(sorted).toContain(found);
      expect(upTo(found)).toBeGreaterThanOrEqual(share * sorted.length - 1e-9);
      const below = sorted.findLast((value) => value < found);
      if (below !== undefined) expect(upTo(below)).toBeLessThan(share * sorted.length);
    });
  });

  it('is the largest value at 1, and 0 without values', () => {
    expect(percentile([1, 2, 9], 1)).toBe(9);
    expect(percentile([], 0.99)).toBe(0);
  });

  it('rises with the share, so p50 <= p99 <= p99.9 <= max', async () => {
    const latencies = fc.array(fc.integer({ min: 0, max: 60_000 }), { maxLength: 300 });
    await always(200, latencies, (values) => {
      const { count, p50Ms, p99Ms, p999Ms, maxMs } = latenciesOf(Float32Array.from(values));
      expect(count).toBe(values.length);
      expect([p50Ms, p99Ms, p999Ms, maxMs]).toEqual(
        [p50Ms, p99Ms, p999Ms, maxMs].toSorted((a, b) => a - b),
      );
      expect(maxMs).toBe(Math.max(0, ...values));
    });
  });
});

describe('the slope', () => {
  it('is exact if all points are on one line', async () => {
    const line = fc.record({
      a: fc.integer({ min: -50, max: 50 }),
      b: fc.integer({ min: -50, max: 50 }),
      xs: fc.uniqueArray(fc.integer({ min: 0, max: 100 }), { minLength: 2 }),
    });
    await always(200, line, ({ a, b, xs }) => {
      expect(slope(xs.map((x) => [x, a * x + b] as const))).toBeCloseTo(a, 6);
    });
  });

  it('is 0 without a line: of one point, or none', () => {
    expect(slope([[3, 4]])).toBe(0);
    expect(slope([])).toBe(0);
  });
});

const sample = (perSecond: number, more: Partial<Sample> = {}): Sample => ({
  perSecond,
  p50Ms: 1,
  p99Ms: 2,
  p999Ms: 3,
  maxMs: 4,
  gatewayUs: 100,
  postgresUs: 50,
  generatorUs: 10,
  rssBytesMax: 1_000,
  loopBlockMsMax: null,
  refusedPerSecond: 0,
  refusedP99Ms: 0,
  unsent: 0,
  ...more,
});

const measured = (one: Sample, failures = 0): Measured => ({
  sample: one,
  failures,
  failure: failures === 0 ? null : `${failures} of them`,
});

const HEAD = { id: 'a', label: 'A', unit: 'requests', baseline: false } as const;

describe('a row', () => {
  it('has the median of each figure and the rate of every round', () => {
    const rounds = [sample(10, { p99Ms: 9 }), sample(30, { p99Ms: 7 }), sample(20, { p99Ms: 8 })];
    const row = rowOf(
      HEAD,
      rounds.map((one) => measured(one)),
    );
    expect(row).toMatchObject({ perSecond: 20, p99Ms: 8, rounds: [10, 30, 20] });
  });

  it('has no figure that is unknown for one of the rounds', () => {
    const rounds = [sample(1), sample(2, { gatewayUs: null })];
    expect(
      rowOf(
        HEAD,
        rounds.map((one) => measured(one)),
      ).gatewayUs,
    ).toBeNull();
  });

  it('counts the failures of all rounds and shows the first', () => {
    const row = rowOf(HEAD, [measured(sample(1)), measured(sample(2), 3), measured(sample(3), 4)]);
    expect(row).toMatchObject({ failures: 7, failure: '3 of them' });
  });
});

describe('a ratio', () => {
  it('is the median of the ratios within each round, not the ratio of medians', () => {
    const samples = new Map([
      ['a', [sample(10), sample(200), sample(90)]],
      ['b', [sample(10), sample(100), sample(30)]],
    ]);
    const spec = { of: 'a', to: 'b', label: '÷ b', figure: 'perSecond', better: 'HIGHER' } as const;
    expect(ratioOf(spec, (id) => samples.get(id) ?? []).value).toBe(2);
  });
});
