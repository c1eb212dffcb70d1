import type { Distribution } from '../platform/distribution.js';

export type Labels = Readonly<Record<string, string>>;

export interface Sample {
  /** If it is not that of its family: `..._bucket`, `..._sum` or `..._count` of a histogram. */
  readonly metricName?: string;
  readonly labels: Labels;
  readonly value: number;
}

/** A metric: what it is called, what it means, and its values when it is asked. */
export interface Family {
  readonly name: string;
  readonly help: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  /** In parts, if there are many: what is read in one turn of the event loop is up to the reader. */
  samples(): Iterable<Sample>;
}

const NO_LABELS: Labels = {};

export function counter(
  name: string,
  help: string,
  samples: () => number | Iterable<Sample>,
): Family {
  return { name, help, type: 'counter', samples: () => listOf(samples()) };
}

export function gauge(
  name: string,
  help: string,
  samples: () => number | Iterable<Sample>,
): Family {
  return { name, help, type: 'gauge', samples: () => listOf(samples()) };
}

/** Of one distribution, or of one for each combination of labels. */
export function histogram(
  name: string,
  help: string,
  distributions: () => readonly (readonly [Labels, Distribution])[],
): Family {
  return {
    name,
    help,
    type: 'histogram',
    *samples() {
      for (const [labels, one] of distributions()) yield* samplesOf(name, labels, one);
    },
  };
}

/** A sample for each name that has been counted. */
export function byLabel(label: string, counts: Iterable<readonly [string, number]>): Sample[] {
  return [...counts].map(([name, value]) => ({ labels: { [label]: name }, value }));
}

function listOf(samples: number | Iterable<Sample>): Iterable<Sample> {
  return typeof samples === 'number' ? [{ labels: NO_LABELS, value: samples }] : samples;
}

/** Prometheus wants to know for each bound how many values were no larger. */
function samplesOf(name: string, labels: Labels, { bounds, counts, sum }: Distribution): Sample[] {
  let count = 0;
  const buckets = counts.map((inBucket, index) => {
    count += inBucket;
    const le = bounds[index] === undefined ? '+Inf' : String(bounds[index]);
    return { metricName: `${name}_bucket`, labels: { ...labels, le }, value: count };
  });
  return [
    ...buckets,
    { metricName: `${name}_sum`, labels, value: sum },
    { metricName: `${name}_count`, labels, value: count },
  ];
}
