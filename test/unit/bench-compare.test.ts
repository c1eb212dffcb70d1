import { describe, expect, it } from 'vitest';
import { regressions } from '../bench/compare.js';
import type { Ratio, Row } from '../bench/figures.js';
import { merge, type Results, resultsIn, type StoredWorkload } from '../bench/results.js';
import { row, stored } from './given-bench.js';

const ratio = (value: number, better: Ratio['better'] = 'HIGHER'): Ratio => ({
  of: 'tollgate-256',
  to: 'stock-256',
  label: '÷ stock',
  figure: 'perSecond',
  better,
  value,
});

const withRatio = (value: number, better?: Ratio['better']): Results => ({
  workloads: { spread: stored({ ratios: [ratio(value, better)] }) },
});

const withRow = (more: Partial<Row>, workload: Partial<StoredWorkload> = {}): Results => ({
  workloads: { spread: stored({ rows: [row({ id: 'tollgate-256', ...more })], ...workload }) },
});

describe('a comparison with the committed figures', () => {
  it('names a ratio that is more than 15 % worse, with both figures', () => {
    expect(regressions(withRatio(3), withRatio(2.54))).toEqual([
      'spread: tollgate-256 ÷ stock is worse: 3.00 before, 2.54 now.',
    ]);
  });

  it('does not report smaller changes or improvements', () => {
    expect(regressions(withRatio(3), withRatio(2.56))).toEqual([]);
    expect(regressions(withRatio(3), withRatio(9))).toEqual([]);
  });

  it('knows for which ratios lower is better', () => {
    expect(regressions(withRatio(2, 'LOWER'), withRatio(2.31, 'LOWER'))).toHaveLength(1);
    expect(regressions(withRatio(2, 'LOWER'), withRatio(2.29, 'LOWER'))).toEqual([]);
    expect(regressions(withRatio(2, 'LOWER'), withRatio(0.1, 'LOWER'))).toEqual([]);
  });

  it.each([
    ['gatewayUs', 'the gateway'],
    ['postgresUs', 'PostgreSQL'],
  ] as const)('names a %s that is more than 15 %% higher', (figure, whose) => {
    expect(regressions(withRow({ [figure]: 100 }), withRow({ [figure]: 116 }))).toEqual([
      `spread: tollgate-256 takes ${whose} more CPU per operation: 100 µs before, 116 µs now.`,
    ]);
    expect(regressions(withRow({ [figure]: 100 }), withRow({ [figure]: 114 }))).toEqual([]);
  });

  it('does not compare CPU times between machines, of baselines, or that are unknown', () => {
    const here = stored({}).run;
    const elsewhere = { run: { ...here, machine: 'another' } };
    const slow = { gatewayUs: 200 };
    expect(regressions(withRow({ gatewayUs: 100 }), withRow(slow, elsewhere))).toEqual([]);
    const baseline = withRow({ ...slow, baseline: true });
    expect(regressions(withRow({ gatewayUs: 100 }), baseline)).toEqual([]);
    expect(regressions(withRow({ gatewayUs: null }), withRow(slow))).toEqual([]);
  });

  it('ignores workloads, rows and ratios that only one side has', () => {
    const empty = { workloads: {} };
    expect(regressions(empty, withRatio(1))).toEqual([]);
    expect(regressions(withRatio(1), empty)).toEqual([]);
    expect(regressions(withRatio(9), withRow({}))).toEqual([]);
  });
});

describe('the results by workload', () => {
  it('keep what was not measured, replace what was, and are in the order of the list', () => {
    const old: Results = {
      workloads: { read: stored({ about: 'kept' }), hot: stored({ about: 'old' }) },
    };
    const measured = { spread: stored({ about: 'new' }), hot: stored({ about: 'newer' }) };
    const { workloads } = merge(old, measured, ['spread', 'hot', 'read']);
    expect(Object.entries(workloads).map(([name, { about }]) => [name, about])).toEqual([
      ['spread', 'new'],
      ['hot', 'newer'],
      ['read', 'kept'],
    ]);
  });

  it('omit workloads that are no longer in the list', () => {
    const old: Results = { workloads: { gone: stored({}) } };
    expect(merge(old, {}, ['spread'])).toEqual({ workloads: {} });
  });

  it('are empty if the file is missing, malformed, or from before there were workloads', () => {
    const none = { workloads: {} };
    for (const text of [null, '', '{', 'null', '3', '{"results":{}}']) {
      expect(resultsIn(text)).toEqual(none);
    }
  });

  it('are read from the file as they were written', () => {
    const results = withRatio(3);
    expect(resultsIn(JSON.stringify(results))).toEqual(results);
  });
});
