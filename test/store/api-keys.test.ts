import { setTimeout as delay } from 'node:timers/promises';
import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAuthenticator } from '../../src/meter/access/authenticate.js';
import {
  type ApiKeys,
  createKey,
  hashOf,
  isSecret,
  newSecret,
  rotateKey,
  scopedHashOf,
  storedHashes,
} from '../../src/meter/access/keys.js';
import {
  EVERY_SCOPE,
  NO_SCOPES,
  SCOPES,
  type Scope,
  scopeSet,
} from '../../src/meter/access/scopes.js';
import { sha256Hex } from '../../src/platform/digest.js';
import { connect } from '../support/database/connections.js';
import { createStore, type TestStore } from '../support/database/store.js';

let test: TestStore;
let client: pg.Client;

beforeAll(async () => {
  test = await createStore();
  client = await connect(test.database.url);
});

afterAll(async () => {
  await client.end();
  await test.close();
});

const create = (lifetimeMs: number | null = null, scopes: readonly Scope[] = SCOPES) =>
  createKey(test.store.apiKeys, { projectId: test.projectId, name: 'test', scopes, lifetimeMs });

/** A gateway's authenticator with an adjustable clock; `batches` has the size of each query. */
function authenticator(entriesMax = 100) {
  const { apiKeys } = test.store;
  let now = 0;
  const batches: number[] = [];
  const valid: ApiKeys['valid'] = (hashes) => {
    // Each secret has two digests.
    batches.push(hashes.length / 2);
    return apiKeys.valid(hashes);
  };
  const authenticate = createAuthenticator({
    apiKeys: { valid },
    ttlMs: 5_000,
    entriesMax,
    monotonicMs: () => now,
  });
  const pass = (ms: number) => {
    now += ms;
  };
  return { authenticate, batches, pass };
}

const rotateNow = (id: string) => {
  const { stored } = newSecret({ projectId: test.projectId, scopes: SCOPES, kind: 'SECRET' });
  return test.store.apiKeys.rotate(id, stored, { overlapMs: 0, endMax: null });
};

/** As a release without scopes looks a key up, which lets every key that it finds do everything. */
const OLD_LOOKUP = `SELECT id, project_id AS "projectId", hash FROM api_keys
  WHERE hash IN (SELECT decode(digits, 'hex') FROM unnest($1::text[]) AS digits)
    AND revoked_at IS NULL
    AND (expires_at IS NULL OR expires_at > clock_timestamp())`;

const foundByOldRelease = async (secret: string) =>
  (await client.query(OLD_LOOKUP, [[sha256Hex(secret)]])).rows.length === 1;

const wrongSecret = (number: number) => `tg_sk_${String(number).padStart(43, '0')}`;

describe('a secret key', () => {
  it('is 256 random bits, of which only the hash is stored', async () => {
    const { key, secret } = await create();
    expect(secret).toMatch(/^tg_sk_[A-Za-z0-9_-]{43}$/);
    expect(isSecret(secret)).toBe(true);
    expect(key).toMatchObject({ projectName: 'test', name: 'test', prefix: secret.slice(0, 12) });
    const { rows } = await client.query(
      'SELECT k.*, k::text AS all FROM api_keys k WHERE id = $1',
      [key.id],
    );
    expect(rows[0].hash).toEqual(hashOf(secret));
    expect(rows[0].all).not.toContain(secret.slice(12));
  });

  it('identifies its project, and similar keys identify none', async () => {
    const { authenticate } = authenticator();
    const { secret } = await create();
    await expect(authenticate(secret)).resolves.toMatchObject({ projectId: test.projectId });
    await expect(authenticate(wrongSecret(0))).resolves.toBeNull();
    const flipped = `${secret.slice(0, -2)}${secret.at(-2) === 'A' ? 'B' : 'A'}${secret.at(-1)}`;
    await expect(authenticate(flipped)).resolves.toBeNull();
  });

  it.each(['', 'tg_sk_', 'x'.repeat(49), `tg_sk_${'x'.repeat(44)}`, 'tg_sk_\0'])(
    'has a fixed form: %j costs no query',
    async (text) => {
      const { authenticate, batches } = authenticator();
      expect(await authenticate(text)).toBeNull();
      expect(batches).toEqual([]);
    },
  );

  it('is listed, and found by its prefix or its id', async () => {
    const { key, secret } = await create();
    const { apiKeys } = test.store;
    expect((await apiKeys.list(1))[0]).toEqual(key);
    await expect(apiKeys.find(secret.slice(0, 12))).resolves.toEqual([key]);
    await expect(apiKeys.find(key.id)).resolves.toEqual([key]);
    await expect(apiKeys.find('tg_sk_nobody')).resolves.toEqual([]);
  });

  it('has its scopes; those of a newer release are ignored', async () => {
    const { key, secret } = await create(null, ['events:read', 'track:write']);
    const scopes = async () => (await authenticator().authenticate(secret))?.scopes;
    expect(key.scopes).toEqual(['events:read', 'track:write']);
    await expect(scopes()).resolves.toBe(scopeSet(['events:read', 'track:write']));
    await client.query("UPDATE api_keys SET scopes = '{events:read,later:write}' WHERE id = $1", [
      key.id,
    ]);
    await expect(scopes()).resolves.toBe(scopeSet(['events:read']));
    await client.query("UPDATE api_keys SET scopes = '{later:write}' WHERE id = $1", [key.id]);
    await expect(scopes()).resolves.toBe(NO_SCOPES);
  });

  it.each<[string, readonly Scope[], boolean]>([
    ['has every scope works', SCOPES, true],
    ['has every scope, in another order, works', SCOPES.toReversed(), true],
    ['lacks one scope does not', SCOPES.slice(1), false],
    ['has one scope does not', ['track:write'], false],
    ['has no scope does not', [], false],
  ])(
    'that %s on gateways of releases without scopes; nor does its successor',
    async (_what, scopes, works) => {
      const { apiKeys } = test.store;
      const { key, secret } = await create(null, scopes);
      expect(await foundByOldRelease(secret)).toBe(works);
      const caller = { keyId: key.id, scopes: scopeSet(scopes) };
      await expect(authenticator().authenticate(secret)).resolves.toMatchObject(caller);
      await expect(apiKeys.find(storedHashes(sha256Hex(secret)))).resolves.toEqual([key]);
      const rotated = await rotateKey(apiKeys, key, { overlapMs: 0, endMax: null });
      const successor = rotated?.secret ?? '';
      expect(await foundByOldRelease(successor)).toBe(works);
      await expect(authenticator().authenticate(successor)).resolves.toMatchObject({
        keyId: rotated?.key.id,
        scopes: scopeSet(scopes),
      });
    },
  );

  it('with few scopes is found by its own secret only, among many', async () => {
    const { authenticate } = authenticator();
    const keys = await Promise.all([create(null, ['track:write']), create(), create(null, [])]);
    const callers = await Promise.all(keys.map(({ secret }) => authenticate(secret)));
    expect(callers.map((caller) => caller?.keyId)).toEqual(keys.map(({ key }) => key.id));
    // What is stored is no secret, and neither digest can be sent in its place.
    for (const { secret } of keys) {
      const stored = scopedHashOf(secret).toString('base64url');
      await expect(authenticate(`tg_sk_${stored}`)).resolves.toBeNull();
    }
  });

  it('that an earlier release creates has all scopes', async () => {
    const secret = wrongSecret(1_000_000);
    await client.query(
      `INSERT INTO api_keys (id, project_id, name, prefix, hash)
        VALUES (gen_random_uuid(), $1, 'earlier', 'tg_sk_000000', $2)`,
      [test.projectId, hashOf(secret)],
    );
    const caller = await authenticator().authenticate(secret);
    expect(caller?.scopes).toBe(EVERY_SCOPE);
  });

  it('stops working once it has expired by the database clock', async () => {
    const { secret, key } = await create(300);
    expect((key.expiresAt ?? 0) - key.createdAt).toBeGreaterThanOrEqual(300);
    await expect(authenticator().authenticate(secret)).resolves.not.toBeNull();
    await delay(350);
    await expect(authenticator().authenticate(secret)).resolves.toBeNull();
  });
});

describe('an authenticator', () => {
  it('queries the database once in four seconds per key in use, and once in five for others', async () => {
    const { authenticate, batches, pass } = authenticator();
    const { secret } = await create();
    for (let call = 0; call < 9; call += 1) {
      await authenticate(secret);
      await authenticate(wrongSecret(1));
      pass(500);
    }
    expect(batches).toEqual([1, 1]);
    await authenticate(secret);
    expect(batches).toEqual([1, 1, 1]);
    pass(499);
    await authenticate(wrongSecret(1));
    expect(batches).toEqual([1, 1, 1]);
    pass(1);
    await authenticate(wrongSecret(1));
    expect(batches).toEqual([1, 1, 1, 1]);
  });

  it('notices a revocation after five seconds', async () => {
    const { authenticate, pass } = authenticator();
    const { secret, key } = await create();
    await expect(authenticate(secret)).resolves.not.toBeNull();
    await test.store.apiKeys.revoke(key.id);
    const [revoked] = await test.store.apiKeys.find(key.id);
    expect(revoked?.revokedAt).not.toBeNull();
    pass(5_000);
    await expect(authenticate(secret)).resolves.toBeNull();

    await test.store.apiKeys.revoke(key.id);
    await expect(test.store.apiKeys.find(key.id)).resolves.toEqual([revoked]);
  });

  it.each<[string, (id: string) => Promise<unknown>]>([
    [
      'an expiry',
      (id) => client.query('UPDATE api_keys SET expires_at = now() WHERE id = $1', [id]),
    ],
    ['the end of an overlap', (id) => rotateNow(id)],
  ])('notices %s after five seconds', async (_what, end) => {
    const { authenticate, pass } = authenticator();
    const { secret, key } = await create();
    await expect(authenticate(secret)).resolves.not.toBeNull();
    await end(key.id);
    pass(4_999);
    // Its cached answer is renewed before it ends, and is used until then.
    await authenticate(secret);
    pass(1);
    await expect(authenticate(secret)).resolves.toBeNull();
  });

  it('queries many keys together, and each key once', async () => {
    const { authenticate, batches } = authenticator(1_000);
    const { secret } = await create();
    const calls = Array.from({ length: 500 }, (_, number) =>
      authenticate(number % 2 === 0 ? secret : wrongSecret(number)),
    );
    const callers = await Promise.all(calls);
    expect(callers.filter((caller) => caller !== null)).toHaveLength(250);
    expect(batches).toEqual([1, 250]);
  });

  it('caches a limited number of keys, valid and invalid', async () => {
    const { authenticate, batches } = authenticator(2);
    const keys = await Promise.all([create(), create(), create()]);
    for (const { secret } of keys) await authenticate(secret);
    for (let number = 0; number < 100; number += 1) await authenticate(wrongSecret(number));
    batches.length = 0;
    // Invalid keys have not evicted the two newest valid ones; the oldest made room for those.
    for (const { secret } of keys.toReversed()) await authenticate(secret);
    expect(batches).toEqual([1]);
  });

  it('fails for callers whose query failed, and queries again for the next', async () => {
    const { secret } = await create();
    let broken = true;
    const authenticate = createAuthenticator({
      apiKeys: {
        valid: async (hashes) => {
          if (broken) throw new Error('down');
          return test.store.apiKeys.valid(hashes);
        },
      },
      ttlMs: 5_000,
      entriesMax: 10,
      monotonicMs: () => 0,
    });
    await expect(authenticate(secret)).rejects.toThrow('down');
    broken = false;
    await expect(authenticate(secret)).resolves.toMatchObject({ projectId: test.projectId });
  });
});
