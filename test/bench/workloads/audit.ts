/** All kinds of usage on one database, so that the audit that follows covers each of them. */
import { API_CALLS, ENTITY_ID, EVENT_NAME, TOKENS } from '../fill/families.js';
import { gateways, httpGroup, linesAt, measured } from '../lines.js';
import { track, trackWithKey } from '../requests.js';
import { measureRounds } from '../rounds.js';
import type { Workload } from '../workload.js';
import { EVERYONE, SPREAD } from './spread.js';

const KINDS = {
  'with keys': trackWithKey('plain', { featureId: API_CALLS }),
  'event name': track('event', { eventName: EVENT_NAME }),
  credits: track('credit', { featureId: TOKENS }),
  entity: track('seat', { featureId: API_CALLS, entityId: ENTITY_ID }),
} as const;

export const auditAfterAll: Workload = {
  name: 'audit',
  about: 'all kinds of use by two gateways at once, then a proof that every balance is its ledger',
  async run(bench) {
    const data = await bench.smallDatabase('plain', 'event', 'credit', 'seat');
    const lines = [
      ...linesAt([64], { id: 'spread', label: 'spread' }, SPREAD),
      ...linesAt(
        [64],
        { id: 'hot', label: 'one hot customer' },
        { ...SPREAD, customers: { count: 1, stride: 1 } },
      ),
      ...Object.entries(KINDS).flatMap(([label, request]) =>
        linesAt([64], { id: label, label }, { ...request, customers: EVERYONE }),
      ),
    ];
    return measured(await measureRounds(bench, [httpGroup(gateways(data, 2), data, lines)]), []);
  },
};
