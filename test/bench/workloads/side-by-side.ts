/** Processes that serve the same customers, with as many calls in flight in each as in one alone. */
import type { BenchData } from '../fill/small.js';
import { gateways, httpGroup, linesAt, measured, over, under } from '../lines.js';
import { measureRounds } from '../rounds.js';
import type { ServerSpec } from '../servers.js';
import type { Workload } from '../workload.js';
import { SPREAD } from './spread.js';

/** Of each process. */
const CONNECTIONS_EACH = 128;

const COUNTS = [2, 4] as const;

const WAYS = ['off', 'on'] as const;

export const sideBySide: Workload = {
  name: 'side-by-side',
  about: '1, 2 and 4 workers on the same customers at random, with 128 connections for each',
  async run(bench) {
    const data = await bench.smallDatabase();
    const one = { id: 'one', label: 'one process' };
    const several = COUNTS.flatMap((count) => WAYS.map((way) => ({ count, way })));
    const rounds = await measureRounds(bench, [
      httpGroup(gateways(data), data, linesAt([CONNECTIONS_EACH], one, SPREAD)),
      ...several.map((workers) => {
        const lines = linesAt([workers.count * CONNECTIONS_EACH], nameOf(workers), SPREAD);
        return httpGroup(serverOf(workers, data), data, lines);
      }),
    ]);
    const ids = several.map(
      (workers) => `${nameOf(workers).id}-${workers.count * CONNECTIONS_EACH}`,
    );
    const alone = `one-${CONNECTIONS_EACH}`;
    return measured(rounds, [
      over(ids, alone, '÷ one'),
      under(ids, alone, 'gateway µs ÷ one', 'gatewayUs'),
      under(ids, alone, 'PostgreSQL µs ÷ one', 'postgresUs'),
    ]);
  },
};

interface Workers {
  readonly count: number;
  readonly way: (typeof WAYS)[number];
}

function serverOf({ count, way }: Workers, data: BenchData): ServerSpec {
  const options = ['--workers', String(count)];
  const environment = { DATABASE_URL: data.url, FORWARD: way };
  return { kind: 'GATEWAY', count: 1, options, environment };
}

function nameOf({ count, way }: Workers) {
  return { id: `workers${count}-${way}`, label: `${count} workers, FORWARD=${way}` };
}
