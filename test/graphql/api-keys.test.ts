/** Keys are managed over GraphQL within their project: their secrets are shown once, and no key gives more than it has. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hashOf, scopedHashOf } from '../../src/meter/access/keys.js';
import { SCOPES } from '../../src/meter/access/scopes.js';
import {
  CREATE,
  KEY,
  type Manager,
  managerOf,
  REVOKE,
  ROTATE,
  SCOPE_NAMES,
} from '../support/access/manage.js';
import { startTestGateway, type TestGateway } from '../support/gateway/gateway.js';

let gateway: TestGateway;
let manager: Manager;

beforeAll(async () => {
  gateway = await startTestGateway();
  manager = managerOf(gateway);
});
afterAll(() => gateway.close());

const TRACKING = { name: 'tracking', scopes: ['TRACK_WRITE'] };
const rows = () => gateway.sql('SELECT * FROM api_keys ORDER BY id');
const NO_KEY = '00000000-0000-7000-8000-000000000000';

describe('createApiKey', () => {
  it('creates a key that does what its scopes say; only a hash of the secret is stored', async () => {
    const { apiKey, secret } = await manager.run(CREATE, {
      name: 'meter',
      scopes: ['EVENTS_READ', 'TRACK_WRITE'],
      expiresAt: '2999-01-31T00:00:00.000Z',
    });
    expect(secret).toMatch(/^tg_sk_[A-Za-z0-9_-]{43}$/);
    expect(apiKey).toEqual({
      apiKeyId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      name: 'meter',
      prefix: secret.slice(0, 12),
      scopes: ['EVENTS_READ', 'TRACK_WRITE'],
      createdAt: expect.any(String),
      expiresAt: '2999-01-31T00:00:00.000Z',
      revokedAt: null,
      lastUsedAt: null,
      rotatedToId: null,
      project: { projectId: gateway.projectId, name: 'test' },
    });
    const [row] = await gateway.sql('SELECT hash, k::text FROM api_keys k WHERE id = $1', [
      apiKey.apiKeyId,
    ]);
    expect(row).toMatchObject({ hash: scopedHashOf(secret) });
    expect(row?.['k']).not.toContain(secret.slice(12));
    await expect(manager.read('{ events { edges { cursor } } }', secret)).resolves.toBeDefined();
    const { status } = await gateway.execute('{ customers { edges { cursor } } }', {}, secret);
    expect(status).toBe(403);
  });

  it('creates another key each time: the secret of the first could not be shown again', async () => {
    const input = { name: 'twice', scopes: ['TRACK_WRITE'] };
    const [first, second] = [await manager.run(CREATE, input), await manager.run(CREATE, input)];
    expect(second.apiKey.apiKeyId).not.toBe(first.apiKey.apiKeyId);
    expect([await manager.works(first.secret), await manager.works(second.secret)]).toEqual([
      true,
      true,
    ]);
  });

  it('gives no scope that the key that is sent lacks, and stores nothing', async () => {
    const { secret } = await manager.keyWith(['keys:write', 'track:write']);
    const before = await rows();
    const refused = await manager.run(CREATE, { name: 'more', scopes: SCOPE_NAMES }, secret);
    expect(refused).toMatchObject({
      code: 'SCOPES_NOT_HELD',
      message: expect.stringContaining('lacks track:refund, check:read'),
    });
    expect(refused.scopes).toEqual(
      SCOPE_NAMES.filter((name) => !['KEYS_WRITE', 'TRACK_WRITE'].includes(name)),
    );
    expect(await rows()).toEqual(before);
    const same = { name: 'same', scopes: ['KEYS_WRITE', 'TRACK_WRITE'] };
    expect(await manager.run(CREATE, same, secret)).toHaveProperty('secret');
  });

  it.each([
    ['does not expire', null],
    ['expires later', 1],
  ])(
    'an expiring key creates none that %s: it could make itself permanent',
    async (_what, laterMs) => {
      const { id, secret } = await manager.keyWith(SCOPES, 60_000);
      const [own] = await gateway.store.apiKeys.find(id);
      const end = own?.expiresAt ?? 0;
      const endText = new Date(end).toISOString();
      const before = await rows();
      const expiresAt = laterMs === null ? null : new Date(end + laterMs).toISOString();
      const refused = await manager.run(CREATE, { ...TRACKING, expiresAt }, secret);
      expect(refused).toMatchObject({
        code: 'INVALID_INPUT',
        issues: [
          {
            path: 'expiresAt',
            value: JSON.stringify(expiresAt),
            rule: 'key_end',
            message: expect.stringContaining(`must be at most ${endText}`),
          },
        ],
      });
      expect(await rows()).toEqual(before);
      const made = await manager.run(CREATE, { ...TRACKING, expiresAt: endText }, secret);
      expect(made.apiKey.expiresAt).toBe(endText);
    },
  );

  it.each([
    ['an empty name', { name: '', scopes: ['TRACK_WRITE'] }, 'name', 'length'],
    ['a line break in the name', { name: 'a\nb', scopes: ['TRACK_WRITE'] }, 'name', 'control'],
    ['an escape in the name', { name: '\u001b[31m', scopes: ['TRACK_WRITE'] }, 'name', 'control'],
    [
      'a name that is too long',
      { name: 'x'.repeat(257), scopes: ['TRACK_WRITE'] },
      'name',
      'length',
    ],
    ['no scopes', { name: 'x', scopes: [] }, 'scopes', 'items'],
    ['a scope twice', { name: 'x', scopes: ['TRACK_WRITE', 'TRACK_WRITE'] }, 'scopes.1', 'unique'],
    [
      'an end in the past',
      { name: 'x', scopes: ['TRACK_WRITE'], expiresAt: '2020-01-01T00:00:00Z' },
      'expiresAt',
      'future',
    ],
  ])('refuses %s', async (_what, input, path, rule) => {
    const before = await rows();
    const refused = await manager.run(CREATE, input);
    expect(refused).toMatchObject({ code: 'INVALID_INPUT', issues: [{ path, rule }] });
    expect(await rows()).toEqual(before);
  });

  it('is bounded: a project has at most 1,000 valid keys, and ended ones do not count', async () => {
    const other = await gateway.store.projects.ensure('full');
    const fill = (count: number, column: string) =>
      gateway.sql(
        `INSERT INTO api_keys (id, project_id, name, prefix, hash, ${column})
          SELECT gen_random_uuid(), $1, 'filler', 'tg_sk_AAAAAA', sha256(($2 || n)::bytea), now()
          FROM generate_series(1, $3::int) AS n`,
        [other.project.id, column, count],
      );
    await fill(998, 'created_at');
    await fill(500, 'revoked_at');
    await fill(500, 'expires_at');
    const { secret } = await manager.adminKey();
    const create = () =>
      manager.run(
        CREATE,
        { projectId: other.project.id, name: 'x', scopes: ['TRACK_WRITE'] },
        secret,
      );
    const answers = await Promise.all([create(), create(), create(), create()]);
    const made = answers.filter((answer) => 'secret' in answer);
    const refused = answers.filter((answer) => 'code' in answer);
    expect([made.length, refused.length]).toEqual([2, 2]);
    expect(refused[0]).toMatchObject({
      code: 'INVALID_INPUT',
      issues: [{ path: 'name', rule: 'api_keys_max' }],
    });
  });
});

describe('revokeApiKey', () => {
  it('ends a key for good, and can be repeated', async () => {
    const { id, secret } = await manager.keyWith(SCOPES);
    expect(await manager.works(secret)).toBe(true);
    const first = await manager.run(REVOKE, { apiKeyId: id });
    expect(first.apiKey).toMatchObject({ apiKeyId: id, revokedAt: expect.any(String) });
    expect(await manager.works(secret)).toBe(false);
    expect(await manager.run(REVOKE, { apiKeyId: id })).toEqual(first);
  });

  it('works for the key that is sent, and for a stronger one: it gives nothing', async () => {
    const own = await manager.keyWith(['keys:write']);
    const strong = await manager.keyWith(SCOPES);
    expect(await manager.run(REVOKE, { apiKeyId: strong.id }, own.secret)).toHaveProperty('apiKey');
    expect(await manager.run(REVOKE, { apiKeyId: own.id }, own.secret)).toHaveProperty('apiKey');
    expect([await manager.works(strong.secret), await manager.works(own.secret)]).toEqual([
      false,
      false,
    ]);
  });
});

describe('what is not a key of the project', () => {
  it.each([
    ['rotateApiKey', ROTATE],
    ['revokeApiKey', REVOKE],
  ])(
    "%s: another project's key, an admin key and no key at all are the same",
    async (_name, document) => {
      const [foreign] = await gateway.store.apiKeys.find([hashOf(gateway.foreignSecret)]);
      const admin = await manager.adminKey();
      const before = await rows();
      for (const apiKeyId of [foreign?.id ?? '', admin.id, NO_KEY, 'no-uuid']) {
        const refused = await manager.run(document, { apiKeyId });
        expect(refused).toEqual({
          code: 'API_KEY_NOT_FOUND',
          message: expect.stringContaining(`No key with the id "${apiKeyId}" can be managed`),
        });
      }
      expect(await rows()).toEqual(before);
    },
  );

  it('projectId can be its own; another project and none at all are the same', async () => {
    const { project: foreign } = await gateway.store.projects.ensure('foreign');
    const before = await rows();
    for (const projectId of [
      foreign.id,
      NO_KEY,
      'no-uuid',
      '00000000-0000-0000-0000-000000000000',
    ]) {
      const refused = await manager.run(CREATE, { projectId, name: 'x', scopes: ['TRACK_WRITE'] });
      expect(refused).toEqual({
        code: 'PROJECT_NOT_FOUND',
        message: expect.stringContaining(`no project with the id "${projectId}"`),
      });
      const { project, apiKeys } = await manager.read(`{
        project(projectId: "${projectId}") { name }
        apiKeys(projectId: "${projectId}") { edges { cursor } pageInfo { hasNextPage } }
      }`);
      expect([project, apiKeys]).toEqual([null, { edges: [], pageInfo: { hasNextPage: false } }]);
    }
    expect(await rows()).toEqual(before);
    const { projectId } = gateway;
    const own = await manager.run(CREATE, { projectId, name: 'own', scopes: ['TRACK_WRITE'] });
    expect(own.apiKey.project.projectId).toBe(projectId);
  });
});

describe('apiKeys', () => {
  it('lists all keys of the project in pages, newest first, without anything secret', async () => {
    const page = async (args: string) =>
      (
        await manager.read(`{ apiKeys(${args}) {
        edges { cursor node { ${KEY} } } pageInfo { hasNextPage endCursor }
      } }`)
      ).apiKeys;
    const found: { apiKeyId: string }[] = [];
    for (let after = ''; ; ) {
      const { edges, pageInfo } = await page(`first: 7${after}`);
      found.push(...edges.map(({ node }: { node: { apiKeyId: string } }) => node));
      if (!pageInfo.hasNextPage) break;
      after = `, after: "${pageInfo.endCursor}"`;
    }
    const stored = await gateway.sql(
      'SELECT id FROM api_keys WHERE project_id = $1 ORDER BY id DESC',
      [gateway.projectId],
    );
    expect(found.map(({ apiKeyId }) => apiKeyId)).toEqual(stored.map(({ id }) => id));
    const hashes = await gateway.sql(`SELECT encode(hash, 'hex') AS hex FROM api_keys`);
    for (const { hex } of hashes) expect(JSON.stringify(found)).not.toContain(hex);
    const oldest = await page('last: 1');
    expect(oldest.edges[0].node.apiKeyId).toBe(stored.at(-1)?.['id']);
  });

  it('are found beside their project and by id', async () => {
    const { project } = await manager.read(
      '{ project { id projectId name createdAt apiKeys(first: 1) { edges { node { id name } } } } }',
    );
    expect(project).toMatchObject({ projectId: gateway.projectId, name: 'test' });
    const { id } = project.apiKeys.edges[0].node;
    const node = (id: string, secret?: string) =>
      manager.read(`{ node(id: "${id}") { __typename id } }`, secret);
    expect(await node(id)).toEqual({ node: { __typename: 'ApiKey', id } });
    expect(await node(project.id)).toEqual({ node: { __typename: 'Project', id: project.id } });
    for (const foreign of [id, project.id]) {
      expect(await node(foreign, gateway.foreignSecret)).toEqual({ node: null });
    }
  });
});
