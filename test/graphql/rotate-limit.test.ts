/** However keys are rotated, a project has no more valid ones than it may; an urgent rotation is possible all the same. */
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { API_KEYS_MAX, KEYS_KEPT } from '../../src/meter/access/manage-keys.js';
import { type Manager, managerOf, ROTATE } from '../support/access/manage.js';
import { startTestGateway, type TestGateway } from '../support/gateway/gateway.js';

let gateway: TestGateway;
let manager: Manager;

beforeAll(async () => {
  gateway = await startTestGateway();
  manager = managerOf(gateway);
});
afterAll(() => gateway.close());

const validCount = async () => {
  const [row] = await gateway.sql(
    `SELECT count(*)::int AS n FROM api_keys WHERE project_id = $1 AND revoked_at IS NULL
      AND (expires_at IS NULL OR expires_at > clock_timestamp())`,
    [gateway.projectId],
  );
  return Number(row?.['n']);
};

/** Leaves room for so many. */
async function fill(room: number): Promise<void> {
  await gateway.sql(
    `INSERT INTO api_keys (id, project_id, name, prefix, hash)
      SELECT gen_random_uuid(), $1, 'filler', 'tg_sk_AAAAAA', sha256(gen_random_uuid()::text::bytea)
      FROM generate_series(1, $2)`,
    [gateway.projectId, API_KEYS_MAX - room - (await validCount())],
  );
}

beforeEach(async () => {
  await gateway.sql(`UPDATE api_keys SET revoked_at = now() WHERE name IN ('filler', 'test')
    AND hash <> (SELECT hash FROM api_keys ORDER BY created_at LIMIT 1)`);
});

it('a rotation with an overlap needs room for both', async () => {
  const { id, secret } = await manager.keyWith(['track:write']);
  await fill(0);
  const refused = await manager.run(ROTATE, { apiKeyId: id, overlapMinutes: 5 });
  expect(refused).toMatchObject({
    code: 'INVALID_INPUT',
    issues: [{ path: 'overlapMinutes', value: '5', rule: 'api_keys_max' }],
  });
  expect(await validCount()).toBe(API_KEYS_MAX);
  expect(await manager.works(secret)).toBe(true);
  await gateway.sql(`UPDATE api_keys SET revoked_at = now() WHERE id =
    (SELECT id FROM api_keys WHERE name = 'filler' AND revoked_at IS NULL LIMIT 1)`);
  const rotated = await manager.run(ROTATE, { apiKeyId: id, overlapMinutes: 5 });
  expect(rotated.secret).toMatch(/^tg_sk_/);
  expect(await validCount()).toBe(API_KEYS_MAX);
});

it('a rotation without an overlap needs none', async () => {
  const { id } = await manager.keyWith(['track:write']);
  await fill(0);
  const rotated = await manager.run(ROTATE, { apiKeyId: id, overlapMinutes: 0 });
  expect(rotated.secret).toMatch(/^tg_sk_/);
  expect(await validCount()).toBe(API_KEYS_MAX);
});

it('a key that has ended is said to have ended, even if there is no room', async () => {
  const { id } = await manager.keyWith(['track:write']);
  await gateway.store.apiKeys.revoke(id);
  await fill(0);
  expect(await manager.run(ROTATE, { apiKeyId: id, overlapMinutes: 5 })).toMatchObject({
    code: 'API_KEY_ENDED',
  });
});

it('rotations at once do not both take the last place', async () => {
  const keys = await Promise.all(Array.from({ length: 4 }, () => manager.keyWith(['track:write'])));
  await fill(2);
  const { managedKeys } = gateway.store;
  const { projectId } = gateway;
  const limits = { overlapMs: 60_000, endMax: null };
  // Past the gate of one gateway, as several gateways do.
  const results = await Promise.all(
    keys.map(({ id }, n) => {
      const secret = { prefix: 'tg_sk_BBBBBB', hash: new Uint8Array(32).fill(n + 1) };
      return managedKeys.rotate({ id, projectId }, secret, limits, KEYS_KEPT);
    }),
  );
  expect(results.filter((result) => result === 'TOO_MANY')).toHaveLength(2);
  expect(await validCount()).toBe(API_KEYS_MAX);
});
