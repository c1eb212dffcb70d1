/** Other kinds of usage on one gateway, each beside the spread load in the same process and round. */
import {
  ANY_ENTITY_ID,
  API_CALLS,
  ENTITY_ID,
  EVENT_NAME,
  MODEL_TOKENS,
  TOKENS,
} from '../fill/families.js';
import {
  CONNECTIONS,
  gateways,
  httpGroup,
  linesAt,
  measured,
  over,
  WARM_UP_REQUESTS,
} from '../lines.js';
import { type Family, track, trackWithKey } from '../requests.js';
import { measureRounds } from '../rounds.js';
import type { HttpLoad, Workload } from '../workload.js';
import { EVERYONE, SPREAD } from './spread.js';

type LoadOn = Omit<HttpLoad, 'kind' | 'connections'>;

export const hot = besideSpread(
  'hot',
  'the same on one customer and one feature',
  { ...SPREAD, customers: { count: 1, stride: 1 } },
  CONNECTIONS,
);

export const spreadKeys = besideSpread(
  'spread-keys',
  'the same over 10,000 customers, each with an idempotency key of its own',
  { ...trackWithKey('plain', { featureId: API_CALLS }), customers: EVERYONE },
  CONNECTIONS,
);

export const eventName = besideSpread(
  'event-name',
  'an event name that charges two features',
  { ...track('event', { eventName: EVENT_NAME }), customers: EVERYONE },
  [256, 1],
  ['plain', 'event'],
);

const CREDITS: LoadOn = { ...track('credit', { featureId: TOKENS }), customers: EVERYONE };
const BY_PROPERTY: LoadOn = {
  ...track('priced', { featureId: MODEL_TOKENS }),
  customers: EVERYONE,
};

export const credits: Workload = {
  name: 'credits',
  about: 'a feature that is paid for in credits, at one cost and at the last of ten by property',
  async run(bench) {
    const data = await bench.smallDatabase('plain', 'credit', 'priced');
    const lines = [
      ...linesAt([256], { id: 'spread', label: 'Tollgate, spread' }, SPREAD),
      ...linesAt([256, 1], { id: 'credits', label: 'Tollgate, credits' }, CREDITS),
      ...linesAt([256], { id: 'by-property', label: 'Tollgate, credits by property' }, BY_PROPERTY),
    ];
    const rounds = await measureRounds(bench, [httpGroup(gateways(data), data, lines)]);
    return measured(rounds, [
      over(['credits-256'], 'spread-256', '÷ spread'),
      over(['by-property-256'], 'credits-256', '÷ credits'),
    ]);
  },
};

export const entity = besideSpread(
  'entity',
  "an entity's own balance, before its customer's",
  { ...track('seat', { featureId: API_CALLS, entityId: ENTITY_ID }), customers: EVERYONE },
  [256, 1],
  ['plain', 'seat'],
);

/** As many customers as can be cached with each of their entities before the measured part. */
const TEAMS = { count: WARM_UP_REQUESTS / 10, stride: 1 } as const;

export const tenEntities = besideSpread(
  'ten-entities',
  'ten entities of one customer in turn, each with a balance of its own',
  { ...track('team', { featureId: API_CALLS, entityId: ANY_ENTITY_ID }), customers: TEAMS },
  [256, 1],
  ['plain', 'team'],
);

function besideSpread(
  name: string,
  about: string,
  load: LoadOn,
  connections: readonly number[],
  families: readonly Family[] = ['plain'],
): Workload {
  return {
    name,
    about,
    async run(bench) {
      const data = await bench.smallDatabase(...families);
      const lines = [
        ...linesAt([256], { id: 'spread', label: 'Tollgate, spread' }, SPREAD),
        ...linesAt(connections, { id: name, label: `Tollgate, ${name}` }, load),
      ];
      const rounds = await measureRounds(bench, [httpGroup(gateways(data), data, lines)]);
      return measured(rounds, [over([`${name}-256`], 'spread-256', '÷ spread')]);
    },
  };
}
