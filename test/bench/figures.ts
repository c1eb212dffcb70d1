/** The figures of one line of a workload. */
import { median } from './statistics.js';

/** One measurement of a line, in one round. */
export interface Sample {
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly p999Ms: number;
  readonly maxMs: number;
  /** CPU per operation; null if it is unknown or does not apply. */
  readonly gatewayUs: number | null;
  readonly postgresUs: number | null;
  readonly generatorUs: number;
  /** The peak since the start, of all processes of the gateway together. */
  readonly rssBytesMax: number | null;
  /** The longest time for which the gateway's event loop was blocked. */
  readonly loopBlockMsMax: number | null;
  /** Answers OVERLOADED, if more was offered than can be handled. */
  readonly refusedPerSecond: number;
  readonly refusedP99Ms: number;
  /** Requests that were due but not sent, because every connection waited for an answer. */
  readonly unsent: number;
}

export const FIGURES = [
  'perSecond',
  'p50Ms',
  'p99Ms',
  'p999Ms',
  'maxMs',
  'gatewayUs',
  'postgresUs',
  'generatorUs',
  'rssBytesMax',
  'loopBlockMsMax',
  'refusedPerSecond',
  'refusedP99Ms',
  'unsent',
] as const satisfies readonly (keyof Sample)[];

export type Figure = (typeof FIGURES)[number];

/** A line's medians over the rounds, for each figure separately. */
export interface Row extends Sample {
  readonly id: string;
  readonly label: string;
  /** What is counted per second: requests, or the events in them. */
  readonly unit: 'requests' | 'events' | 'pairs';
  /** Whether it is only for comparison, and not Tollgate itself. */
  readonly baseline: boolean;
  readonly failures: number;
  readonly failure: string | null;
  /** The rate in each round, to show how stable it was. */
  readonly rounds: readonly number[];
}

export interface Measured {
  readonly sample: Sample;
  readonly failures: number;
  readonly failure: string | null;
}

export type RowHead = Pick<Row, 'id' | 'label' | 'unit' | 'baseline'>;

export function rowOf({ id, label, unit, baseline }: RowHead, measured: readonly Measured[]): Row {
  const samples = measured.map(({ sample }) => sample);
  const of = (figure: Figure) => medianOf(samples, figure);
  const number = (figure: Figure) => of(figure) ?? Number.NaN;
  return {
    id,
    label,
    unit,
    baseline,
    perSecond: number('perSecond'),
    p50Ms: number('p50Ms'),
    p99Ms: number('p99Ms'),
    p999Ms: number('p999Ms'),
    maxMs: number('maxMs'),
    gatewayUs: of('gatewayUs'),
    postgresUs: of('postgresUs'),
    generatorUs: number('generatorUs'),
    rssBytesMax: of('rssBytesMax'),
    loopBlockMsMax: of('loopBlockMsMax'),
    refusedPerSecond: number('refusedPerSecond'),
    refusedP99Ms: number('refusedP99Ms'),
    unsent: number('unsent'),
    failures: measured.reduce((sum, { failures }) => sum + failures, 0),
    failure: measured.find(({ failure }) => failure !== null)?.failure ?? null,
    rounds: samples.map(({ perSecond }) => perSecond),
  };
}

/** Null if it is unknown for any round. */
function medianOf(samples: readonly Sample[], figure: Figure): number | null {
  const values = samples.map((sample) => sample[figure]);
  const told = values.filter((value) => value !== null);
  return told.length < values.length || told.length === 0 ? null : median(told);
}

/** One line's figure over another's, round by round, so that both had the same conditions. */
export interface Ratio {
  readonly of: string;
  readonly to: string;
  readonly figure: Figure;
  /** The head of its column. */
  readonly label: string;
  readonly better: 'HIGHER' | 'LOWER';
  readonly value: number;
}

export function ratioOf(
  spec: Omit<Ratio, 'value'>,
  samples: (id: string) => readonly Sample[],
): Ratio {
  const below = samples(spec.to);
  const values = samples(spec.of).map(
    (sample, round) =>
      (sample[spec.figure] ?? Number.NaN) / (below[round]?.[spec.figure] ?? Number.NaN),
  );
  return { ...spec, value: median(values) };
}
