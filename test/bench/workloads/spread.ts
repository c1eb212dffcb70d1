/** One usage event per request, each of any of 10,000 customers. */
import { CUSTOMERS } from '../bench.js';
import { API_CALLS } from '../fill/families.js';
import {
  baseline,
  CONNECTIONS,
  driverGroup,
  gateways,
  httpGroup,
  linesAt,
  measured,
  over,
  under,
} from '../lines.js';
import { track } from '../requests.js';
import { measureRounds } from '../rounds.js';
import type { Line, Workload } from '../workload.js';

export const EVERYONE = { count: CUSTOMERS, stride: 1 } as const;

/** The load that most workloads are compared with. */
export const SPREAD = { ...track('plain', { featureId: API_CALLS }), customers: EVERYONE };

const BASELINES = ['stock', 'ceiling', 'straight'] as const;

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
      driverGroup('drivers/statements.ts', data, [STATEMENTS]),
      httpGroup(gateways(data), data, lines('tollgate', 'Tollgate')),
    ]);
    return measured(rounds, [
      ...CONNECTIONS.flatMap((count) =>
        BASELINES.map((base) => over([`tollgate-${count}`], `${base}-${count}`, `÷ ${base}`)),
      ),
      under(['tollgate-1'], STATEMENTS.id, 'p50 ÷ statements', 'p50Ms'),
    ]);
  },
};

const STATEMENTS: Line = {
  id: 'statements-1',
  label: 'the same statements alone, 1 connection',
  unit: 'requests',
  load: { kind: 'DRIVER', connections: 1, customers: EVERYONE },
};
