import { describe, expect, it } from 'vitest';
import type { Ratio, Row } from '../bench/figures.js';
import { GOALS, type Goal, verdicts } from '../bench/goals.js';
import { report } from '../bench/report.js';
import type { Results } from '../bench/results.js';
import { table } from '../bench/table.js';
import { WORKLOADS } from '../bench/workloads.js';
import { row, stored } from './given-bench.js';

const cells = (line: string | undefined) => (line ?? '').split('|').map((cell) => cell.trim());

const ratio = (of: string, label: string, value: number): Ratio => ({
  of,
  to: 'stock-256',
  label,
  figure: 'perSecond',
  better: 'HIGHER',
  value,
});

describe('the table of a workload', () => {
  it('has a line per row with as many cells as the head, with the ratios that exist', () => {
    const rows = [row({ id: 'stock-256', label: 'stock' }), row({ id: 'tollgate-256' })];
    const [head, , stock, tollgate] = table(rows, [ratio('tollgate-256', '÷ stock', 3.456)])
      .split('\n')
      .map(cells);
    const place = head?.indexOf('÷ stock') ?? -1;
    expect(stock?.[place]).toBe('');
    expect(tollgate?.[place]).toBe('3.46');
    expect(new Set([head?.length, stock?.length, tollgate?.length]).size).toBe(1);
  });

  it('omits columns without known values', () => {
    const unknown = { gatewayUs: null, rssBytesMax: null, loopBlockMsMax: null };
    const [head] = table([row(unknown)], []).split('\n');
    expect(head).not.toMatch(/gateway|RSS|block/);
    expect(head).toContain('PostgreSQL µs');
  });

  it('says events if batches are counted by their events', () => {
    expect(table([row({ unit: 'events' })], []).split('\n')[0]).toContain('events/s');
  });
});

describe('the targets', () => {
  const goal: Goal = {
    load: 'a load',
    target: 'twice as fast, at most 10 ms',
    workload: 'spread',
    checks: [
      {
        bound: 'AT_LEAST',
        limit: 2,
        figure: ({ ratios }) => ratios[0]?.value ?? null,
        text: (value) => `${value}x`,
      },
      {
        bound: 'AT_MOST',
        limit: 10,
        figure: ({ rows }) => rows[0]?.p99Ms ?? null,
        text: (value) => `${value} ms`,
      },
    ],
  };
  const judge = (value: number, p99Ms: number) =>
    verdicts(
      {
        workloads: {
          spread: stored({ rows: [row({ p99Ms })], ratios: [ratio('a', '÷ b', value)] }),
        },
      },
      [goal],
    )[0];

  it('are met at the limits and missed beyond any of them', () => {
    expect(judge(2, 10)).toMatchObject({ verdict: 'met', measured: '2x, 10 ms' });
    expect(judge(1.9, 10)).toMatchObject({ verdict: 'missed' });
    expect(judge(2, 10.1)).toMatchObject({ verdict: 'missed' });
  });

  it('are not measured if any figure is missing or not a number', () => {
    expect(verdicts({ workloads: {} }, [goal])[0]).toMatchObject({ verdict: 'not measured' });
    expect(judge(Number.NaN, 1)).toMatchObject({ verdict: 'not measured' });
  });

  it('are each about an existing workload', () => {
    const names = WORKLOADS.map(({ name }) => name);
    for (const { workload } of GOALS) expect(names).toContain(workload);
  });
});

describe('the names of workloads', () => {
  it('are in kebab case and unique', () => {
    const names = WORKLOADS.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    for (const name of names) expect(name).toMatch(/^[a-z]+(-[a-z0-9]+)*$/);
  });
});

describe('the page', () => {
  const page = (results: Results) => report({ results, notes: '## Tried\n\nThis and that.\n' });

  it('has the targets, then a section per workload, then the notes', () => {
    const text = page({ workloads: { spread: stored({}), hot: stored({}) } });
    const heads = text.match(/^## .*$/gm);
    expect(heads).toEqual([
      '## Machine and settings',
      '## Targets',
      '## spread',
      '## hot',
      '## Tried',
    ]);
    expect(text.endsWith('This and that.\n')).toBe(true);
  });

  it('names the machine and date of a workload that was measured separately', () => {
    const { run } = stored({});
    const older = stored({ run: { ...run, date: '2025-12-31', machine: 'an older one' } });
    const text = page({ workloads: { spread: older, hot: stored({}) } });
    const section = (name: string) => text.split(`## ${name}\n`)[1]?.split('\n## ')[0] ?? '';
    expect(section('spread')).toContain('Measured apart from the rest: an older one;');
    expect(section('hot')).not.toContain('apart');
    expect(section('Machine and settings')).toContain('this one');
  });

  it('says where PostgreSQL had different settings', () => {
    const { run } = stored({});
    const unsafe = stored({ run: { ...run, settings: { fsync: 'off' } } });
    const text = page({ workloads: { spread: stored({}), hot: unsafe } });
    expect(text.split('## hot\n')[1]).toContain('`fsync = off`');
  });

  it('does not hide failures or the result of the audit', () => {
    const failed: Row = row({ failures: 3, failure: 'oops' });
    const text = page({ workloads: { hot: stored({ rows: [failed], audit: '1 damaged.' }) } });
    expect(text).toContain('**3 answers were not what they should be.**');
    expect(text).toContain('1 damaged.');
  });

  it('can be written before anything has been measured', () => {
    expect(page({ workloads: {} })).toContain('Nothing has been measured yet.');
  });
});
