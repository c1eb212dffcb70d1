/** Customers, entities, features and balances: created, changed and read again. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestGateway, type TestGateway } from '../support/gateway/gateway.js';
import { setUp } from '../support/gateway/set-up.js';

let gateway: TestGateway;

beforeAll(async () => {
  gateway = await startTestGateway();
  await setUp(gateway, {
    features: [
      { featureId: 'messages' },
      { featureId: 'seats', type: 'CONTINUOUS' },
      { featureId: 'sso', type: 'BOOLEAN' },
    ],
    customers: [{ customerId: 'acme', entities: ['seat'] }],
    balances: [],
  });
});
afterAll(() => gateway.close());

async function run(field: string) {
  const { data, errors } = await gateway.execute(`mutation { answer: ${field} }`);
  expect(errors).toEqual([]);
  return data.answer;
}

async function read(field: string) {
  const { data, errors } = await gateway.execute(`{ answer: ${field} }`);
  expect(errors).toEqual([]);
  return data.answer;
}

describe('a customer', () => {
  const customer = 'customer { customerId name email metadata createdAt updatedAt }';
  const created = `{ ... on CreateCustomerPayload { created ${customer} } }`;
  const updated = `{ ... on UpdateCustomerPayload { ${customer} } }`;

  it('is created once and returned unchanged after that', async () => {
    const first = await run(`createCustomer(input: {
      customerId: "new", name: "New", email: "new@example.com", metadata: { plan: "pro" }
    }) ${created}`);
    expect(first).toMatchObject({
      created: true,
      customer: {
        customerId: 'new',
        name: 'New',
        email: 'new@example.com',
        metadata: { plan: 'pro' },
      },
    });
    const again = await run(
      `createCustomer(input: { customerId: "new", name: "Other" }) ${created}`,
    );
    expect(again).toEqual({ ...first, created: false });
    expect(await read(`customer(customerId: "new") { name }`)).toEqual({ name: 'New' });
  });

  it('is updated in the fields that are given, and cleared by null', async () => {
    await run(`createCustomer(input: {
      customerId: "changing", name: "A", email: "a@example.com", metadata: { a: 1 }
    }) ${created}`);
    const change = (fields: string) =>
      run(`updateCustomer(input: { customerId: "changing" ${fields} }) ${updated}`);
    expect((await change('name: "B"')).customer).toMatchObject({
      name: 'B',
      email: 'a@example.com',
      metadata: { a: 1 },
    });
    expect((await change('email: null, metadata: { b: [] }')).customer).toMatchObject({
      name: 'B',
      email: null,
      metadata: { b: [] },
    });
    expect((await change('name: null, metadata: null')).customer).toMatchObject({
      name: null,
      metadata: {},
    });
  });
});

describe('an entity', () => {
  const entity = 'entity { id entityId name metadata createdAt customer { customerId } }';

  it('is found with its customer', async () => {
    const { entity: made } = await run(`createEntity(input: {
      customerId: "acme", entityId: "robot", name: "Robot", metadata: { a: null }
    }) { ... on CreateEntityPayload { ${entity} } }`);
    expect(made).toMatchObject({
      entityId: 'robot',
      name: 'Robot',
      metadata: { a: null },
      customer: { customerId: 'acme' },
    });
    const { id, ...facts } = made;
    expect(
      await read(
        `customer(customerId: "acme") { ${entity.replace('entity', 'entity(entityId: "robot")')} }`,
      ),
    ).toEqual({ entity: made });
    expect(await read(`node(id: "${id}") { ... on CustomerEntity { entityId name } }`)).toEqual({
      entityId: facts.entityId,
      name: facts.name,
    });
  });

  it('is updated in the fields that are given, and cleared by null', async () => {
    const change = (id: string, fields: string) =>
      run(`updateEntity(input: { customerId: "acme", entityId: "${id}" ${fields} }) {
        ... on UpdateEntityPayload { entity { entityId name metadata customer { customerId } } }
        ... on Error { code }
      }`);
    await run(`createEntity(input: {
      customerId: "acme", entityId: "desk", name: "A", metadata: { a: 1 }
    }) { __typename }`);
    const desk = { entityId: 'desk', metadata: { a: 1 }, customer: { customerId: 'acme' } };
    expect(await change('desk', '')).toEqual({ entity: { ...desk, name: 'A' } });
    expect(await change('desk', 'name: "B"')).toEqual({ entity: { ...desk, name: 'B' } });
    const cleared = { entity: { ...desk, name: null, metadata: {} } };
    expect(await change('desk', 'name: null, metadata: null')).toEqual(cleared);
    await run('deleteEntity(input: { customerId: "acme", entityId: "desk" }) { __typename }');
    expect(await change('desk', 'name: "C"')).toEqual({ code: 'ENTITY_NOT_FOUND' });
  });

  it('is gone once deleted, and still named by its usage events', async () => {
    await setUp(gateway, {
      features: [],
      customers: [{ customerId: 'leaving', entities: ['gone'] }],
      balances: [
        { customerId: 'leaving', entityId: 'gone', featureId: 'messages', granted: 5 },
        { customerId: 'leaving', featureId: 'messages', granted: 7 },
      ],
    });
    // Not even what its customer has.
    const HELD = 'balances { remaining } balance(featureId: "messages") { remaining }';
    const NONE = { balances: [], balance: null };
    await run(`trackBalance(input: {
      customerId: "leaving", entityId: "gone", featureId: "messages"
    }) { __typename }`);
    const { entity: deleted } = await run(`deleteEntity(input: {
      customerId: "leaving", entityId: "gone"
    }) { ... on DeleteEntityPayload { entity { id entityId createdAt ${HELD} } } }`);
    expect(deleted).toMatchObject({ entityId: 'gone', createdAt: expect.any(String), ...NONE });
    expect(await read(`node(id: "${deleted.id}") { id }`)).toBeNull();
    expect(
      await read(`customer(customerId: "leaving") {
        entity(entityId: "gone") { id }
        entities { edges { cursor } }
        balances { usage }
        events { edges { node { entity { entityId name metadata createdAt ${HELD} } } } }
      }`),
    ).toEqual({
      entity: null,
      entities: { edges: [] },
      balances: [{ usage: 0 }],
      events: {
        edges: [
          {
            node: {
              entity: { entityId: 'gone', name: null, metadata: {}, createdAt: null, ...NONE },
            },
          },
        ],
      },
    });
  });
});

describe('a feature', () => {
  it('is updated in the fields that are given', async () => {
    await run(`createFeature(input: {
      featureId: "words", name: "Words", type: CONSUMABLE, eventNames: ["wrote"]
    }) { __typename }`);
    await run(`createFeature(input: {
      featureId: "credits", name: "Credits", type: CREDIT_SYSTEM,
      creditCosts: [{ featureId: "words", cost: 0.2 }]
    }) { __typename }`);
    await run('updateFeature(input: { featureId: "words", name: "Written words" }) { __typename }');
    await run('updateFeature(input: { featureId: "credits", name: null }) { __typename }');
    const facts = 'name type eventNames creditCosts { cost feature { featureId name } }';
    expect(await read(`feature(featureId: "words") { ${facts} }`)).toEqual({
      name: 'Written words',
      type: 'CONSUMABLE',
      eventNames: ['wrote'],
      creditCosts: [],
    });
    expect(await read(`feature(featureId: "credits") { ${facts} }`)).toEqual({
      name: 'Credits',
      type: 'CREDIT_SYSTEM',
      eventNames: [],
      creditCosts: [{ cost: 0.2, feature: { featureId: 'words', name: 'Written words' } }],
    });
  });
});

describe('a balance', () => {
  const terms = `granted remaining used overage unlimited priority resetInterval resetIntervalCount
    resetAnchor nextResetAt rollover { max maxPercent interval intervalCount } carryOverage startsAt
    expiresAt overageAllowed overageLimit rollovers { granted } entity { entityId }
    feature { featureId } customer { customerId }`;

  it('has all the terms that it was granted with', async () => {
    const { balance, replayed } = await run(`createBalance(input: {
      customerId: "acme", featureId: "messages", entityId: "seat", granted: 12.5, priority: -3
      resetInterval: MONTH, resetIntervalCount: 2, resetAnchor: "2026-01-31T00:00:00+01:00"
      rollover: { maxPercent: 50, interval: YEAR }, carryOverage: true
      expiresAt: "2999-12-31T23:59:59.999Z", overageAllowed: true, overageLimit: 5
      idempotencyKey: "grant-1"
    }) { ... on CreateBalancePayload { replayed balance { ${terms} } } }`);
    expect(replayed).toBe(false);
    expect(balance).toEqual({
      granted: 12.5,
      remaining: 12.5,
      used: 0,
      overage: 0,
      unlimited: false,
      priority: -3,
      resetInterval: 'MONTH',
      resetIntervalCount: 2,
      resetAnchor: '2026-01-30T23:00:00.000Z',
      nextResetAt: expect.stringMatching(/-(28|29|30)T23:00:00\.000Z$/),
      rollover: { max: null, maxPercent: 50, interval: 'YEAR', intervalCount: 1 },
      carryOverage: true,
      startsAt: null,
      expiresAt: '2999-12-31T23:59:59.999Z',
      overageAllowed: true,
      overageLimit: 5,
      rollovers: [],
      entity: { entityId: 'seat' },
      feature: { featureId: 'messages' },
      customer: { customerId: 'acme' },
    });
  });

  it('treats an explicit null as the default', async () => {
    const { balance } = await run(`createBalance(input: {
      customerId: "acme", featureId: "seats", granted: 3, unlimited: null, priority: null
      resetInterval: DAY, resetIntervalCount: null, rollover: { max: 1, intervalCount: null }
      carryOverage: null, overageAllowed: null
    }) { ... on CreateBalancePayload { balance { ${terms} } } }`);
    expect(balance).toMatchObject({
      unlimited: false,
      priority: 0,
      resetInterval: 'DAY',
      resetIntervalCount: 1,
      rollover: { max: 1, maxPercent: null, interval: null, intervalCount: null },
      carryOverage: false,
      overageAllowed: true,
      overageLimit: null,
    });
  });

  it('of a boolean feature has no amount', async () => {
    const { balance } = await run(`createBalance(input: {
      customerId: "acme", featureId: "sso"
    }) { ... on CreateBalancePayload { balance { granted unlimited } } }`);
    expect(balance).toEqual({ granted: 0, unlimited: false });
  });

  it('is granted once per idempotency key', async () => {
    const grant = (granted: number) =>
      run(`createBalance(input: {
        customerId: "acme", featureId: "messages", granted: ${granted}, idempotencyKey: "once"
      }) {
        ... on CreateBalancePayload { replayed balance { id createdAt } }
        ... on IdempotencyConflictError { code field idempotencyKey }
      }`);
    const first = await grant(7);
    expect(await grant(7)).toEqual({ ...first, replayed: true });
    expect(await grant(8)).toEqual({
      code: 'IDEMPOTENCY_CONFLICT',
      field: 'granted',
      idempotencyKey: 'once',
    });
  });
});
