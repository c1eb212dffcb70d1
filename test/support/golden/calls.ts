/**
 * The contents of the golden files: calls that store something, and reads of it. A release that
 * stores something in a new form captures them again (docs/adr/0020-stored-results.md); every later
 * release must give the same answers.
 */

const GRANT = `fragment Grant on Balance {
  id priority granted remaining used overage unlimited createdAt startsAt expiresAt nextResetAt
  resetInterval resetIntervalCount resetAnchor carryOverage overageAllowed overageLimit
  rollovers { granted remaining expiresAt } rollover { max maxPercent interval intervalCount }
  feature { id featureId } entity { id entityId } customer { id customerId }
}`;

const REFUSED = `... on Error { code message }
  ... on IdempotencyConflictError { field idempotencyKey }
  ... on InvalidInputError { issues { path value rule } }`;

/** Everything in the first answer that later events do not change. */
export const TRACK = `mutation Track($input: BalancesTrackInput!) {
  answer: trackBalance(input: $input) {
    __typename
    ... on TrackBalancePayload {
      replayed value customer { id customerId } entity { id entityId }
      event { id value properties occurredAt recordedAt idempotencyKey eventName
        feature { featureId } entity { entityId } customer { customerId }
        deductions { amount feature { featureId } balance { id } }
        unapplied { amount feature { featureId } chargedFeature { featureId } } }
      balance { ...Sum } balances { ...Sum breakdown { ...Grant } }
      deductions { amount feature { featureId } balance { ...Grant } }
      unapplied { amount feature { featureId } chargedFeature { featureId } }
    }
    ... on InsufficientBalanceError { replayed
      missing { amount feature { featureId } chargedFeature { featureId } } }
    ${REFUSED}
  }
}
fragment Sum on FeatureBalance {
  feature { featureId } granted remaining usage overage unlimited overageAllowed nextResetAt
}
${GRANT}`;

export const CREATE_BALANCE = `mutation Grant($input: BalancesCreateInput!) {
  answer: createBalance(input: $input) {
    __typename
    ... on CreateBalancePayload { replayed balance { ...Grant } customer { id customerId } }
    ${REFUSED}
  }
}
${GRANT}`;

export interface Call {
  readonly document: string;
  readonly input: Readonly<Record<string, unknown>>;
}

const key = (name: string) => ({ idempotencyKey: name });
const track = (name: string, input: object): Call => ({
  document: TRACK,
  input: { customerId: 'acme', ...input, ...key(name) },
});
const grant = (name: string, input: object): Call => ({
  document: CREATE_BALANCE,
  input: { customerId: 'acme', ...input, ...key(name) },
});

export const FEATURES = [
  { featureId: 'messages', eventNames: ['chat'] },
  { featureId: 'tokens', eventNames: ['chat'] },
  { featureId: 'seats', type: 'CONTINUOUS' },
  { featureId: 'flag', type: 'BOOLEAN', eventNames: ['chat'] },
  { featureId: 'minutes' },
  { featureId: 'unheld' },
  {
    featureId: 'credits',
    type: 'CREDIT_SYSTEM',
    creditCosts: [
      { featureId: 'messages', cost: 0.2 },
      { featureId: 'tokens', cost: 1.4 },
    ],
  },
];

export const CUSTOMERS = [
  { customerId: 'acme', entities: ['seat-1', 'seat:2'] },
  { customerId: 'poor' },
];

const RESET = {
  resetInterval: 'MONTH',
  resetIntervalCount: 2,
  resetAnchor: '2026-01-31T10:15:30.250Z',
};

/** Created first, so that there is something to roll over when the clock has advanced. */
export const GRANTS: readonly Call[] = [
  grant('grant plain', { featureId: 'messages', granted: 10.5 }),
  grant('grant nothing', { featureId: 'messages', granted: 0, priority: 3 }),
  grant('grant of everything', {
    featureId: 'messages',
    granted: 100,
    priority: -7,
    ...RESET,
    rollover: { max: 50.25, interval: 'MONTH', intervalCount: 3 },
    carryOverage: true,
    overageAllowed: true,
    overageLimit: 12.5,
    startsAt: '2026-02-01T00:00:00Z',
    expiresAt: '2990-01-01T00:00:00Z',
  }),
  grant('grant to an entity', { featureId: 'messages', granted: 5, entityId: 'seat-1' }),
  grant('grant that rolls over', {
    featureId: 'minutes',
    granted: 60,
    resetInterval: 'DAY',
    rollover: { maxPercent: 150 },
  }),
  grant('grant that rolls over for a while', {
    featureId: 'minutes',
    granted: 7.0000000001,
    resetInterval: 'HOUR',
    rollover: { interval: 'DAY' },
  }),
  grant('grant of credits', { featureId: 'credits', granted: 99_999_999_999.9999 }),
  grant('grant without limit', { featureId: 'tokens', unlimited: true }),
  grant('grant of seats', { featureId: 'seats', granted: 3 }),
  grant('grant of a switch', { featureId: 'flag' }),
];

export const TRACKS: readonly Call[] = [
  track('plain', { featureId: 'messages' }),
  track('decimals', { featureId: 'messages', value: 0.0000000001 }),
  track('large', { featureId: 'credits', value: 999999999.25, overageBehavior: 'OVERFLOW' }),
  track('from several balances', { featureId: 'messages', value: 130 }),
  track('with everything', {
    featureId: 'messages',
    value: 2.5,
    entityId: 'seat-1',
    timestamp: '2026-03-01T12:00:00.123+02:00',
    properties: { b: [1, { d: null, c: 'ü' }], a: { z: true, y: 0.5 }, __proto: '"\\' },
    overageBehavior: 'OVERFLOW',
  }),
  track('by an entity without a balance', { featureId: 'messages', entityId: 'seat:2' }),
  track('by event name', { eventName: 'chat', value: 3 }),
  track('from what was rolled over', { featureId: 'minutes', value: 70.5 }),
  track('over the limit', { customerId: 'poor', featureId: 'messages', value: 4 }),
  track('refused', { featureId: 'unheld', value: 4, overageBehavior: 'REJECT' }),
  track('refused twice', {
    customerId: 'poor',
    eventName: 'chat',
    value: 1,
    overageBehavior: 'REJECT',
  }),
  track('unapplied', { featureId: 'minutes', value: 1_000_000 }),
  track('beyond all limits', { featureId: 'minutes', value: 500, overageBehavior: 'OVERFLOW' }),
  track('given back', { featureId: 'messages', value: -20.25 }),
  track('given back too much', { featureId: 'seats', value: -5 }),
  track('seats', { featureId: 'seats', value: 4 }),
  track('unlimited', { featureId: 'tokens', value: 12.75 }),
  track('zero', { featureId: 'messages', value: 0 }),
  track('a switch', { featureId: 'flag' }),
  track('not held', { featureId: 'unheld', value: 7 }),
  track(`key with "quotes", \\ and ü ${'k'.repeat(200)}`, { featureId: 'messages' }),
];

/** The same keys with one change each, and the field that must be named. */
export const CONFLICTS: readonly (readonly [key: string, change: object, field: string])[] = [
  ['plain', { featureId: 'credits' }, 'featureId'],
  ['plain', { value: 1.0000000001 }, 'value'],
  ['plain', { entityId: 'seat-1' }, 'entityId'],
  ['plain', { overageBehavior: 'OVERFLOW' }, 'overageBehavior'],
  ['plain', { properties: {} }, 'properties'],
  ['plain', { featureId: null, eventName: 'chat' }, 'featureId'],
  ['with everything', { properties: { a: 1 } }, 'properties'],
  ['with everything', { properties: null }, 'properties'],
  ['with everything', { timestamp: '2026-03-01T12:00:00.124+02:00' }, 'timestamp'],
  ['with everything', { timestamp: null }, 'timestamp'],
  ['grant plain', { granted: 11 }, 'granted'],
  ['grant plain', { resetInterval: 'MONTH' }, 'resetInterval'],
  ['grant plain', { overageAllowed: true }, 'overageAllowed'],
  ['grant of seats', { overageAllowed: false }, 'overageAllowed'],
  ['grant of everything', { priority: -6 }, 'priority'],
  ['grant of everything', { resetInterval: 'YEAR' }, 'resetInterval'],
  ['grant of everything', { resetIntervalCount: 3 }, 'resetIntervalCount'],
  ['grant of everything', { resetAnchor: null }, 'resetAnchor'],
  ['grant of everything', { resetTimeZone: 'Asia/Tokyo' }, 'resetTimeZone'],
  ['grant of everything', { carryOverage: false }, 'carryOverage'],
  ['grant of everything', { rollover: { max: 50.25 } }, 'rollover'],
  ['grant of everything', { expiresAt: null }, 'expiresAt'],
  ['grant of everything', { overageLimit: 12 }, 'overageLimit'],
];

/** The same input written differently, which is not a conflict. */
export const ALIKE: readonly (readonly [key: string, change: object])[] = [
  ['plain', { value: 1.0, overageBehavior: 'CAP', entityId: null, properties: null }],
  [
    'with everything',
    {
      properties: { a: { y: 0.5, z: true }, __proto: '"\\', b: [1, { c: 'ü', d: null }] },
      timestamp: '2026-03-01T10:00:00.123Z',
    },
  ],
  ['grant plain', { unlimited: false, priority: 0, entityId: null, overageAllowed: false }],
  ['grant of seats', { overageAllowed: true }],
  ['grant of a switch', { overageAllowed: false }],
  ['grant without limit', { overageAllowed: false }],
  ['grant that rolls over', { resetTimeZone: 'UTC', resetIntervalCount: 1, carryOverage: null }],
  [
    'grant of everything',
    { carryOverage: true, rollover: { intervalCount: 3, max: 50.25, interval: 'MONTH' } },
  ],
];

/** Reads of what does not change: events, entries, ids and cursors. Each may use earlier results. */
export const EVENTS = `query Events($first: Int, $after: String, $before: String, $last: Int) {
  events(first: $first, after: $after, before: $before, last: $last) {
    pageInfo { startCursor endCursor hasNextPage hasPreviousPage }
    edges { cursor node {
      id value properties occurredAt recordedAt idempotencyKey eventName feature { id featureId }
      entity { id entityId } customer { id customerId }
      deductions { amount feature { featureId } balance { id } }
      unapplied { amount feature { featureId } chargedFeature { featureId } }
    } }
  }
}`;

export const CUSTOMER_PAGE = `query Customers($first: Int, $after: String) {
  customers(first: $first, after: $after) {
    pageInfo { endCursor hasNextPage }
    edges { cursor node { id customerId entities(first: 1) {
      edges { cursor node { id entityId customer { id } } }
    } } }
  }
}`;

export const NODE = `query Node($id: ID!) {
  node(id: $id) {
    __typename id
    ... on Balance { createdAt priority feature { featureId } customer { customerId } }
    ... on UsageEvent { value recordedAt customer { customerId } }
    ... on CustomerEntity { entityId customer { customerId } }
    ... on Customer { customerId createdAt }
    ... on Feature { featureId type }
    ... on LedgerEntry { kind amount balanceAfter: grantedAfter usedAfter effectiveAt recordedAt }
  }
}`;

export const LEDGER = `query Ledger($id: ID!, $first: Int, $after: String, $last: Int, $before: String) {
  node(id: $id) {
    ... on Balance {
      ledger(first: $first, after: $after, last: $last, before: $before) {
        edges { cursor node { id kind amount usedAfter effectiveAt event { id } } }
      }
    }
  }
}`;
