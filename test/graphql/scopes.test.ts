/** Every field that opens something x every scope x keys of another project, expired and revoked ones: without a hole. */

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createKey } from '../../src/meter/access/keys.js';
import { SCOPES, type Scope } from '../../src/meter/access/scopes.js';
import { schema } from '../../src/schema/index.js';
import { DEFAULT_PREFIXES, prefixedNames } from '../../src/schema/subgraph/names.js';
import {
  coordinatesOf,
  needOf,
  queryRows,
  type ScopeRow,
  smallestSets,
} from '../support/access/scope-rows.js';
import { ADMIN_ONLY, SCOPE_TABLE } from '../support/access/scope-table.js';
import { written } from '../support/access/written.js';
import { NO_EVENT } from '../support/client/no-event.js';
import { startTestGateway, type TestGateway } from '../support/gateway/gateway.js';
import { setUp } from '../support/gateway/set-up.js';

let gateway: TestGateway;
let expired: string;
let revoked: string;
/** Of one node of each type. */
let nodeIds: Record<string, string[]>;

const CUSTOMER = 'acme-secret';

beforeAll(async () => {
  gateway = await startTestGateway({ subgraph: DEFAULT_PREFIXES });
  await setUp(gateway, {
    features: [{ featureId: 'messages-secret' }],
    customers: [{ customerId: CUSTOMER, entities: ['seat-secret', 'doomed-secret'] }],
    balances: [{ customerId: CUSTOMER, featureId: 'messages-secret', granted: 1_000_000 }],
  });
  const { data } = await gateway.execute(`mutation {
    trackBalance(input: { customerId: "${CUSTOMER}", featureId: "messages-secret", entityId: "seat-secret" }) {
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
  const managed = await gateway.execute(
    '{ project { Project: id apiKeys(first: 1) { edges { node { ApiKey: id } } } } }',
  );
  const pairs = JSON.stringify([data, managed.data]).matchAll(/"([A-Z]\w+)":"([^"]+)"/g);
  nodeIds = Object.fromEntries([...pairs].map(([, type = '', id = '']) => [type, [id]]));
  expired = await keyWith(SCOPES, 1);
  revoked = await keyWith(SCOPES);
  const [{ id } = { id: '' }] = await gateway.store.apiKeys.find(revoked.slice(0, 12));
  await gateway.store.apiKeys.revoke(id);
});
afterAll(() => gateway.close());

const keys = new Map<string, string>();

/** A key with just these scopes, one for all rows. */
async function keyWith(scopes: readonly Scope[], lifetimeMs: number | null = null) {
  const { projectId, store } = gateway;
  return (await createKey(store.apiKeys, { projectId, name: 'row', scopes, lifetimeMs })).secret;
}

async function sharedKey(scopes: readonly Scope[]): Promise<string> {
  const name = scopes.toSorted().join();
  const secret = keys.get(name) ?? (await keyWith(scopes));
  keys.set(name, secret);
  return secret;
}

async function answer(query: string, secret: string, path = '/graphql') {
  const headers = { authorization: `Bearer ${secret}` };
  const response = await gateway.send({ path, headers, body: { query } });
  const text = await response.text();
  return { status: response.status, text, ...JSON.parse(text) };
}

const FORBIDDEN = { status: 403, errors: [{ extensions: { code: 'FORBIDDEN' } }] };

/** Exactly what is in `needs` opens it, and nothing else does. */
async function expectOpenedBy({ document, needs }: ScopeRow): Promise<void> {
  for (const scope of SCOPES) {
    const others = SCOPES.filter((other) => other !== scope);
    const isEnough = needs.every((oneOf) => oneOf.length === 0 || others.some(isIn(oneOf)));
    const given = await answer(document, await sharedKey(others));
    if (isEnough) expect(given, `${document} without ${scope}`).toMatchObject({ status: 200 });
    else {
      expect(given, `${document} without ${scope}`).toMatchObject(FORBIDDEN);
      expect(given.errors[0].extensions.missingScopes).toEqual([scope]);
      expect(Object.values(given.data ?? {}).every((value) => value === null)).toBe(true);
    }
  }
  for (const set of smallestSets(needs)) {
    const given = await answer(document, await sharedKey(set));
    expect(given, `${document} with just ${set}`).toMatchObject({ status: 200 });
    expect(given.errors).toBeUndefined();
    for (const scope of set) {
      const less = set.filter((other) => other !== scope);
      expect(await answer(document, await sharedKey(less))).toMatchObject(FORBIDDEN);
    }
  }
}

const isIn = (scopes: readonly Scope[]) => (scope: Scope) => scopes.includes(scope);

/** Neither does another project's key open it, nor one that has ended. */
async function expectClosed({ document }: ScopeRow): Promise<void> {
  const foreign = await answer(document, gateway.foreignSecret);
  const asked = document.replaceAll('-secret', '');
  expect(foreign.text.replaceAll(`\\"${CUSTOMER}\\"`, ''), asked).not.toMatch(/"[^"]*-secret/);
  const refused = { status: 401, errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] };
  for (const ended of [expired, revoked]) {
    expect(await answer(document, ended)).toMatchObject(refused);
  }
}

const ARGS = {
  customerId: `"${CUSTOMER}"`,
  entityId: '"seat-secret"',
  featureId: '"messages-secret"',
  reservationId: '"held-secret"',
  input: `{ customerId: "${CUSTOMER}", featureId: "messages-secret" }`,
  inputs: `[{ customerId: "${CUSTOMER}", featureId: "messages-secret" }]`,
};
const TYPES = Object.keys(SCOPE_TABLE).filter((name) => !name.includes('.'));

const rowsOf = (ids: Readonly<Record<string, readonly string[]>>) =>
  queryRows(schema, { args: ARGS, nodeIds: ids });

/** The input of each mutation; the result of none of them changes what another one needs. */
const MUTATIONS: Readonly<Record<string, string>> = {
  createBalance: `(input: { customerId: "${CUSTOMER}", featureId: "messages-secret", granted: 1 })`,
  // Of a balance that does not exist: a refusal is an answer, too.
  deleteBalance: `(input: { customerId: "${CUSTOMER}", id: "none" })`,
  updateBalance: `(input: { customerId: "${CUSTOMER}", id: "none", priority: 1 })`,
  createCustomer: `(input: { customerId: "${CUSTOMER}" })`,
  createEntity: `(input: { customerId: "${CUSTOMER}", entityId: "seat-secret" })`,
  createFeature:
    '(input: { featureId: "messages-secret", name: "messages-secret", type: CONSUMABLE })',
  deleteCustomer: '(input: { customerId: "never" })',
  deleteEntity: `(input: { customerId: "${CUSTOMER}", entityId: "doomed-secret" })`,
  trackBalance: `(input: { customerId: "${CUSTOMER}", featureId: "messages-secret" })`,
  trackBalances: `(inputs: [{ customerId: "${CUSTOMER}", featureId: "messages-secret" }])`,
  // Of a reservation that does not exist: a refusal is an answer, too.
  captureReservation: `(input: { customerId: "${CUSTOMER}", reservationId: "none" })`,
  extendReservation: `(input: { customerId: "${CUSTOMER}", reservationId: "none" })`,
  releaseReservation: `(input: { customerId: "${CUSTOMER}", reservationId: "none" })`,
  reserveBalance: `(input: { customerId: "${CUSTOMER}", featureId: "messages-secret", reservationId: "held-secret" })`,
  captureReservations: `(inputs: [{ customerId: "${CUSTOMER}", reservationId: "none" }])`,
  extendReservations: `(inputs: [{ customerId: "${CUSTOMER}", reservationId: "none" }])`,
  releaseReservations: `(inputs: [{ customerId: "${CUSTOMER}", reservationId: "none" }])`,
  reserveBalances: `(inputs: [{ customerId: "${CUSTOMER}", featureId: "messages-secret" }])`,
  updateCustomer: `(input: { customerId: "${CUSTOMER}", name: "x" })`,
  updateEntity: `(input: { customerId: "${CUSTOMER}", entityId: "seat-secret", name: "x" })`,
  archiveFeature: '(input: { featureId: "messages-secret" })',
  deleteFeature: '(input: { featureId: "messages-secret" })',
  updateFeature: '(input: { featureId: "messages-secret", name: "x" })',
  amendEvent: `(input: { eventId: "${NO_EVENT}" })`,
  voidEvent: `(input: { eventId: "${NO_EVENT}" })`,
  voidEvents: '(input: { filter: { customerId: "never" }, dryRun: false })',
  createApiKey: '(input: { name: "made", scopes: [KEYS_WRITE] })',
  // Of a key that does not exist: a refusal is an answer, too.
  rotateApiKey: '(input: { apiKeyId: "none" })',
  revokeApiKey: '(input: { apiKeyId: "none" })',
  rotateTokenSecret: '(input: { overlapMinutes: 0 })',
};

const mutationRow = (name: string): ScopeRow => ({
  coordinate: `Mutation.${name}`,
  document: `mutation { ${name}${MUTATIONS[name]} { __typename } }`,
  needs: [needOf(`Mutation.${name}`)],
});

describe('the table of scopes', () => {
  it('has a row for everything in the schema that has to have one, and a document for each row', () => {
    const rows = rowsOf(Object.fromEntries(TYPES.map((type) => [type, ['id']])));
    const mutations = Object.keys(MUTATIONS).map((name) => `Mutation.${name}`);
    const documented = [...rows.map(({ coordinate }) => coordinate), ...mutations, 'Query.node'];
    // What only an admin key opens is in projects.test.ts.
    const coordinates = coordinatesOf(schema).filter((name) => !ADMIN_ONLY.includes(name));
    expect(coordinates.toSorted()).toEqual(Object.keys(SCOPE_TABLE).toSorted());
    expect(documented.toSorted()).toEqual(Object.keys(SCOPE_TABLE).toSorted());
  });
});

describe.each(Object.keys(SCOPE_TABLE).filter((name) => !/^Mutation|^Query.node/.test(name)))(
  '%s',
  (coordinate) => {
    const row = () => {
      const found = rowsOf(nodeIds).find((each) => each.coordinate === coordinate);
      if (found === undefined) throw new Error('the table has a document for each row');
      return found;
    };
    it('is opened by its scopes, and by nothing else', () => expectOpenedBy(row()));
    it('is closed to other projects, and to keys that have ended', () => expectClosed(row()));
  },
);

describe.each(Object.keys(MUTATIONS))('Mutation.%s', (name) => {
  const row = mutationRow(name);

  it('is opened by its scopes, and by nothing else', () => expectOpenedBy(row));

  it('writes nothing for any other key', async () => {
    const before = await written(gateway);
    const others = SCOPES.filter((scope) => !row.needs[0]?.includes(scope));
    const doing = row.document.replaceAll('doomed-secret', 'seat-secret');
    for (const secret of [await sharedKey(others), await sharedKey([]), expired, revoked]) {
      expect((await answer(doing, secret)).status).toBeGreaterThanOrEqual(401);
    }
    expect(await written(gateway)).toBe(before);
  });
});

/** Projects and keys are no business of a graph. */
const ENTITIES = TYPES.filter((type) => !['Project', 'ApiKey'].includes(type));

describe.each(ENTITIES)('%s by _entities', (type) => {
  const document = () => {
    const typename = prefixedNames(DEFAULT_PREFIXES).typeName(type);
    const missing = '{ __typename: "Customer", customerId: "missing" }';
    const known = `{ __typename: "${typename}", id: "${nodeIds[type]?.[0]}" }`;
    return `{ _entities(representations: [${known}, ${missing}]) { __typename } }`;
  };

  it('is opened by its scopes, and by nothing else; other items are not affected', async () => {
    const oneOf = needOf(type);
    for (const scope of SCOPES) {
      const { data, errors } = await answer(document(), await sharedKey([scope]), '/subgraph');
      const isOpen = oneOf.length === 0 || oneOf.includes(scope);
      expect(data._entities[0] !== null, scope).toBe(isOpen);
      const refused = { path: ['_entities', 0], extensions: { code: 'FORBIDDEN' } };
      const told = (errors ?? []).filter(({ path }: { path: unknown[] }) => path[1] === 0);
      expect(told).toMatchObject(isOpen ? [] : [refused]);
    }
  });

  it('is closed to other projects, and to keys that have ended', async () => {
    const { data } = await answer(document(), gateway.foreignSecret, '/subgraph');
    // A feature is only referred to: its id is the whole key.
    if (type !== 'Feature') expect(data).toEqual({ _entities: [null, null] });
    for (const ended of [expired, revoked]) {
      expect((await answer(document(), ended, '/subgraph')).status).toBe(401);
    }
  });
});

describe('giving back needs track:refund, which only the input says', () => {
  const input = (value: number) =>
    `{ customerId: "${CUSTOMER}", featureId: "messages-secret", value: ${value} }`;
  const FORBIDDEN_REFUND = {
    message:
      'This needs the scope "track:refund", which the key does not have. Nothing was done. Use a key that has it: ' +
      'npm run keys -- create --scopes track:write,track:refund',
    extensions: { code: 'FORBIDDEN', missingScopes: ['track:refund'] },
  };
  const eventCount = async () => {
    const [{ n } = { n: 0 }] = await gateway.sql('SELECT count(*)::int AS n FROM events');
    return Number(n);
  };

  it('in trackBalance', async () => {
    const before = await eventCount();
    const document = `mutation { trackBalance(input: ${input(-1)}) { __typename } }`;
    const refused = await answer(document, await sharedKey(['track:write']));
    expect(refused).toMatchObject({ status: 403, data: null, errors: [FORBIDDEN_REFUND] });
    expect(await eventCount()).toBe(before);
    for (const scopes of [['track:refund'], ['track:write', 'track:refund']] as const) {
      const given = await answer(document, await sharedKey(scopes));
      expect(given.status).toBe(scopes.length === 1 ? 403 : 200);
    }
    expect(await eventCount()).toBe(before + 1);
  });

  it('in trackBalances, where only those items are refused', async () => {
    const before = await eventCount();
    const document = `mutation { trackBalances(inputs: [${[1, -1, 0, -0.5].map(input).join()}]) { __typename } }`;
    const given = await answer(document, await sharedKey(['track:write']));
    const done = { __typename: 'TrackBalancePayload' };
    expect(given).toMatchObject({
      status: 200,
      data: { trackBalances: [done, null, done, null] },
      errors: [
        { ...FORBIDDEN_REFUND, path: ['trackBalances', 1] },
        { ...FORBIDDEN_REFUND, path: ['trackBalances', 3] },
      ],
    });
    expect(await eventCount()).toBe(before + 2);
  });
});
