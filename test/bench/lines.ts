/** The parts of most workloads. */

import { type Figure, type Ratio, ratioOf } from './figures.js';
import type { BenchData } from './fill/small.js';
import type { Rounds } from './rounds.js';
import type { ServerSpec } from './servers.js';
import type { Group, HttpLoad, Line, Outcome } from './workload.js';

export const CONNECTIONS = [256, 64, 1] as const;

/** A gateway that has run for a while has cached its customers, so each of them is used once. */
export const WARM_UP_REQUESTS = 10_000;

export const LOAD_GENERATOR = 'load/main.ts';

/** Tollgate itself, on PostgreSQL. */
export function gateways(data: BenchData, count = 1, options: readonly string[] = []): ServerSpec {
  return { kind: 'GATEWAY', count, options, environment: { DATABASE_URL: data.url } };
}

export function baseline(module: string, { url, projectId }: BenchData): ServerSpec {
  const environment = { DATABASE_URL: url, BENCH_PROJECT: projectId };
  return { kind: 'BASELINE', module, environment };
}

/** A group whose generator sends HTTP requests to the server. */
export function httpGroup(server: ServerSpec, data: BenchData, lines: readonly Line[]): Group {
  const warmUpRequests = server.kind === 'GATEWAY' ? WARM_UP_REQUESTS : 0;
  return { server, generator: LOAD_GENERATOR, data, warmUpRequests, lines };
}

type LoadOn = Omit<HttpLoad, 'kind' | 'connections'>;

/** The same load at each number of connections: `tollgate-256`, `tollgate-64`... */
export function linesAt(
  connections: readonly number[],
  { id, label, unit = 'requests' }: { id: string; label: string; unit?: Line['unit'] },
  load: LoadOn,
): Line[] {
  return connections.map((count) => ({
    id: `${id}-${count}`,
    label: `${label}, ${count} connection${count === 1 ? '' : 's'}`,
    unit,
    load: { kind: 'HTTP', connections: count, ...load },
  }));
}

type Comparison = Omit<Ratio, 'of' | 'value'> & { readonly of: readonly string[] };

/** A ratio of one line over another for which higher is better. */
export function over(
  of: readonly string[],
  to: string,
  label: string,
  figure: Figure = 'perSecond',
): Comparison {
  return { of, to, label, figure, better: 'HIGHER' };
}

/** A ratio for which lower is better, such as that of latencies. */
export function under(
  of: readonly string[],
  to: string,
  label: string,
  figure: Figure,
): Comparison {
  return { of, to, label, figure, better: 'LOWER' };
}

export function measured(
  { rows, samples }: Rounds,
  comparisons: readonly Comparison[],
  more: { remarks?: readonly string[]; extra?: Readonly<Record<string, number>> } = {},
): Outcome {
  const ratios = comparisons.flatMap(({ of, ...spec }) =>
    of.map((id) => ratioOf({ ...spec, of: id }, samples)),
  );
  return { kind: 'MEASURED', rows, ratios, remarks: more.remarks ?? [], extra: more.extra ?? {} };
}

/** A group whose driver works on the database without a gateway. */
export function driverGroup(generator: string, data: BenchData, lines: readonly Line[]): Group {
  return { server: null, generator, data, warmUpRequests: 0, lines };
}
