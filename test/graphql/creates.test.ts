/** Every create is safe to retry after its answer was lost. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestGateway, type TestGateway } from '../support/gateway/gateway.js';
import { setUp } from '../support/gateway/set-up.js';

let gateway: TestGateway;

beforeAll(async () => {
  gateway = await startTestGateway();
  await setUp(gateway, {
    features: [{ featureId: 'messages' }],
    customers: [{ customerId: 'acme' }],
    balances: [],
  });
});

afterAll(() => gateway.close());

async function run(field: string) {
  const { data, errors } = await gateway.execute(`mutation { answer: ${field} }`);
  expect(errors).toEqual([]);
  return data.answer;
}

const FACTS = {
  createCustomer: 'customer { id customerId name createdAt }',
  createEntity: 'entity { id entityId name metadata createdAt }',
  createFeature: 'feature { id featureId name createdAt }',
} as const;

const create = (mutation: keyof typeof FACTS, input: string) =>
  run(`${mutation}(input: { ${input} }) { __typename ... on Error { code }
    ... on ${mutation[0]?.toUpperCase()}${mutation.slice(1)}Payload { created ${FACTS[mutation]} } }`);

describe.each<[keyof typeof FACTS, string]>([
  ['createCustomer', 'customerId: "again", name: "First"'],
  ['createEntity', 'customerId: "acme", entityId: "again", name: "First", metadata: { a: 1 }'],
  [
    'createFeature',
    'featureId: "again", name: "First", type: CREDIT_SYSTEM, creditCosts: [{ featureId: "messages", cost: 0 }]',
  ],
])('%s', (mutation, input) => {
  it('sent again returns what exists, with created: false', async () => {
    const first = await create(mutation, input);
    expect(first).toMatchObject({ created: true });
    expect(await create(mutation, input)).toEqual({ ...first, created: false });
  });

  it('sent ten times at once creates one', async () => {
    const other = input.replace('again', 'at-once');
    const answers = await Promise.all(Array.from({ length: 10 }, () => create(mutation, other)));
    expect(answers.filter(({ created }) => created)).toHaveLength(1);
    const facts = new Set(answers.map(({ created: _, ...rest }) => JSON.stringify(rest)));
    expect([...facts]).toHaveLength(1);
  });

  it('with another name changes nothing', async () => {
    const first = await create(mutation, input);
    const answer = await create(mutation, input.replace('First', 'Second'));
    // The name is part of a feature's definition, and one definition must not pass for another.
    if (mutation === 'createFeature') expect(answer).toMatchObject({ code: 'ALREADY_EXISTS' });
    else expect(answer).toEqual({ ...first, created: false });
  });
});

describe('createEntity', () => {
  const input = 'customerId: "acme", entityId: "leaves", name: "Old"';

  it('recreates a deleted entity', async () => {
    await create('createEntity', input);
    await run('deleteEntity(input: { customerId: "acme", entityId: "leaves" }) { __typename }');
    const again = await create('createEntity', input.replace('Old', 'New'));
    expect(again).toMatchObject({ created: true, entity: { name: 'New', metadata: {} } });
  });

  it('twice in one operation creates one and answers both', async () => {
    const field = `createEntity(input: { customerId: "acme", entityId: "twin", name: "Twin" }) {
      ... on CreateEntityPayload { created entity { name } } }`;
    const { data } = await gateway.execute(`mutation { a: ${field} b: ${field} }`);
    expect(data).toEqual({
      a: { created: true, entity: { name: 'Twin' } },
      b: { created: false, entity: { name: 'Twin' } },
    });
  });
});

describe('createBalance', () => {
  const grant = (fields: string) =>
    run(`createBalance(input: { customerId: "acme", featureId: "messages", granted: 5, ${fields} }) {
      ... on Error { code } ... on CreateBalancePayload { replayed balance { id granted used } } }`);

  it('sent again with its key returns the balance as it was created', async () => {
    const first = await grant('idempotencyKey: "g1"');
    await run('trackBalance(input: { customerId: "acme", featureId: "messages" }) { __typename }');
    expect(await grant('idempotencyKey: "g1"')).toEqual({ ...first, replayed: true });
  });

  it('sent again with its key does so even if the balance has expired since', async () => {
    const expiresAt = new Date(Date.now() + 3_600_000).toISOString();
    const fields = `idempotencyKey: "g2", expiresAt: "${expiresAt}"`;
    const first = await grant(fields);
    gateway.setClockOffset(2 * 3_600_000);
    try {
      expect(await grant(fields)).toEqual({ ...first, replayed: true });
    } finally {
      gateway.setClockOffset(0);
    }
  });
});
