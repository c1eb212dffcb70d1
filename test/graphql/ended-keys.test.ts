/** Keys that have ended are bounded by their number: those that ended first leave, and no valid one ever does. */
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { KEYS_KEPT } from '../../src/meter/access/manage-keys.js';
import { CREATE, type Manager, managerOf, ROTATE } from '../support/access/manage.js';
import { startTestGateway, type TestGateway } from '../support/gateway/gateway.js';

let gateway: TestGateway;
let manager: Manager;

beforeAll(async () => {
  gateway = await startTestGateway();
  manager = managerOf(gateway);
});
afterAll(() => gateway.close());

beforeEach(() => gateway.sql(`DELETE FROM api_keys WHERE name = 'filler'`));

/** Keys that ended 1, 2, 3... minutes ago, every other one by its expiry and all in an order that is not theirs by id. */
async function fill(count: number, projectId = gateway.projectId): Promise<void> {
  await gateway.sql(
    `INSERT INTO api_keys (id, project_id, name, prefix, hash, revoked_at, expires_at)
      SELECT gen_random_uuid(), $1::uuid, 'filler', 'tg_sk_' || lpad(n::text, 6, '0'), sha256(($1::text || '/' || n)::bytea),
        CASE WHEN n % 2 = 0 THEN ended END, CASE WHEN n % 2 = 0 THEN now() + interval '1 day' ELSE ended END
      FROM (SELECT n, now() - n * interval '1 minute' AS ended FROM generate_series(1, $2::int) AS n) AS keys`,
    [projectId, count],
  );
}

/** By how many minutes ago they ended. */
async function ended(projectId = gateway.projectId): Promise<number[]> {
  const rows = await gateway.sql(
    `SELECT substr(prefix, 7)::int AS n FROM api_keys WHERE name = 'filler' AND project_id = $1::uuid ORDER BY 1`,
    [projectId],
  );
  return rows.map(({ n }) => Number(n));
}

const upTo = (count: number) => Array.from({ length: count }, (_, n) => n + 1);

const create = () => manager.run(CREATE, { name: 'made', scopes: ['TRACK_WRITE'] });

it('with a new key, those that ended first leave; another project keeps its own', async () => {
  const { project: foreign } = await gateway.store.projects.ensure('foreign');
  await fill(KEYS_KEPT.endedMax + 3);
  await fill(KEYS_KEPT.endedMax + 3, foreign.id);
  const valid = await manager.keyWith(['track:write']);
  await create();
  expect(await ended()).toEqual(upTo(KEYS_KEPT.endedMax));
  expect(await ended(foreign.id)).toHaveLength(KEYS_KEPT.endedMax + 3);
  expect([await manager.works(valid.secret), await manager.works(gateway.secret)]).toEqual([
    true,
    true,
  ]);
});

it('up to a maximum, none leaves', async () => {
  await fill(KEYS_KEPT.endedMax);
  await create();
  expect(await ended()).toEqual(upTo(KEYS_KEPT.endedMax));
});

it('what an earlier release has left leaves in steps', async () => {
  await fill(KEYS_KEPT.endedMax + 150);
  await create();
  expect(await ended()).toHaveLength(KEYS_KEPT.endedMax + 50);
  await create();
  expect(await ended()).toEqual(upTo(KEYS_KEPT.endedMax));
});

it('a rotation that ends the old key at once keeps that one, and there are never more', async () => {
  await fill(KEYS_KEPT.endedMax);
  let { id } = await manager.keyWith(['track:write']);
  for (let rotation = 1; rotation <= 3; rotation += 1) {
    const { apiKey, replaced } = await manager.run(ROTATE, { apiKeyId: id, overlapMinutes: 0 });
    const [kept] = await gateway.store.apiKeys.find(id);
    expect([kept?.rotatedToId, replaced.apiKeyId]).toEqual([apiKey.apiKeyId, id]);
    expect(await ended()).toEqual(upTo(KEYS_KEPT.endedMax - rotation));
    id = apiKey.apiKeyId;
  }
});

it('none leaves with a change that is refused', async () => {
  await fill(KEYS_KEPT.endedMax + 1);
  const { id } = await manager.keyWith(['track:write']);
  await gateway.store.apiKeys.revoke(id);
  await gateway.sql(`UPDATE api_keys SET revoked_at = now() - interval '9 days' WHERE id = $1`, [
    id,
  ]);
  await manager.run(ROTATE, { apiKeyId: id, overlapMinutes: 0 });
  expect(await gateway.store.apiKeys.find(id)).toHaveLength(1);
  expect(await ended()).toHaveLength(KEYS_KEPT.endedMax + 1);
});
