/** The targets for the figures, and whether they are met. */
import type { Row } from './figures.js';
import type { Results, StoredWorkload } from './results.js';
import { number, percent, times, unit } from './text.js';

/** One target for one load: all its checks must hold. */
export interface Goal {
  readonly load: string;
  readonly target: string;
  readonly workload: string;
  readonly checks: readonly Check[];
}

export interface Check {
  readonly bound: 'AT_LEAST' | 'AT_MOST';
  readonly limit: number;
  /** Null if the figure has not been measured. */
  figure(workload: StoredWorkload): number | null;
  text(value: number): string;
}

export interface Verdict {
  readonly goal: Goal;
  readonly measured: string;
  readonly verdict: 'met' | 'missed' | 'not measured';
}

export function verdicts(results: Results, goals: readonly Goal[] = GOALS): Verdict[] {
  return goals.map((goal) => {
    const workload = results.workloads[goal.workload];
    const values = goal.checks.map((check) => ({ check, value: figureOf(check, workload) }));
    const told = values.flatMap(({ check, value }) => (value === null ? [] : [check.text(value)]));
    return { goal, measured: told.join(', '), verdict: verdictOf(values) };
  });
}

function figureOf(check: Check, workload: StoredWorkload | undefined): number | null {
  const value = workload === undefined ? null : check.figure(workload);
  return value === null || !Number.isFinite(value) ? null : value;
}

interface Value {
  readonly check: Check;
  readonly value: number | null;
}

function verdictOf(values: readonly Value[]): Verdict['verdict'] {
  if (values.some(({ value }) => value === null)) return 'not measured';
  return values.every(({ check, value }) => holds(check, value ?? Number.NaN)) ? 'met' : 'missed';
}

function holds({ bound, limit }: Check, value: number): boolean {
  return bound === 'AT_LEAST' ? value >= limit : value <= limit;
}

/** Resident memory fluctuates by more than this between two measurements. */
const GROWTH_NOISE_MB = 10;
/** Connections of pools come and go. */
const OPEN_FILES_NOISE = 8;
const P99_NOISE = 1.5;

/** The targets of the project, in the order in which they were set. */
export const GOALS: readonly Goal[] = [
  {
    load: 'one durable `trackBalance` per request, 256 connections, 10,000 customers',
    target: '3x stock no-op, 80 % of the ceiling, 20x the straight transaction',
    workload: 'spread',
    checks: [
      atLeast(3, ratio('tollgate-256', '÷ stock'), times('stock')),
      atLeast(0.8, ratio('tollgate-256', '÷ ceiling'), percent('of the ceiling')),
      atLeast(20, ratio('tollgate-256', '÷ straight'), times('the straight transaction')),
    ],
  },
  {
    load: 'the same, one hot customer and one feature',
    target: '90 % of the spread case',
    workload: 'hot',
    checks: [atLeast(0.9, ratio('hot-256', '÷ spread'), percent('of spread'))],
  },
  {
    load: 'the same, ten entities of one customer in turn',
    target: '80 % of the spread case',
    workload: 'ten-entities',
    checks: [atLeast(0.8, ratio('ten-entities-256', '÷ spread'), percent('of spread'))],
  },
  ...(['active', 'any'] as const).map(onLarge),
  {
    load: 'one connection',
    target: 'p50 at most 1.5x the same statements alone through Prisma',
    workload: 'spread',
    checks: [atMost(1.5, ratio('tollgate-1', 'p50 ÷ statements'), times('the statements'))],
  },
  {
    load: '64 connections',
    target: 'p99 at most 3x p50, no answer over 250 ms',
    workload: 'spread',
    checks: [
      atMost(
        3,
        row('tollgate-64', ({ p99Ms, p50Ms }) => p99Ms / p50Ms),
        times('p50'),
      ),
      atMost(
        250,
        row('tollgate-64', ({ maxMs }) => maxMs),
        unit('ms at most'),
      ),
    ],
  },
  {
    load: 'half the peak beside four costly readers of another project',
    target: 'p99 at most twice what it is alone, or 20 ms',
    workload: 'mixed',
    checks: [
      atMost(
        1,
        ({ extra }) => shareOfAllowed(extra['p99BesideMsMax'], extra['p99AloneMs']),
        percent('of what is allowed'),
      ),
    ],
  },
  {
    load: 'batches of 1,000',
    target: '70 % of the database limit, over 12,000 events/s',
    workload: 'batch',
    checks: [
      atLeast(0.7, bestRatio('÷ database limit'), percent('of the limit')),
      atLeast(12_000, bestRate('tollgate-'), unit('events/s')),
    ],
  },
  {
    load: '`npm run import` of events without keys',
    target: 'over 15,000 events/s',
    workload: 'import',
    checks: [
      atLeast(
        15_000,
        row('import', ({ perSecond }) => perSecond),
        unit('events/s'),
      ),
    ],
  },
  {
    load: '`reserveBalance` and its `captureReservation`, two requests, 256 connections',
    target: 'at most 2.2 `trackBalance`',
    workload: 'reserve-capture',
    checks: [
      atLeast(
        1 / 2.2,
        ratio('pairs-256', '÷ spread'),
        (pairs) => `as much as ${number(1 / pairs, 2)} of them`,
      ),
    ],
  },
  {
    load: 'a customer with all balances (advanced to now), 256 connections',
    target: '40 % of the ceiling',
    workload: 'read',
    checks: [atLeast(0.4, ratio('tollgate-256', '÷ ceiling'), percent('of the ceiling'))],
  },
  {
    load: '100 customers with all balances in one `_entities`, 64 connections',
    target: '40 % of the ceiling',
    workload: 'subgraph',
    checks: [atLeast(0.4, ratio('tollgate-64', '÷ ceiling'), percent('of the ceiling'))],
  },
  {
    load: 'embedded default, 64 connections',
    target: '1,000 durable calls/s, event loop never blocked over 100 ms',
    workload: 'embedded',
    checks: [
      atLeast(
        1_000,
        row('embedded-64', ({ perSecond }) => perSecond),
        unit('calls/s'),
      ),
      atMost(
        100,
        row('embedded-64', (line) => line.loopBlockMsMax),
        unit('ms at most'),
      ),
    ],
  },
  {
    load: 'memory',
    target:
      'peak RSS at most 300 MB at 256 connections; over 2,000,000 calls no memory and no open files gained, p99 as at first',
    workload: 'memory',
    checks: [
      atMost(300, row('tollgate-256', megabytes), unit('MB at the peak')),
      atMost(GROWTH_NOISE_MB, growthMb, unit('MB gained')),
      atMost(OPEN_FILES_NOISE, extraOf('openFilesGrowth'), unit('open files gained')),
      atMost(P99_NOISE, extraOf('p99Ratio'), times('the first p99')),
    ],
  },
  {
    load: 'overload: twice what it can carry',
    target: 'accepted p99 under 1 s, the rest refused at once, over 90 % of the peak',
    workload: 'overload',
    checks: [
      atMost(
        1_000,
        row('twice', ({ p99Ms }) => p99Ms),
        unit('ms p99'),
      ),
      // Otherwise, what cannot be handled would wait without being refused.
      atLeast(
        1,
        row('twice', ({ refusedPerSecond }) => refusedPerSecond),
        unit('refused/s'),
      ),
      // "At once" is not a number: this is the longest wait allowed at 64 connections.
      atMost(
        250,
        row('twice', ({ refusedP99Ms }) => refusedP99Ms),
        unit('ms p99 of refusals'),
      ),
      atLeast(0.9, ratio('twice', '÷ peak'), percent('of the peak')),
    ],
  },
];

function onLarge(id: 'active' | 'any'): Goal {
  const whom = id === 'active' ? '10,000 active customers' : 'any customer';
  return {
    load: `the same, on 1,000,000 customers and 10,000,000 events, ${whom}`,
    target: '80 % of the small database, p99 at most 2x',
    workload: 'large-spread',
    checks: [
      atLeast(0.8, ratio(`${id}-256`, '÷ small'), percent('of small')),
      atMost(2, ratio(`${id}-256`, 'p99 ÷ small'), times('its p99')),
    ],
  };
}

type FigureOf = Check['figure'];
type TextOf = Check['text'];

function atLeast(limit: number, figure: FigureOf, text: TextOf): Check {
  return { bound: 'AT_LEAST', limit, figure, text };
}

function atMost(limit: number, figure: FigureOf, text: TextOf): Check {
  return { bound: 'AT_MOST', limit, figure, text };
}

function ratio(of: string, label: string): FigureOf {
  return ({ ratios }) =>
    ratios.find((ratio) => ratio.of === of && ratio.label === label)?.value ?? null;
}

function bestRatio(label: string): FigureOf {
  return ({ ratios }) =>
    most(
      ratios.filter((ratio) => ratio.label === label),
      (one) => one.value,
    );
}

function bestRate(idStart: string): FigureOf {
  return ({ rows }) =>
    most(
      rows.filter(({ id }) => id.startsWith(idStart)),
      (one) => one.perSecond,
    );
}

function most<T>(items: readonly T[], figure: (item: T) => number): number | null {
  return items.length === 0 ? null : Math.max(...items.map(figure));
}

function row(id: string, figure: (row: Row) => number | null): FigureOf {
  return ({ rows }) => {
    const found = rows.find((row) => row.id === id);
    return found === undefined ? null : figure(found);
  };
}

function megabytes({ rssBytesMax }: Row): number | null {
  return rssBytesMax === null ? null : rssBytesMax / 1e6;
}

function extraOf(name: string): (workload: StoredWorkload) => number | null {
  return ({ extra }) => extra[name] ?? null;
}

function growthMb({ extra }: StoredWorkload): number | null {
  const bytes = extra['rssGrowthBytes'];
  return bytes === undefined ? null : bytes / 1e6;
}

/** The p99 beside others, as a share of what is allowed. */
function shareOfAllowed(besideMs: number | undefined, aloneMs: number | undefined): number | null {
  if (besideMs === undefined || aloneMs === undefined) return null;
  return besideMs / Math.max(2 * aloneMs, 20);
}
