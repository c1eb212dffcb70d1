/** The tabs that GraphiQL opens with, run from left to right. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { READY_TABS } from '../../src/http/graphiql/tabs.js';
import { createDemoKey } from '../support/gateway/demo.js';
import { startTestGateway, type TestGateway } from '../support/gateway/gateway.js';

let gateway: TestGateway;

beforeAll(async () => {
  gateway = await startTestGateway();
});
afterAll(() => gateway.close());

/** As their comments say; the second run shows what is safe to repeat. */
const FROM_NOTHING = { balance: { granted: 100, remaining: 97, usage: 3 } };
const CREATED = {
  createFeature: { created: true },
  createCustomer: { created: true },
  createBalance: { replayed: false },
  trackBalance: { ...FROM_NOTHING, replayed: false },
};
const REPEATED = {
  createFeature: { created: false },
  createCustomer: { created: false },
  createBalance: { replayed: true },
  trackBalance: { ...FROM_NOTHING, replayed: true },
};
const REFUSALS = {
  createFeature: { __typename: 'CreateFeaturePayload' },
  createCustomer: { __typename: 'CreateCustomerPayload' },
  tooMuch: {
    __typename: 'InsufficientBalanceError',
    missing: [{ feature: { featureId: 'reports' }, amount: 999_903 }],
    code: 'INSUFFICIENT_BALANCE',
  },
  unknownCustomer: { __typename: 'CustomerNotFoundError', code: 'CUSTOMER_NOT_FOUND' },
  invalid: {
    __typename: 'InvalidInputError',
    issues: [{ path: 'featureId' }],
    code: 'INVALID_INPUT',
  },
};
const CHECKED = {
  enough: { allowed: true, balance: { remaining: 97 } },
  tooMuch: {
    allowed: false,
    reason: 'INSUFFICIENT_BALANCE',
    missing: [{ amount: 999_903 }],
    largestAllowed: 97,
    nextChangeAt: expect.any(String),
  },
};
const settled = (replayed: boolean) => ({
  reserveBalance: { balance: { remaining: 6_000, reserved: 4_000, usage: 0 }, replayed },
  captureReservation: {
    reservation: { status: 'CAPTURED', used: 2_750 },
    balance: { remaining: 7_250, reserved: 0, usage: 2_750 },
    replayed,
  },
});
const tracked = (usage: number) => ({
  trackBalance: {
    balance: { granted: 10_000, remaining: 10_000 - usage, usage },
    unapplied: [],
    replayed: false,
  },
});
const NOT_FOUND = { trackBalance: { code: 'CUSTOMER_NOT_FOUND' } };

const customers = (ids: readonly string[]) => ({
  customers: { edges: ids.map((customerId) => ({ node: { customerId } })) },
});

describe.each([
  {
    project: 'the demo project',
    first: [tracked(1), customers(['acme']), CREATED, REFUSALS, CHECKED, settled(false)],
    again: [
      tracked(2),
      customers(['acme', 'my-customer']),
      REPEATED,
      REFUSALS,
      CHECKED,
      settled(true),
    ],
  },
  {
    project: 'a new project',
    first: [NOT_FOUND, customers([]), CREATED, REFUSALS, CHECKED, settled(false)],
    again: [NOT_FOUND, customers(['my-customer']), REPEATED, REFUSALS, CHECKED, settled(true)],
  },
])('in $project', ({ project, first, again }) => {
  let secret: string;

  beforeAll(async () => {
    secret = project === 'a new project' ? gateway.secret : await createDemoKey(gateway);
  });

  it.each([
    ['once', first],
    ['again', again],
  ])('the ready tabs do what they say, run %s from left to right', async (_time, expected) => {
    expect(READY_TABS).toHaveLength(expected.length);
    for (const [index, tab] of READY_TABS.entries()) {
      const { status, data, errors } = await gateway.execute(tab, {}, secret);
      expect({ status, errors }).toEqual({ status: 200, errors: [] });
      expect(data).toMatchObject(expected[index] ?? {});
    }
  });

  it('no refusal was recorded, and nothing twice', async () => {
    const query = '{ customer(customerId: "my-customer") { events { edges { node { value } } } } }';
    const { data } = await gateway.execute(query, {}, secret);
    expect(data.customer.events.edges).toEqual([
      { node: { value: 2_750 } },
      { node: { value: 3 } },
    ]);
  });
});

it('a refusal needs none of the other tabs', async () => {
  const { data } = await gateway.execute(READY_TABS[3] ?? '', {}, gateway.foreignSecret);
  expect(data.tooMuch.missing).toEqual([{ feature: { featureId: 'reports' }, amount: 1_000_000 }]);
  expect(data).toMatchObject({
    unknownCustomer: REFUSALS.unknownCustomer,
    invalid: REFUSALS.invalid,
  });
});

it('each ready tab fits into half a window of 1280 pixels', () => {
  for (const tab of READY_TABS) {
    for (const line of tab.split('\n')) expect(line.length, line).toBeLessThanOrEqual(50);
  }
});
