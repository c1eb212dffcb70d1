/** What each kind of key can be given, and that one which needs a customer token does nothing without it. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { KEY_KINDS, type KeyKind } from '../../src/meter/access/key-kinds.js';
import { scopedHashOf } from '../../src/meter/access/keys.js';
import { SCOPES, type Scope } from '../../src/meter/access/scopes.js';
import { CREATE, type Manager, managerOf, ROTATE } from '../support/access/manage.js';
import {
  ACME,
  startTokenGateway,
  type TokenGateway,
  track,
} from '../support/access/token-gateway.js';

let gateway: TokenGateway;
let manager: Manager;

beforeAll(async () => {
  gateway = await startTokenGateway();
  manager = managerOf(gateway);
});
afterAll(() => gateway.close());

const READS: readonly Scope[] = ['check:read', 'balances:read', 'events:read', 'usage:read'];
/** Written by hand, so that a change is noticed. */
const ALLOWED: Readonly<Record<KeyKind, readonly Scope[]>> = {
  SECRET: SCOPES,
  PUBLISHABLE: READS,
  CUSTOMER: ['track:write', ...READS],
};
const START: Readonly<Record<KeyKind, string>> = {
  SECRET: 'tg_sk_',
  PUBLISHABLE: 'tg_pk_',
  CUSTOMER: 'tg_ck_',
};
const nameOf = (scope: Scope) => scope.toUpperCase().replace(':', '_');
const keyCount = async () => {
  const [row] = await gateway.sql('SELECT count(*)::int AS n FROM api_keys');
  return row?.['n'];
};

describe.each(KEY_KINDS)('a key of the kind %s', (kind) => {
  it.each(SCOPES)('has %s only if its kind can', async (scope) => {
    const before = await keyCount();
    const input = { name: 'kind', kind, scopes: [nameOf(scope)] };
    const answer = await manager.run(CREATE, input);
    if (ALLOWED[kind].includes(scope)) {
      expect(answer.secret.slice(0, 6)).toBe(START[kind]);
      expect(answer.apiKey.scopes).toEqual([nameOf(scope)]);
      return;
    }
    expect(answer).toMatchObject({
      code: 'INVALID_INPUT',
      issues: [{ path: 'scopes', value: JSON.stringify([scope]), rule: 'key_kind' }],
    });
    expect(await keyCount()).toBe(before);
  });

  it('says what it is, and stays so when it is rotated', async () => {
    const scopes = ['BALANCES_READ'];
    const { apiKey, secret } = await manager.run(CREATE, { name: 'rotated', kind, scopes });
    const rotated = await manager.run(ROTATE, { apiKeyId: apiKey.apiKeyId });
    expect([secret, rotated.secret].map((text) => text.slice(0, 6))).toEqual([
      START[kind],
      START[kind],
    ]);
    const { apiKeys } = await manager.read(
      '{ apiKeys(first: 2) { edges { node { kind prefix } } } }',
    );
    expect(apiKeys.edges.map(({ node }: { node: object }) => node)).toEqual(
      [rotated.secret, secret].map((text) => ({ kind, prefix: text.slice(0, 12) })),
    );
  });
});

it('a key gives scopes to another kind only if it has them itself', async () => {
  const { secret } = await manager.keyWith(['keys:write', 'balances:read']);
  const input = { name: 'more', kind: 'CUSTOMER', scopes: ['TRACK_WRITE', 'BALANCES_READ'] };
  expect(await manager.run(CREATE, input, secret)).toMatchObject({
    code: 'SCOPES_NOT_HELD',
    scopes: ['TRACK_WRITE'],
  });
});

const counts = async () => {
  const [row] = await gateway.sql(`SELECT (SELECT count(*) FROM events) AS events,
    (SELECT count(*) FROM customers) AS customers, (SELECT count(*) FROM balances) AS balances`);
  return row;
};

describe('a customer key', () => {
  it.each([
    ['reads', `{ customer(customerId: "${ACME}") { customerId } }`],
    ['tracks', track(`customerId: "${ACME}"`)],
    ['reads the schema', '{ __schema { types { name } } }'],
    ['reads the catalogue', '{ features { edges { node { featureId } } } }'],
    ['does nothing', '{ __typename }'],
  ])(
    'without a token, %s nowhere: a gateway that forgets the token gets nothing',
    async (_what, query) => {
      const before = await counts();
      for (const path of ['/graphql', '/subgraph']) {
        for (const token of [undefined, '', ' ']) {
          const refused = await gateway.answer(query, gateway.customerKey, token, path);
          expect(refused).toMatchObject({
            status: 401,
            errors: [{ extensions: { code: 'CUSTOMER_TOKEN_INVALID' } }],
          });
        }
      }
      expect(await counts()).toEqual(before);
    },
  );

  it('with a token, reads and tracks that customer alone', async () => {
    const token = await gateway.tokenFor('beta');
    const own = await gateway.answer(track('customerId: "beta"'), gateway.customerKey, token);
    expect(own.data.trackBalance.__typename).toBe('TrackBalancePayload');
    const before = await counts();
    const other = await gateway.answer(track(`customerId: "${ACME}"`), gateway.customerKey, token);
    expect(other.data.trackBalance.code).toBe('CUSTOMER_NOT_FOUND');
    const { data } = await gateway.answer(
      `{ acme: customer(customerId: "${ACME}") { customerId } customers { edges { node { customerId } } } }`,
      gateway.customerKey,
      token,
    );
    expect(data).toEqual({ acme: null, customers: { edges: [{ node: { customerId: 'beta' } }] } });
    expect(await counts()).toEqual(before);
  });

  it('has no more than its kind can, whatever its row says', async () => {
    const wide = await gateway.keyWith(SCOPES, 'CUSTOMER');
    const before = await counts();
    for (const query of [
      'mutation { createCustomer(input: { customerId: "x" }) { __typename } }',
      track('customerId: "beta", value: -1'),
      '{ apiKeys { edges { cursor } } }',
    ]) {
      const refused = await gateway.answer(query, wide, await gateway.tokenFor('beta'));
      expect(refused.errors).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }]);
    }
    expect(await counts()).toEqual(before);
    expect((await gateway.answer('{ __typename }', wide)).status).toBe(401);
  });

  it('is unknown to earlier releases: neither its form nor its digest is theirs', async () => {
    for (const key of [gateway.customerKey, await gateway.keyWith(SCOPES, 'CUSTOMER')]) {
      expect(key).toMatch(/^tg_ck_/);
      const [row] = await gateway.sql('SELECT count(*)::int AS n FROM api_keys WHERE hash = $1', [
        scopedHashOf(key),
      ]);
      expect(row).toEqual({ n: 1 });
    }
  });
});
