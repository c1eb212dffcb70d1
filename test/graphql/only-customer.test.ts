/** A call with a customer token sees and tracks its customer alone, through every entrance. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rotateKey } from '../../src/meter/access/keys.js';
import { SCOPES } from '../../src/meter/access/scopes.js';
import { schema } from '../../src/schema/index.js';
import { DEFAULT_PREFIXES, prefixedNames } from '../../src/schema/subgraph/names.js';
import { CLOSED_TO_TOKENS } from '../support/access/closed-to-tokens.js';
import { queryRows } from '../support/access/scope-rows.js';
import { SCOPE_TABLE } from '../support/access/scope-table.js';
import {
  ACME,
  HIDDEN_ARGS as ARGS,
  startTokenGateway,
  type TokenGateway,
  track,
} from '../support/access/token-gateway.js';

let gateway: TokenGateway;
beforeAll(async () => {
  gateway = await startTokenGateway();
});
afterAll(() => gateway.close());
describe('a publishable key', () => {
  it('changes nothing, whatever its row says', async () => {
    const wide = await gateway.keyWith(SCOPES, 'PUBLISHABLE');
    const token = await gateway.tokenFor(ACME);
    for (const key of [wide, gateway.publishable]) {
      expect(await gateway.answer(track(`customerId: "${ACME}"`), key, token)).toMatchObject({
        status: 403,
        errors: [{ extensions: { code: 'FORBIDDEN', missingScopes: ['track:write'] } }],
      });
    }
  });

  it('reads the customer of the token', async () => {
    const query = `{
      customer(customerId: "${ACME}") { balance(featureId: "messages-hidden") { granted } entities { edges { node { entityId } } } }
      customers { edges { node { customerId } } }
      beta: customer(customerId: "beta") { customerId }
      events { edges { node { customer { customerId } } } }
      features { edges { cursor } }
    }`;
    const { data } = await gateway.answer(query, gateway.publishable, await gateway.tokenFor(ACME));
    const acme = { customer: { customerId: ACME } };
    expect(data).toEqual({
      customer: {
        balance: { granted: 107 },
        entities: {
          edges: ['desk-hidden', 'seat-hidden'].map((entityId) => ({ node: { entityId } })),
        },
      },
      customers: { edges: [{ node: { customerId: ACME } }] },
      beta: null,
      events: { edges: [{ node: acme }, { node: acme }] },
      features: { edges: [] },
    });
  });

  it.each([
    ['first: 0', 0],
    ['first: 1', 1],
    ['last: 1', 1],
    [`after: "${btoa(`Customer:${ACME}`)}"`, 0],
    [`before: "${btoa(`Customer:${ACME}`)}"`, 0],
    [`after: "${btoa('Customer:a')}"`, 1],
    [`before: "${btoa('Customer:b')}"`, 1],
  ])('lists its customer where it belongs: %s', async (page, count) => {
    const query = `{ customers(${page}) { edges { cursor } } }`;
    const { data } = await gateway.answer(query, gateway.publishable, await gateway.tokenFor(ACME));
    expect(data.customers.edges).toHaveLength(count);
  });
});

/** Keys and projects are of no customer. */
const isManagement = (coordinate: string) => /project|api_?key/i.test(coordinate);
const TYPES = Object.keys(SCOPE_TABLE).filter(
  (name) => !(name.includes('.') || isManagement(name)),
);
const COORDINATES = Object.keys(SCOPE_TABLE).filter(
  (name) => !(/^Mutation|^Query.node/.test(name) || isManagement(name)),
);

/** The catalogue can be read by its ids, but says nothing of any customer. */
const isOfCatalog = (coordinate: string) => /^(Query\.f|F)eature(\.|$)/.test(coordinate);

describe.each(COORDINATES)('%s, with the token of another customer', (coordinate) => {
  it('is what it is for a customer that does not exist', async () => {
    const row = queryRows(schema, { args: ARGS, nodeIds: gateway.nodeIds }).find(
      (one) => one.coordinate === coordinate,
    );
    if (row === undefined) throw new Error('the table has a document for each row');
    for (const key of [gateway.secret, gateway.publishable, gateway.customerKey]) {
      const [beta, missing, own] = await Promise.all([
        gateway.ask(row.document, key, await gateway.tokenFor('beta')),
        gateway.ask(row.document, key, await gateway.tokenFor('missing')),
        gateway.ask(row.document, key, await gateway.tokenFor(ACME)),
      ]);
      expect(own.status).toBe(200);
      if (isOfCatalog(coordinate)) continue;
      // It may list what is its own, but never has what the other one has.
      expect(beta.text).not.toMatch(/-hidden/);
      expect(missing.text).not.toMatch(/-hidden|__typename":"[A-Z]/);
      if (!/^\{ (customers|events)/.test(row.document)) expect(beta.text).toBe(missing.text);
    }
  });
});

describe.each(TYPES)('%s by _entities, with the token of another customer', (type) => {
  it('does not exist', async () => {
    const typename = prefixedNames(DEFAULT_PREFIXES).typeName(type);
    const known = `{ __typename: "${typename}", id: "${gateway.nodeIds[type]?.[0]}" }`;
    const acme = `{ __typename: "Customer", customerId: "${ACME}" }`;
    const query = `{ _entities(representations: [${known}, ${acme}]) { __typename } }`;
    const asked = async (customerId: string) =>
      gateway.answer(query, gateway.secret, await gateway.tokenFor(customerId), '/subgraph');
    const [beta, own] = [await asked('beta'), await asked(ACME)];
    if (type !== 'Feature') expect(beta.data).toEqual({ _entities: [null, null] });
    expect(own.data._entities.map((one: unknown) => one !== null)).toEqual([true, true]);
  });
});

describe('with a secret key, a token', () => {
  const counts = async () => {
    const [row] = await gateway.sql(`SELECT (SELECT count(*) FROM events) AS events,
      (SELECT md5(string_agg(t::text, ' ' ORDER BY id)) FROM customers t) AS customers,
      (SELECT count(*) FROM entities) AS entities, (SELECT count(*) FROM balances) AS balances,
      (SELECT md5(string_agg(t::text, ' ' ORDER BY id)) FROM features t) AS features`);
    return row;
  };

  it('tracks its customer, and no other', async () => {
    const token = await gateway.tokenFor('beta');
    const own = await gateway.answer(track('customerId: "beta"'), gateway.secret, token);
    expect(own.data.trackBalance.__typename).toBe('TrackBalancePayload');
    const before = await counts();
    const [other, missing] = await Promise.all(
      [ACME, 'mist-hidden'].map((id) =>
        gateway.ask(track(`customerId: "${id}"`), gateway.secret, token),
      ),
    );
    expect(other?.text.replaceAll(ACME, 'ID')).toBe(missing?.text.replaceAll('mist-hidden', 'ID'));
    expect(other?.text).toContain('CustomerNotFoundError');
    const list = `mutation { trackBalances(inputs: [
      { customerId: "${ACME}", featureId: "messages-hidden" }
      { customerId: "missing", featureId: "messages-hidden" }
    ]) { __typename } }`;
    expect((await gateway.answer(list, gateway.secret, token)).data.trackBalances).toEqual([
      { __typename: 'CustomerNotFoundError' },
      { __typename: 'CustomerNotFoundError' },
    ]);
    expect(await counts()).toEqual(before);
  });

  it.each(CLOSED_TO_TOKENS)('does not open %s, not even for its customer', async (name, input) => {
    const before = await counts();
    const query = `mutation { ${name}${input} { __typename } }`;
    const refused = await gateway.answer(query, gateway.secret, await gateway.tokenFor('beta'));
    expect(refused).toMatchObject({ status: 403, errors: [{ extensions: { code: 'FORBIDDEN' } }] });
    expect(await counts()).toEqual(before);
  });

  it('cannot give back usage, not even its own', async () => {
    const token = await gateway.tokenFor('beta');
    const before = await counts();
    const query = track('customerId: "beta", value: -1');
    expect(await gateway.answer(query, gateway.secret, token)).toMatchObject({
      errors: [{ extensions: { code: 'FORBIDDEN', missingScopes: ['track:refund'] } }],
    });
    expect(await counts()).toEqual(before);
  });

  it('does not give a key scopes that it lacks', async () => {
    const key = await gateway.keyWith(['balances:read']);
    const refused = await gateway.answer(
      track('customerId: "beta"'),
      key,
      await gateway.tokenFor('beta'),
    );
    expect(refused).toMatchObject({
      status: 403,
      errors: [{ extensions: { missingScopes: ['track:write'] } }],
    });
  });
});

describe('a token for one entity', () => {
  const seat = () => gateway.tokenFor(ACME, 'seat-hidden');

  it('sees that entity, what it can use, and its events', async () => {
    await gateway.answer(
      track(`customerId: "${ACME}", entityId: "seat-hidden"`),
      gateway.secret,
      await seat(),
    );
    const query = `{
      customer(customerId: "${ACME}") {
        entities { edges { node { entityId } } }
        seat: entity(entityId: "seat-hidden") { balance(featureId: "messages-hidden") { granted breakdown { entity { entityId } ledger { edges { cursor } } } } }
        desk: entity(entityId: "desk-hidden") { entityId }
        balances { granted } ledger { edges { cursor } } events { edges { node { entity { entityId } } } }
      }
      desk: events(entityId: "desk-hidden") { edges { cursor } }
      all: events { edges { node { entity { entityId } } } }
      deskNode: node(id: "${gateway.nodeIds['CustomerEntity']}") { id }
      deskEvent: node(id: "${gateway.nodeIds['UsageEvent']}") { id }
      deskBalance: node(id: "${gateway.nodeIds['Balance']}") { id }
      deskEntry: node(id: "${gateway.nodeIds['LedgerEntry']}") { id }
    }`;
    const own = { edges: [{ node: { entity: { entityId: 'seat-hidden' } } }] };
    expect(await gateway.answer(query, gateway.publishable, await seat())).toEqual({
      status: 200,
      data: {
        customer: {
          entities: { edges: [{ node: { entityId: 'seat-hidden' } }] },
          seat: { balance: { granted: 100, breakdown: [{ entity: null, ledger: { edges: [] } }] } },
          desk: null,
          balances: [],
          ledger: { edges: [] },
          events: own,
        },
        desk: { edges: [] },
        all: own,
        deskNode: null,
        deskEvent: null,
        deskBalance: null,
        deskEntry: null,
      },
    });
  });

  it('does not see what is kept with its customer', async () => {
    await gateway.execute(
      `mutation { updateCustomer(input: { customerId: "${ACME}", name: "Acme", email: "a@example.com", metadata: { note: "private" } }) { __typename } }`,
    );
    const query = `{ customer(customerId: "${ACME}") { customerId name email metadata } }`;
    const { data } = await gateway.answer(query, gateway.publishable, await seat());
    expect(data.customer).toEqual({ customerId: ACME, name: null, email: null, metadata: {} });
    const whole = await gateway.answer(query, gateway.publishable, await gateway.tokenFor(ACME));
    expect(whole.data.customer).toMatchObject({ name: 'Acme', metadata: { note: 'private' } });
  });

  it('tracks for that entity alone', async () => {
    const result = async (entityId: string | null) => {
      const given = entityId === null ? '' : `, entityId: "${entityId}"`;
      const query = track(`customerId: "${ACME}"${given}`);
      const { data, errors } = await gateway.answer(query, gateway.secret, await seat());
      return data?.trackBalance.__typename ?? errors[0].extensions.code;
    };
    expect(await result('seat-hidden')).toBe('TrackBalancePayload');
    expect(await result('desk-hidden')).toBe('EntityNotFoundError');
    expect(await result('missing')).toBe('EntityNotFoundError');
    expect(await result(null)).toBe('FORBIDDEN');
  });
});

describe('keys and projects', () => {
  it.each(['apiKeys { edges { cursor } }', 'project { name }'])(
    'have no %s with a token',
    async (field) => {
      for (const key of [gateway.secret, gateway.publishable]) {
        const refused = await gateway.answer(`{ ${field} }`, key, await gateway.tokenFor(ACME));
        expect(refused).toMatchObject({
          status: 403,
          errors: [{ extensions: { code: 'FORBIDDEN', missingScopes: ['keys:write'] } }],
        });
      }
    },
  );
});

describe('a publishable key that is rotated', () => {
  it('stays publishable: a secret key in its place could do more', async () => {
    const { store } = gateway;
    const key = await gateway.keyWith(['balances:read'], 'PUBLISHABLE');
    const [stored] = await store.apiKeys.find(key.slice(0, 12));
    if (stored === undefined) throw new Error('the key exists');
    const rotated = await rotateKey(store.apiKeys, stored, { overlapMs: 0, endMax: null });
    expect(rotated?.secret).toMatch(/^tg_pk_/);
    expect((await gateway.answer('{ __typename }', rotated?.secret ?? '')).status).toBe(401);
  });
});
