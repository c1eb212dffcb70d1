/** A person is erased for good: from every table, for every gateway, while the ledger stays and still sums. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ACME, startTokenGateway, type TokenGateway } from '../support/access/token-gateway.js';
import { damagesOf } from '../support/database/project.js';

let gateway: TokenGateway;

beforeAll(async () => {
  gateway = await startTokenGateway();
});
afterAll(() => gateway.close());

const TABLES = [
  'customers',
  'entities',
  'balances',
  'events',
  'ledger_entries',
  'idempotency_keys',
  'event_voids',
];

async function run(field: string) {
  const { data, errors } = await gateway.execute(field);
  expect(errors).toEqual([]);
  return data;
}

const deletion = (
  customerId: string,
) => `mutation { deleteCustomer(input: { customerId: "${customerId}" }) {
  ... on DeleteCustomerPayload { complete customer { id customerId name email metadata deletedAt } }
  ... on Error { code }
} }`;

/** Everything that is stored of the project's customers, as text. */
async function stored(): Promise<string> {
  const tables = await Promise.all(
    TABLES.map((table) => gateway.sql(`SELECT to_json(t)::text AS row FROM ${table} AS t`)),
  );
  return tables
    .flat()
    .map(({ row }) => row)
    .join('\n');
}

const keyOf = async (pattern: string) =>
  (await gateway.sql('SELECT customer_key FROM customers WHERE id LIKE $1', [pattern]))[0]?.[
    'customer_key'
  ];

/** What must be found nowhere afterwards. */
const PERSONAL = 'jane-doe';

async function jane(customerId = `${PERSONAL}@example.com`): Promise<string> {
  const input = `customerId: "${customerId}"`;
  await run(`mutation {
    a: createCustomer(input: { ${input}, name: "${PERSONAL}", email: "${PERSONAL}@example.com", metadata: { a: "${PERSONAL}" } }) { __typename }
    b: createEntity(input: { ${input}, entityId: "${PERSONAL}-seat", name: "${PERSONAL}", metadata: { a: "${PERSONAL}" } }) { __typename }
    c: createEntity(input: { ${input}, entityId: "${PERSONAL}-former", name: "${PERSONAL}" }) { __typename }
    d: createBalance(input: { ${input}, featureId: "messages-hidden", granted: 10, balanceId: "${PERSONAL}-plan", idempotencyKey: "${PERSONAL}-grant" }) { __typename }
    e: createBalance(input: { ${input}, featureId: "messages-hidden", granted: 4, entityId: "${PERSONAL}-seat", balanceId: "${PERSONAL}-seat" }) { __typename }
    f: trackBalance(input: { ${input}, featureId: "messages-hidden", value: 3, properties: { of: "${PERSONAL}" }, idempotencyKey: "${PERSONAL}-use" }) { __typename }
    g: trackBalance(input: { ${input}, featureId: "messages-hidden", value: 2, entityId: "${PERSONAL}-seat" }) { __typename }
    h: deleteEntity(input: { ${input}, entityId: "${PERSONAL}-former" }) { __typename }
  }`);
  return customerId;
}

/** Undoes an event that took nothing, so that the ledger has no entry of it. */
async function undoOne(customerId: string): Promise<void> {
  const { undone } = await run(`mutation {
    undone: trackBalance(input: { customerId: "${customerId}", featureId: "messages-hidden", value: 0 }) {
      ... on TrackBalancePayload { event { id } } } }`);
  const undo = `eventId: "${undone.event.id}", reason: "${PERSONAL} asked", actor: "${PERSONAL}"`;
  const { voidEvent } = await run(`mutation { voidEvent(input: { ${undo} }) { __typename } }`);
  expect(voidEvent).toEqual({ __typename: 'VoidEventPayload' });
}

describe('deleteCustomer', () => {
  it('erases what tells of the person, and keeps amounts and ledger', async () => {
    const customerId = await jane();
    await undoOne(customerId);
    expect(await stored()).toContain(PERSONAL);
    const before = await gateway.sql('SELECT count(*)::int, sum(value)::text FROM events');
    const { deleteCustomer } = await run(deletion(customerId));
    expect(deleteCustomer).toEqual({
      complete: true,
      customer: {
        id: expect.any(String),
        customerId: expect.stringMatching(/^deleted:[0-9a-f-]{36}$/),
        name: null,
        email: null,
        metadata: {},
        deletedAt: expect.any(String),
      },
    });
    expect(await stored()).not.toContain(PERSONAL);
    const key = await keyOf(deleteCustomer.customer.customerId);
    expect(await gateway.sql('SELECT count(*)::int, sum(value)::text FROM events')).toEqual(before);
    const ofJane = await gateway.sql(
      `SELECT trim_scale(sum(used))::text AS used, trim_scale(sum(granted))::text AS granted,
        count(DISTINCT entity_id)::int AS entities FROM balances WHERE customer_key = $1`,
      [key],
    );
    // What was left has been withdrawn, as from a deleted entity.
    expect(ofJane).toEqual([{ used: '5', granted: '5', entities: 1 }]);
    // The seat is the same one wherever it is named.
    const seats = await gateway.sql(
      `SELECT DISTINCT n.id FROM events e JOIN entities n ON n.customer_key = e.customer_key AND n.id = e.entity_id
        JOIN balances b ON b.customer_key = e.customer_key AND b.entity_id = e.entity_id WHERE e.customer_key = $1`,
      [key],
    );
    expect(seats).toEqual([{ id: expect.stringMatching(/^deleted:/) }]);
    expect(
      await gateway.sql('SELECT 1 FROM idempotency_keys WHERE customer_key = $1', [key]),
    ).toEqual([]);
    expect(await damagesOf({ connectionString: gateway.database.url })).toEqual([]);
    const kinds = await gateway.sql(
      'SELECT kind, count(*)::int FROM ledger_entries WHERE customer_key = $1 GROUP BY 1 ORDER BY 1',
      [key],
    );
    expect(kinds).toEqual([
      { kind: 'GRANT', count: 2 },
      { kind: 'TRACK', count: 2 },
      { kind: 'EXPIRE', count: 2 },
    ]);
  });

  it('repeated, answers the same; an id that was never there is refused', async () => {
    const customerId = await jane('repeated');
    const first = await run(deletion(customerId));
    expect(first.deleteCustomer.complete).toBe(true);
    expect(await run(deletion(customerId))).toEqual(first);
    expect(await run(deletion('never'))).toEqual({
      deleteCustomer: { code: 'CUSTOMER_NOT_FOUND' },
    });
  });

  it('of another project is refused', async () => {
    const { data } = await gateway.execute(deletion('beta'), {}, gateway.foreignSecret);
    expect(data).toEqual({ deleteCustomer: { code: 'CUSTOMER_NOT_FOUND' } });
    expect(await run('{ customer(customerId: "beta") { customerId } }')).toEqual({
      customer: { customerId: 'beta' },
    });
  });

  it('leaves a customer that no call finds, and an id that is not used again', async () => {
    const customerId = await jane('gone');
    const ids = await run(
      `{ customer(customerId: "gone") { id entity(entityId: "${PERSONAL}-seat") { id } } }`,
    );
    await run(deletion(customerId));
    const input = `input: { customerId: "gone", `;
    expect(
      await run(`mutation {
        a: createCustomer(input: { customerId: "gone" }) { ... on Error { code } }
        b: updateCustomer(${input} name: "x" }) { ... on Error { code } }
        c: createEntity(${input} entityId: "x" }) { ... on Error { code } }
        d: updateEntity(${input} entityId: "${PERSONAL}-seat", name: "x" }) { ... on Error { code } }
        e: deleteEntity(${input} entityId: "${PERSONAL}-seat" }) { ... on Error { code } }
        f: createBalance(${input} featureId: "messages-hidden", granted: 1 }) { ... on Error { code } }
        g: trackBalance(${input} featureId: "messages-hidden", idempotencyKey: "${PERSONAL}-use" }) { ... on Error { code } }
      }`),
    ).toEqual({
      a: { code: 'ALREADY_EXISTS' },
      ...Object.fromEntries([...'bcdefg'].map((name) => [name, { code: 'CUSTOMER_NOT_FOUND' }])),
    });
    expect(
      await run(`{
        customer(customerId: "gone") { id }
        one: node(id: "${ids.customer.id}") { id }
        other: node(id: "${ids.customer.entity.id}") { id }
        customers(first: 100) { edges { node { customerId } } }
        events(first: 2) { edges { node { properties customer { customerId deletedAt } entity { entityId name } } } }
      }`),
    ).toEqual({
      customer: null,
      one: null,
      other: null,
      customers: { edges: [ACME, 'beta'].map((id) => ({ node: { customerId: id } })) },
      events: {
        edges: [true, false].map((ofEntity) => ({
          node: {
            properties: null,
            customer: {
              customerId: expect.stringMatching(/^deleted:/),
              deletedAt: expect.any(String),
            },
            entity: ofEntity ? { entityId: expect.stringMatching(/^deleted:/), name: null } : null,
          },
        })),
      },
    });
  });

  it('leaves events that its former id does not find, and an id that nothing new can have', async () => {
    const customerId = await jane('former');
    const found = async () => {
      const { events } = await run('{ events(customerId: "former") { edges { node { value } } } }');
      const { voidEvents } = await run(`mutation {
        voidEvents(input: { filter: { customerId: "former" }, dryRun: true }) {
          ... on VoidEventsPayload { voided notVoided { code } } } }`);
      return [events.edges.length, voidEvents.voided, voidEvents.notVoided.length];
    };
    expect(await found()).toEqual([2, 2, 0]);
    const { deleteCustomer } = await run(deletion(customerId));
    expect(await found()).toEqual([0, 0, 0]);
    const erased = deleteCustomer.customer.customerId;
    const issues = '... on InvalidInputError { issues { path rule } }';
    const refused = await run(`mutation {
      a: createCustomer(input: { customerId: "${erased}" }) { ${issues} }
      b: createEntity(input: { customerId: "beta", entityId: "${erased}" }) { ${issues} }
    }`);
    expect(refused.a.issues).toEqual([{ path: 'customerId', rule: 'erased_id' }]);
    expect(refused.b.issues).toEqual([{ path: 'entityId', rule: 'erased_id' }]);
    const check = 'check(featureId: "messages-hidden") { ... on Error { message } }';
    const { events } = await run(
      `{ events(first: 1) { edges { node { customer { ${check} } } } } }`,
    );
    const told = 'The customer has been deleted, so nothing can be used for it any more.';
    expect(events.edges[0].node.customer.check.message).toBe(told);
  });

  it('ends the tokens of the customer, and of no other', async () => {
    const customerId = await jane('with-token');
    const [own, other] = [await gateway.tokenFor(customerId), await gateway.tokenFor('beta')];
    const read = (token: string) =>
      gateway.answer('{ events { edges { cursor } } }', gateway.publishable, token);
    expect(await read(own)).toMatchObject({ data: { events: { edges: [{}, {}] } } });
    await run(deletion(customerId));
    const refused = await read(own);
    expect(refused).toMatchObject({
      status: 401,
      errors: [{ extensions: { code: 'CUSTOMER_TOKEN_INVALID' } }],
    });
    expect(await read(other)).toMatchObject({ status: 200 });
    // A customer may have a token before it is created.
    expect(await read(await gateway.tokenFor('not-yet'))).toMatchObject({ status: 200 });
  });
});

describe('a large customer', () => {
  it('is erased in bounded parts, and each call goes on where the last one was', {
    timeout: 120_000,
  }, async () => {
    const customerId = await jane('large');
    const key = await keyOf('large');
    await gateway.sql(
      `INSERT INTO events (customer_key, id, project_id, feature_id, value, properties, occurred_at, recorded_at, outcome)
        SELECT $1, gen_random_uuid(), $2, 'messages-hidden', 1, '{"of": "${PERSONAL}"}', now(), now(), '{}'
        FROM generate_series(1, 20000)`,
      [key, gateway.projectId],
    );
    const left = async () =>
      (
        await gateway.sql(
          'SELECT 1 FROM events WHERE customer_key = $1 AND properties IS NOT NULL',
          [key],
        )
      ).length;
    const first = await run(deletion(customerId));
    expect(first.deleteCustomer.complete).toBe(false);
    expect(await left()).toBeGreaterThan(0);
    expect(await left()).toBeLessThan(20_000);
    // It is deleted from the first part on.
    expect(await run('{ customer(customerId: "large") { id } }')).toEqual({ customer: null });
    const [second, third] = [await run(deletion(customerId)), await run(deletion(customerId))];
    const complete = { deleteCustomer: { ...first.deleteCustomer, complete: true } };
    expect([second, third]).toEqual([complete, complete]);
    expect(await left()).toBe(0);
    expect(
      await gateway.sql('SELECT erasure FROM customers WHERE customer_key = $1', [key]),
    ).toEqual([{ erasure: null }]);
  });
});

describe('the database', () => {
  it('refuses to write for a deleted customer, whatever the release of the gateway', async () => {
    await run(deletion(await jane('guarded')));
    await expect(
      gateway.sql('UPDATE customers SET version = 7 WHERE deleted_at IS NOT NULL'),
    ).rejects.toThrow('customers_deleted_check');
  });

  it.each([
    'SET value = value + 1',
    "SET outcome = '{}'",
    'SET occurred_at = now()',
    "SET feature_id = 'x'",
    "SET properties = '{}'",
    "SET idempotency_key = 'x'",
    "SET entity_id = 'x'",
    'SET entity_id = NULL',
  ])('refuses to change an event: %s', async (change) => {
    await expect(
      gateway.sql(`UPDATE events ${change} WHERE entity_id = 'desk-hidden'`),
    ).rejects.toThrow('append-only');
  });
});
