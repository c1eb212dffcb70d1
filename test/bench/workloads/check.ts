/** Checks of customers with five balances: one a request, and of customers with ten, a thousand. */
import { API_CALLS, TEN_FEATURES } from '../fill/families.js';
import { baseline, CONNECTIONS, gateways, httpGroup, linesAt, measured, over } from '../lines.js';
import type { CustomerRange } from '../protocol.js';
import { checkMany, check as checkOne } from '../requests.js';
import { measureRounds } from '../rounds.js';
import { schemaHas } from '../servers/stock-schema.js';
import type { Workload } from '../workload.js';
import { READ } from './read.js';
import { EVERYONE } from './spread.js';

const MISSING = { kind: 'SKIPPED', reason: 'schema.graphql has no checkBalance.' } as const;

export const check: Workload = {
  name: 'check',
  about: 'checkBalance of a customer with five balances, beside the read ceiling',
  async run(bench) {
    if (!schemaHas('checkBalance')) return MISSING;
    const data = await bench.smallDatabase('reader');
    const load = { ...checkOne('reader', API_CALLS), customers: EVERYONE };
    const rounds = await measureRounds(bench, [
      httpGroup(
        baseline('ceiling.ts', data),
        data,
        linesAt([256], { id: 'ceiling', label: 'ceiling' }, READ),
      ),
      httpGroup(
        gateways(data),
        data,
        linesAt(CONNECTIONS, { id: 'tollgate', label: 'Tollgate' }, load),
      ),
    ]);
    return measured(rounds, [over(['tollgate-256'], 'ceiling-256', '÷ ceiling')]);
  },
};

const CUSTOMERS_CHECKED = 100;

/** As many as a gateway caches unless CACHED_BALANCES_MAX says more: each counts as eleven balances. */
const CACHED: CustomerRange = { count: 9_000, stride: 1 };

/** Enough for all accounts to be cached. */
const WARM_UP_REQUESTS = 200;

export const check100x10: Workload = {
  name: 'check-100x10',
  about: 'checkBalances of 100 customers with ten features each: 1,000 checks per request',
  async run(bench) {
    if (!schemaHas('checkBalances')) return MISSING;
    const data = await bench.smallDatabase('wide');
    const load = { ...checkMany('wide', TEN_FEATURES, CUSTOMERS_CHECKED), customers: CACHED };
    const head = { id: 'tollgate', label: 'Tollgate', unit: 'requests' } as const;
    const rounds = await measureRounds(bench, [
      {
        ...httpGroup(gateways(data), data, linesAt([8, 1], head, load)),
        warmUpRequests: WARM_UP_REQUESTS,
      },
    ]);
    return measured(rounds, []);
  },
};
