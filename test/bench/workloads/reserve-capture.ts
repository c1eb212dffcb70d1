/** Amounts that are held and then used: two requests, beside the usage event that records the same in one. */
import { API_CALLS } from '../fill/families.js';
import { gateways, httpGroup, linesAt, measured, over, under, WARM_UP_REQUESTS } from '../lines.js';
import { reserveAndCapture } from '../requests.js';
import { measureRounds } from '../rounds.js';
import { schemaHas } from '../servers/stock-schema.js';
import type { Workload } from '../workload.js';
import { EVERYONE, SPREAD } from './spread.js';

const MISSING = { kind: 'SKIPPED', reason: 'schema.graphql has no reserveBalance.' } as const;

const BOTH = [256, 64] as const;

export const reserveCapture: Workload = {
  name: 'reserve-capture',
  about: 'reserveBalance and then captureReservation, each a request, over 10,000 customers',
  async run(bench) {
    if (!schemaHas('reserveBalance')) return MISSING;
    const data = await bench.smallDatabase();
    const load = {
      ...reserveAndCapture('plain', { featureId: API_CALLS }),
      customers: EVERYONE,
    };
    const group = httpGroup(gateways(data), data, [
      ...linesAt(BOTH, { id: 'spread', label: 'Tollgate, spread' }, SPREAD),
      ...linesAt(BOTH, { id: 'pairs', label: 'Tollgate, pairs', unit: 'pairs' }, load),
    ]);
    const rounds = await measureRounds(bench, [
      // Two requests for each customer.
      { ...group, warmUpRequests: 2 * WARM_UP_REQUESTS },
    ]);
    return measured(
      rounds,
      BOTH.flatMap((count) => [
        over([`pairs-${count}`], `spread-${count}`, '÷ spread'),
        under([`pairs-${count}`], `spread-${count}`, 'gateway µs ÷ spread', 'gatewayUs'),
        under([`pairs-${count}`], `spread-${count}`, 'PostgreSQL µs ÷ spread', 'postgresUs'),
      ]),
    );
  },
};
