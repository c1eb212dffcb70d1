/** A customer with all its current balances and their breakdown. */
import { baseline, CONNECTIONS, gateways, httpGroup, linesAt, measured, over } from '../lines.js';
import { readBalances } from '../requests.js';
import { measureRounds } from '../rounds.js';
import type { Workload } from '../workload.js';
import { EVERYONE } from './spread.js';

/** Customers with five balances, one of them with a reset that is due. */
export const READ = { ...readBalances('reader'), customers: EVERYONE };

export const read: Workload = {
  name: 'read',
  about: 'a customer with five balances and their breakdown, beside the ceiling',
  async run(bench) {
    const data = await bench.smallDatabase('reader');
    const rounds = await measureRounds(bench, [
      httpGroup(
        baseline('ceiling.ts', data),
        data,
        linesAt([256], { id: 'ceiling', label: 'ceiling' }, READ),
      ),
      httpGroup(
        gateways(data),
        data,
        linesAt(CONNECTIONS, { id: 'tollgate', label: 'Tollgate' }, READ),
      ),
    ]);
    return measured(rounds, [over(['tollgate-256'], 'ceiling-256', '÷ ceiling')]);
  },
};
