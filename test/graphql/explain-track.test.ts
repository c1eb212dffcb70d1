/** `explainTrack` over HTTP (R30): what it tells, that it is what the call then does, and that it writes nothing. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { written } from '../support/access/written.js';
import { startTestGateway, type TestGateway } from '../support/gateway/gateway.js';
import { setUp } from '../support/gateway/set-up.js';

let gateway: TestGateway;

beforeAll(async () => {
  gateway = await startTestGateway();
  await setUp(gateway, {
    features: [
      { featureId: 'messages' },
      { featureId: 'sso', type: 'BOOLEAN' },
      {
        featureId: 'credits',
        type: 'CREDIT_SYSTEM',
        creditCosts: [{ featureId: 'messages', cost: 0.2 }],
      },
    ],
    customers: [{ customerId: 'acme', entities: ['seat'] }, { customerId: 'over' }],
    balances: [
      { customerId: 'acme', featureId: 'messages', granted: 10 },
      { customerId: 'acme', featureId: 'messages', granted: 5, entityId: 'seat' },
      { customerId: 'acme', featureId: 'credits', granted: 100 },
      {
        customerId: 'over',
        featureId: 'messages',
        granted: 10,
        overageAllowed: true,
        overageLimit: 5,
      },
    ],
  });
});
afterAll(() => gateway.close());

const EXPLAIN = `query ($input: BalancesTrackInput!) { explainTrack(input: $input) {
  __typename ... on Error { code }
  ... on ExplainTrackPayload {
    refusal refusalMessage unapplied { amount }
    steps { place chargedFeature { featureId } balance { feature { featureId } } isRolledOver cost criterion
      available availableOverage takenAsGrant takenAsOverage }
  } } }`;

async function run(document: string, input: object) {
  const { data, errors } = await gateway.execute(document, { input });
  expect(errors).toEqual([]);
  return Object.values(data)[0] as Record<string, unknown>;
}

const explained = (input: object) => run(EXPLAIN, input);
const ACME = { customerId: 'acme', featureId: 'messages' };
const OVER = { customerId: 'over', featureId: 'messages' };

const step = (featureId: string, fields: object) => ({
  chargedFeature: { featureId: 'messages' },
  balance: { feature: { featureId } },
  isRolledOver: false,
  availableOverage: 0,
  takenAsOverage: 0,
  ...fields,
});

it('tells who would pay, in drain order, and writes nothing', async () => {
  const own = { cost: 1, available: 5, takenAsGrant: 5 };
  const told = {
    __typename: 'ExplainTrackPayload',
    refusal: null,
    refusalMessage: null,
    unapplied: [],
    steps: [
      step('messages', { ...own, place: 1, criterion: 'ENTITY' }),
      step('messages', {
        ...own,
        place: 2,
        criterion: 'OWN_FEATURE',
        available: 10,
        takenAsGrant: 10,
      }),
      step('credits', { place: 3, cost: 0.2, criterion: null, available: 100, takenAsGrant: 1 }),
    ],
  };
  const input = { ...ACME, entityId: 'seat', value: 20, idempotencyKey: 'explained' };
  const before = await written(gateway);
  for (const _ of [1, 2]) expect(await explained(input)).toEqual(told);
  expect(await written(gateway)).toBe(before);
});

it('names the refusal that it would be', async () => {
  const told = await explained({ ...ACME, value: 520, overageBehavior: 'REJECT' });
  expect(told).toMatchObject({ refusal: 'INSUFFICIENT_BALANCE', unapplied: [{ amount: 2 }] });
  const refused = await run(
    'mutation ($input: BalancesTrackInput!) { trackBalance(input: $input) { ... on Error { code message } } }',
    { ...ACME, value: 520, overageBehavior: 'REJECT' },
  );
  expect(refused).toEqual({ code: told['refusal'], message: told['refusalMessage'] });
});

it.each([
  ['an unknown customer', { ...ACME, customerId: 'x' }, 'CUSTOMER_NOT_FOUND'],
  ['an unknown entity', { ...ACME, entityId: 'x' }, 'ENTITY_NOT_FOUND'],
  ['an unknown feature', { ...ACME, featureId: 'x' }, 'FEATURE_NOT_FOUND'],
  ['an unknown event name', { customerId: 'acme', eventName: 'x' }, 'EVENT_NAME_NOT_FOUND'],
  ['a value that is too fine', { ...ACME, value: 1e-11 }, 'INVALID_INPUT'],
  [
    'a time in the future',
    { ...ACME, timestamp: new Date(Date.now() + 1e8).toISOString() },
    'INVALID_INPUT',
  ],
  ['neither feature nor event name', { customerId: 'acme' }, 'INVALID_INPUT'],
])('refuses %s', async (_, input, code) => {
  expect(await explained(input)).toMatchObject({ code });
});

it('has no steps of a BOOLEAN feature, of which nothing is taken', async () => {
  expect(await explained({ ...ACME, featureId: 'sso' })).toMatchObject({
    refusal: null,
    steps: [],
    unapplied: [],
  });
});

it('is what the call then does, with what is reserved in between', async () => {
  const track = `mutation ($input: BalancesTrackInput!) { trackBalance(input: $input) {
    ... on TrackBalancePayload { deductions { amount } unapplied { amount } } } }`;
  const reserve =
    'mutation ($input: BalancesReserveInput!) { reserveBalance(input: $input) { __typename } }';
  const input = { ...OVER, value: 5 };
  expect(await explained(input)).toMatchObject({
    steps: [{ available: 10, availableOverage: 5, takenAsGrant: 5, takenAsOverage: 0 }],
  });
  await run(reserve, { ...OVER, value: 12, overageBehavior: 'CAP' });
  const told = {
    steps: [{ available: 0, availableOverage: 3, takenAsGrant: 0, takenAsOverage: 3 }],
    unapplied: [{ amount: 2 }],
  };
  expect(await explained(input)).toMatchObject(told);
  expect(await run(track, input)).toEqual({
    deductions: [{ amount: 3 }],
    unapplied: told.unapplied,
  });
  expect(await explained({ ...input, value: -4 })).toMatchObject({
    steps: [{ availableOverage: 0, takenAsGrant: -3, takenAsOverage: 0 }],
    unapplied: [{ amount: -1 }],
  });
});
