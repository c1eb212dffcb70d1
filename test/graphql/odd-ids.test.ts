/** Ids that callers choose: 1 to 255 printable ASCII characters without spaces, stored and compared exactly. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestGateway, type TestGateway } from '../support/gateway/gateway.js';

const ALL = Array.from({ length: 94 }, (_, index) => String.fromCharCode(33 + index)).join('');

const IDS: readonly string[] = [
  'auth0|5f',
  'jane@example.com',
  'openai/gpt-4o',
  '../acme',
  ':',
  '::',
  'a:b:c',
  'Customer:a',
  '=1.5',
  '==',
  '{a,b}',
  '{}',
  'NULL',
  'null',
  '"',
  '"a","b"',
  "a';DROP",
  '\\',
  '\\"',
  '\\\\N',
  '%_',
  '$1',
  '__proto__',
  'constructor',
  '~',
  '!',
  ALL,
  [...ALL].reverse().join(''),
  'x'.repeat(255),
  '"'.repeat(255),
  '\\'.repeat(255),
];

/** Event names may be 128 characters long. */
const eventNameOf = (id: string) => id.slice(0, 128);

let gateway: TestGateway;

beforeAll(async () => {
  gateway = await startTestGateway();
});

afterAll(() => gateway.close());

async function run(document: string, variables: Record<string, unknown>) {
  const { data, errors } = await gateway.execute(document, variables);
  expect(errors).toEqual([]);
  return data;
}

const SET_UP = `mutation ($id: String!, $name: String!, $eventName: String!) {
  feature: createFeature(input: { featureId: $id, name: $name, type: CONSUMABLE, eventNames: [$eventName] }) {
    ... on CreateFeaturePayload { created feature { id featureId } }
  }
  customer: createCustomer(input: { customerId: $id }) {
    ... on CreateCustomerPayload { created customer { id customerId } }
  }
  entity: createEntity(input: { customerId: $id, entityId: $id, name: $name }) {
    ... on CreateEntityPayload { created entity { id entityId } }
  }
  balance: createBalance(input: { customerId: $id, entityId: $id, featureId: $id, granted: 10 }) {
    ... on CreateBalancePayload { balance { id } }
  }
}`;

const TRACK = `mutation ($input: BalancesTrackInput!) { trackBalance(input: $input) {
  ... on Error { code message }
  ... on TrackBalancePayload {
    replayed event { id entity { entityId } feature { featureId } eventName }
    customer { customerId } entity { entityId name }
    balances { feature { featureId } remaining breakdown { entity { entityId } } }
    deductions { feature { featureId } amount balance { id } }
    unapplied { feature { featureId } chargedFeature { featureId } amount }
  }
} }`;

const NODE = `query ($id: ID!) { node(id: $id) { id
  ... on Customer { is: customerId } ... on Feature { is: featureId } ... on CustomerEntity { is: entityId }
} }`;

describe('an id of any printable characters', () => {
  const made = new Map<string, Record<string, { id: string }>>();

  it('is accepted for customers, features and entities', async () => {
    for (const [index, id] of IDS.entries()) {
      const data = await run(SET_UP, { id, name: `name ${index}`, eventName: eventNameOf(id) });
      expect(data).toMatchObject({
        feature: { created: true, feature: { featureId: id } },
        customer: { created: true, customer: { customerId: id } },
        entity: { created: true, entity: { entityId: id } },
        balance: { balance: {} },
      });
      made.set(id, {
        feature: data.feature.feature,
        customer: data.customer.customer,
        entity: data.entity.entity,
      });
    }
  });

  it.each(['featureId', 'eventName'])(
    'is tracked by %s, replayed, and not confused with any other',
    async (field) => {
      const answers = await Promise.all(
        IDS.map(async (id) => {
          const input = {
            customerId: id,
            entityId: id,
            [field]: field === 'featureId' ? id : eventNameOf(id),
            value: 12,
            idempotencyKey: `${field}${id.slice(0, 240)}`,
          };
          const { trackBalance: first } = await run(TRACK, { input });
          const { trackBalance: again } = await run(TRACK, { input });
          expect(again).toEqual({ ...first, replayed: true });
          return first;
        }),
      );
      for (const [index, id] of IDS.entries()) {
        const [taken, missing] = field === 'featureId' ? [10, 2] : [0, 12];
        expect(answers[index]).toMatchObject({
          event: {
            entity: { entityId: id },
            [field === 'featureId' ? 'feature' : 'eventName']:
              field === 'featureId' ? { featureId: id } : eventNameOf(id),
          },
          customer: { customerId: id },
          entity: { entityId: id, name: `name ${index}` },
          balances: [
            { feature: { featureId: id }, remaining: 0, breakdown: [{ entity: { entityId: id } }] },
          ],
          deductions: taken === 0 ? [] : [{ feature: { featureId: id }, amount: 10 }],
          unapplied: [
            { feature: { featureId: id }, chargedFeature: { featureId: id }, amount: missing },
          ],
        });
      }
    },
  );

  it('is found by its global id', async () => {
    for (const [id, nodes] of made) {
      for (const { id: globalId } of Object.values(nodes)) {
        expect(await run(NODE, { id: globalId })).toEqual({ node: { id: globalId, is: id } });
      }
    }
  });

  it.each<[string, string]>([
    ['customers', 'customerId'],
    ['features', 'featureId'],
  ])('is listed in order by pages of one: %s', async (list, field) => {
    const seen: string[] = [];
    let after: string | null = null;
    do {
      const data: Record<string, Page> = await run(
        `query ($after: String) { list: ${list}(first: 1, after: $after) {
          edges { node { is: ${field} } } pageInfo { endCursor hasNextPage } } }`,
        { after },
      );
      const page = data['list'] ?? expect.fail('a page');
      seen.push(...page.edges.map(({ node }) => node.is));
      after = page.pageInfo.hasNextPage ? page.pageInfo.endCursor : null;
    } while (after !== null);
    expect(seen).toEqual([...IDS].sort());
  });

  it('selects its own events as a customer, entity, feature or event name', async () => {
    for (const id of IDS) {
      for (const filter of ['customerId', 'entityId', 'featureId', 'eventName']) {
        const { events } = await run(
          `query ($id: String!) { events(${filter}: $id) { edges { node { customer { customerId } } } } }`,
          { id: filter === 'eventName' ? eventNameOf(id) : id },
        );
        const count = filter === 'featureId' || filter === 'eventName' ? 1 : 2;
        expect(events.edges, `${filter} ${id}`).toEqual(
          Array.from({ length: count }, () => ({ node: { customer: { customerId: id } } })),
        );
      }
    }
  });

  it('can be used in one batch with all the others', async () => {
    const inputs = IDS.flatMap((id) => [
      { customerId: id, entityId: id, featureId: id, idempotencyKey: '{"\\' },
      { customerId: id, entityId: id, eventName: eventNameOf(id), idempotencyKey: id },
    ]);
    const { trackBalances } = await run(
      `mutation ($inputs: [BalancesTrackInput!]!) { trackBalances(inputs: $inputs) {
        ... on TrackBalancePayload { customer { customerId } entity { entityId } } ... on Error { message } } }`,
      { inputs },
    );
    expect(trackBalances).toEqual(
      inputs.map(({ customerId, entityId }) => ({
        customer: { customerId },
        entity: { entityId },
      })),
    );
  });
});

interface Page {
  readonly edges: readonly { readonly node: { readonly is: string } }[];
  readonly pageInfo: { readonly endCursor: string; readonly hasNextPage: boolean };
}

describe('the database', () => {
  it.each([
    ['customers', 'UPDATE customers SET id = $1 WHERE id = $2'],
    [
      'features',
      `INSERT INTO features (project_id, id, name, type) SELECT project_id, $1, $2, 'BOOLEAN' FROM features LIMIT 1`,
    ],
    ['entities', 'UPDATE entities SET id = $1 WHERE id = $2'],
  ])('accepts no other id in %s', async (_, statement) => {
    for (const id of ['', 'a b', 'x'.repeat(256), 'é', '\u007f', 'a\n']) {
      await expect(gateway.sql(statement, [id, '!'])).rejects.toThrow(/_id_check/);
    }
  });
});
