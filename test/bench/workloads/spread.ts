/** One use per request, each of any of 10,000 customers. */
import { CUSTOMERS } from '../bench.js';
import { API_CALLS } from '../data/families.js';
import { baseline, CONNECTIONS, gateways, httpGroup, linesAt, measured, over } from '../lines.js';
import { track } from '../requests.js';
import { measureRounds } from '../rounds.js';
import type { Workload } from '../workload.js';

export const PLAIN = { count: CUSTOMERS, stride: 1 } as const;

/** The load that most workloads compare theirs with. */
export const SPREAD = { ...track('plain', { featureId: API_CALLS }), customers: PLAIN };

export const spread: Workload = {
  name: 'spread',
  about: 'one trackBalance per request over 10,000 customers, beside all baselines',
  async run(bench) {
    const data = await bench.smallDatabase();
    const lines = (id: string, label: string) => linesAt(CONNECTIONS, { id, label }, SPREAD);
    const rounds = await measureRounds(bench, [
      httpGroup(baseline('stock.ts', data), data, lines('stock', 'stock Yoga, no-op')),
      httpGroup(baseline('ceiling.ts', data), data, lines('ceiling', 'ceiling')),
      httpGroup(baseline('straight.ts', data), data, lines('straight', 'straight transaction')),
      httpGroup(gateways(data), data, lines('tollgate', 'Tollgate')),
    ]);
    const comparisons = CONNECTIONS.flatMap((count) =>
      (['stock', 'ceiling', 'straight'] as const).map((base) =>
        over([`tollgate-${count}`], `${base}-${count}`, `÷ ${base}`),
      ),
    );
    return measured(rounds, comparisons);
  },
};
