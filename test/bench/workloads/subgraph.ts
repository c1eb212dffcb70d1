/** What a gateway asks a subgraph: 100 customers with their balances in one request. */
import { baseline, gateways, httpGroup, linesAt, measured, over } from '../lines.js';
import { readEntities } from '../requests.js';
import { measureRounds } from '../rounds.js';
import type { Workload } from '../workload.js';
import { EVERYONE } from './spread.js';

const ENTITIES = 100;

/** Gateways keep few connections. */
const CONNECTIONS = [64, 8] as const;

/** Each of them is a hundred customers. */
const WARM_UP_REQUESTS = 200;

const LOAD = { ...readEntities('reader', ENTITIES), customers: EVERYONE };

export const subgraph: Workload = {
  name: 'subgraph',
  about: '100 customers with five balances each in one `_entities`, beside the ceiling',
  async run(bench) {
    const data = await bench.smallDatabase('reader');
    const tollgate = gateways(data);
    const server = { ...tollgate, environment: { ...tollgate.environment, SUBGRAPH: 'on' } };
    const unit = 'requests';
    const rounds = await measureRounds(bench, [
      httpGroup(
        baseline('ceiling.ts', data),
        data,
        linesAt([64], { id: 'ceiling', label: 'ceiling', unit }, LOAD),
      ),
      {
        ...httpGroup(
          server,
          data,
          linesAt(CONNECTIONS, { id: 'tollgate', label: 'Tollgate', unit }, LOAD),
        ),
        warmUpRequests: WARM_UP_REQUESTS,
      },
    ]);
    return measured(rounds, [over(['tollgate-64'], 'ceiling-64', '÷ ceiling')]);
  },
};
