/** What belongs to another project cannot be distinguished from what does not exist. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestGateway, type TestGateway } from '../support/gateway/gateway.js';
import { setUp } from '../support/gateway/set-up.js';

let gateway: TestGateway;
let ids: Record<string, string>;

beforeAll(async () => {
  gateway = await startTestGateway();
  await setUp(gateway, {
    features: [{ featureId: 'messages', eventNames: ['chat'] }],
    customers: [{ customerId: 'acme', entities: ['seat'] }],
    balances: [{ customerId: 'acme', featureId: 'messages', granted: 100 }],
  });
  const { data } = await gateway.execute(`mutation {
    trackBalance(input: { customerId: "acme", featureId: "messages", entityId: "seat" }) {
      ... on TrackBalancePayload {
        event { UsageEvent: id }
        customer { Customer: id }
        entity { CustomerEntity: id }
        balance {
          feature { Feature: id }
          breakdown { Balance: id ledger(first: 1) { edges { node { LedgerEntry: id } } } }
        }
      }
    }
  }`);
  ids = Object.fromEntries(globalIds(data));
});
afterAll(() => gateway.close());

/** Every `Type: id` in an answer. */
function* globalIds(value: object): Generator<[string, string]> {
  for (const [key, part] of Object.entries(value)) {
    if (/^[A-Z]/.test(key)) yield [key, String(part)];
    else if (typeof part === 'object' && part !== null) yield* globalIds(part);
  }
}

/** An id of the same form that does not exist. */
function missing(id: string): string {
  const [type, ...parts] = Buffer.from(id, 'base64').toString().split(':');
  const other = parts.map((part) => part.replace(/[0-9a-z](?=$)/, (x) => (x === '9' ? '8' : '9')));
  return Buffer.from([type, ...other].join(':')).toString('base64');
}

const NODE = 'query ($id: ID!) { node(id: $id) { __typename id } }';

async function bytes(query: string, variables: object, secret: string): Promise<string> {
  const headers = { authorization: `Bearer ${secret}` };
  const response = await gateway.send({ headers, body: { query, variables } });
  return `${response.status} ${await response.text()}`;
}

describe('requested by its global id,', () => {
  it.each(['Customer', 'CustomerEntity', 'Feature', 'Balance', 'UsageEvent', 'LedgerEntry'])(
    'a %s of another project is not found',
    async (type) => {
      const id = ids[type] ?? '';
      const own = await bytes(NODE, { id }, gateway.secret);
      expect(own).toBe(`200 ${JSON.stringify({ data: { node: { __typename: type, id } } })}`);
      const foreign = await bytes(NODE, { id }, gateway.foreignSecret);
      expect(foreign).toBe('200 {"data":{"node":null}}');
      expect(foreign).toBe(await bytes(NODE, { id: missing(id) }, gateway.secret));
    },
  );
});

describe('requested at the same time as its owner reads it,', () => {
  /** Reads of different requests share statements, which must not share what they find. */
  it('a Customer of another project is not found, and the owner gets it', async () => {
    const id = ids['Customer'] ?? '';
    const query = `query ($id: ID!) {
      node(id: $id) { ... on Customer { customerId name balances { remaining } } }
    }`;
    const secrets = Array.from({ length: 200 }, (_, index) =>
      index % 2 === 0 ? gateway.secret : gateway.foreignSecret,
    );
    const answers = await Promise.all(secrets.map((secret) => bytes(query, { id }, secret)));
    const owned = new Set(answers.filter((_, index) => index % 2 === 0));
    const foreign = new Set(answers.filter((_, index) => index % 2 === 1));
    expect([...foreign]).toEqual(['200 {"data":{"node":null}}']);
    expect([...owned]).toEqual([expect.stringContaining('"customerId":"acme"')]);
  });
});

describe('with the ids that another project chose,', () => {
  const reads = [
    '{ customer(customerId: "acme") { id name entities { edges { cursor } } } }',
    '{ feature(featureId: "messages") { id name } }',
    '{ customers { edges { cursor } pageInfo { endCursor } } }',
    '{ features { edges { cursor } pageInfo { endCursor } } }',
    '{ events { edges { cursor } pageInfo { endCursor } } }',
    '{ events(customerId: "acme") { edges { cursor } pageInfo { endCursor } } }',
    '{ events(entityId: "seat") { edges { cursor } pageInfo { endCursor } } }',
    '{ events(featureId: "messages") { edges { cursor } pageInfo { endCursor } } }',
  ];

  it.each(reads)('nothing is found: %s', async (query) => {
    const foreign = await bytes(query, {}, gateway.foreignSecret);
    const nowhere = query.replace(/"\w+"/, '"nowhere"');
    expect(foreign).toBe(await bytes(nowhere, {}, gateway.foreignSecret));
    expect(foreign).not.toBe(await bytes(query, {}, gateway.secret));
  });

  const REFUSAL = '{ __typename ... on Error { code } }';
  const writes = [
    `trackBalance(input: { customerId: "ID", featureId: "messages" }) ${REFUSAL}`,
    `createBalance(input: { customerId: "ID", featureId: "messages", granted: 1 }) ${REFUSAL}`,
    `reserveBalance(input: { customerId: "ID", featureId: "messages" }) ${REFUSAL}`,
    `captureReservation(input: { customerId: "ID", reservationId: "r" }) ${REFUSAL}`,
    `extendReservation(input: { customerId: "ID", reservationId: "r" }) ${REFUSAL}`,
    `releaseReservation(input: { customerId: "ID", reservationId: "r" }) ${REFUSAL}`,
    `reserveBalances(inputs: [{ customerId: "ID", featureId: "messages" }]) ${REFUSAL}`,
    `captureReservations(inputs: [{ customerId: "ID", reservationId: "r" }]) ${REFUSAL}`,
    `extendReservations(inputs: [{ customerId: "ID", reservationId: "r" }]) ${REFUSAL}`,
    `releaseReservations(inputs: [{ customerId: "ID", reservationId: "r" }]) ${REFUSAL}`,
    `updateBalance(input: { customerId: "ID", id: "BALANCE", usage: 1 }) ${REFUSAL}`,
    `deleteBalance(input: { customerId: "ID", id: "BALANCE" }) ${REFUSAL}`,
    `updateBalance(input: { customerId: "ID", balanceId: "own", usage: 1 }) ${REFUSAL}`,
    `createBalance(input: { customerId: "ID", balanceId: "own", featureId: "messages", granted: 1 }) ${REFUSAL}`,
    `updateCustomer(input: { customerId: "ID", name: "Theirs" }) ${REFUSAL}`,
    `createEntity(input: { customerId: "ID", entityId: "other" }) ${REFUSAL}`,
    `updateEntity(input: { customerId: "ID", entityId: "seat", name: "Theirs" }) ${REFUSAL}`,
    `deleteEntity(input: { customerId: "ID", entityId: "seat" }) ${REFUSAL}`,
    `deleteCustomer(input: { customerId: "ID" }) ${REFUSAL}`,
    `updateFeature(input: { featureId: "ID", name: "Theirs" }) ${REFUSAL}`,
    `archiveFeature(input: { featureId: "ID" }) ${REFUSAL}`,
    `deleteFeature(input: { featureId: "ID" }) ${REFUSAL}`,
  ];

  it.each(['voidEvent', 'amendEvent'])('no usage event is undone by %s', async (field) => {
    const before = await contents();
    const query = `mutation ($id: String!) { ${field}(input: { eventId: $id }) { ... on Error { code } } }`;
    const id = ids['UsageEvent'] ?? '';
    const foreign = await bytes(query, { id }, gateway.foreignSecret);
    expect(foreign).toBe(`200 {"data":{"${field}":{"code":"EVENT_NOT_FOUND"}}}`);
    expect(foreign).toBe(await bytes(query, { id: missing(id) }, gateway.secret));
    expect(await contents()).toEqual(before);
  });

  it('no usage events are undone by voidEvents', async () => {
    const before = await contents();
    const query = `mutation ($id: String!) {
      voidEvents(input: { filter: { customerId: $id }, dryRun: false }) {
        ... on VoidEventsPayload { voided alreadyVoided notVoided { eventId } hasMore endCursor }
      }
    }`;
    const foreign = await bytes(query, { id: 'acme' }, gateway.foreignSecret);
    expect(foreign).toContain('{"voided":0,"alreadyVoided":0,"notVoided":[],"hasMore":false,');
    expect(foreign).toBe(await bytes(query, { id: 'nowhere' }, gateway.foreignSecret));
    expect(await contents()).toEqual(before);
  });

  it.each(writes)('nothing is written: %s', async (field) => {
    const before = await contents();
    const id = /^[a-z]+Feature\(/.test(field) ? 'messages' : 'acme';
    const query = `mutation { ${field} }`.replace('BALANCE', ids['Balance'] ?? '');
    const foreign = await bytes(query.replace('ID', id), {}, gateway.foreignSecret);
    expect(foreign).toMatch(/"code":"(CUSTOMER|FEATURE)_NOT_FOUND"/);
    expect(foreign).toBe(await bytes(query.replace('ID', 'nowhere'), {}, gateway.foreignSecret));
    expect(await contents()).toEqual(before);
  });

  it('a project can create its own customers and features', async () => {
    await setUp(
      gateway,
      { features: [{ featureId: 'messages' }], customers: [{ customerId: 'acme' }], balances: [] },
      gateway.foreignSecret,
    );
    const query = '{ customer(customerId: "acme") { id balances { remaining } } }';
    const theirs = JSON.parse((await bytes(query, {}, gateway.foreignSecret)).slice(4));
    expect(theirs.data.customer.balances).toEqual([]);
    expect(theirs.data.customer.id).not.toBe(ids['Customer']);
  });
});

async function contents(): Promise<unknown> {
  const tables = ['customers', 'entities', 'features', 'balances', 'events', 'ledger_entries'];
  return Promise.all(tables.map((table) => gateway.sql(`SELECT * FROM ${table} ORDER BY 1, 2, 3`)));
}
