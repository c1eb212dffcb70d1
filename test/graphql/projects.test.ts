/** An admin key manages all projects and their keys, and does nothing else; no other key can do what only it can. */
import { getIntrospectionQuery } from 'graphql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SCOPES } from '../../src/meter/access/scopes.js';
import {
  CREATE,
  CREATE_PROJECT,
  KEY,
  type Manager,
  managerOf,
  REVOKE,
  ROTATE,
  SCOPE_NAMES,
} from '../support/access/manage.js';
import { ADMIN_ONLY } from '../support/access/scope-table.js';
import { startTestGateway, type TestGateway } from '../support/gateway/gateway.js';
import { setUp } from '../support/gateway/set-up.js';

let gateway: TestGateway;
let manager: Manager;
let admin: string;

beforeAll(async () => {
  gateway = await startTestGateway();
  manager = managerOf(gateway);
  ({ secret: admin } = await manager.adminKey());
  await setUp(gateway, {
    features: [{ featureId: 'messages' }],
    customers: [{ customerId: 'acme', entities: ['seat'] }],
    balances: [{ customerId: 'acme', featureId: 'messages', granted: 5 }],
  });
});
afterAll(() => gateway.close());

async function written(): Promise<unknown> {
  const tables = [
    'projects',
    'api_keys',
    'features',
    'customers',
    'entities',
    'balances',
    'events',
  ];
  return Promise.all(tables.map((table) => gateway.sql(`SELECT * FROM ${table} ORDER BY 1, 2`)));
}

describe('an admin key', () => {
  it('creates a project and its first key, with which the project is used', async () => {
    expect(admin).toMatch(/^tg_ak_[A-Za-z0-9_-]{43}$/);
    const made = await manager.run(CREATE_PROJECT, { name: 'new' }, admin);
    expect(made).toMatchObject({ created: true, project: { name: 'new' } });
    const again = await manager.run(CREATE_PROJECT, { name: 'new' }, admin);
    expect(again).toEqual({ ...made, created: false });

    const { projectId } = made.project;
    const draft = { projectId, name: 'backend', scopes: SCOPE_NAMES };
    const { apiKey, secret } = await manager.run(CREATE, draft, admin);
    expect(apiKey).toMatchObject({ scopes: SCOPE_NAMES, project: { projectId, name: 'new' } });
    // Also one that expires: what it provisions may outlive it.
    const expiring = await manager.adminKey(60_000);
    const lasting = await manager.run(CREATE, draft, expiring.secret);
    expect(lasting.apiKey.expiresAt).toBeNull();
    await setUp(
      gateway,
      { features: [{ featureId: 'messages' }], customers: [{ customerId: 'acme' }], balances: [] },
      secret,
    );
    const { customer } = await manager.read('{ customer(customerId: "acme") { name } }', secret);
    expect(customer).toEqual({ name: null });
  });

  it('lists all projects in pages, each with its keys, and never an admin key', async () => {
    const names: string[] = [];
    const keys: string[] = [];
    for (let after = ''; ; ) {
      const { projects } = await manager.read(
        `{ projects(first: 1${after}) {
          edges { node { name apiKeys { edges { node { apiKeyId } } } } }
          pageInfo { hasNextPage endCursor }
        } }`,
        admin,
      );
      for (const { node } of projects.edges) {
        names.push(node.name);
        for (const edge of node.apiKeys.edges) keys.push(edge.node.apiKeyId);
      }
      if (!projects.pageInfo.hasNextPage) break;
      after = `, after: "${projects.pageInfo.endCursor}"`;
    }
    const stored = await gateway.sql('SELECT name FROM projects ORDER BY id');
    expect(names).toEqual(stored.map(({ name }) => name));
    const ofProjects = await gateway.sql('SELECT id FROM api_keys WHERE project_id IS NOT NULL');
    expect(keys.toSorted()).toEqual(ofProjects.map(({ id }) => id).toSorted());
  });

  it('rotates and revokes the keys of any project, whatever they may do', async () => {
    const { id } = await manager.keyWith(SCOPES);
    const rotated = await manager.run(ROTATE, { apiKeyId: id, overlapMinutes: 0 }, admin);
    expect(rotated.secret).toMatch(/^tg_sk_/);
    expect(await manager.works(rotated.secret)).toBe(true);
    await manager.run(REVOKE, { apiKeyId: rotated.apiKey.apiKeyId }, admin);
    expect(await manager.works(rotated.secret)).toBe(false);
  });

  it('manages no admin key, not even itself', async () => {
    const other = await manager.adminKey();
    for (const document of [ROTATE, REVOKE]) {
      const refused = await manager.run(document, { apiKeyId: other.id }, other.secret);
      expect(refused).toMatchObject({ code: 'API_KEY_NOT_FOUND' });
    }
    expect(await manager.works(other.secret)).toBe(true);
  });

  it('reads projects and keys by id, as nodes too', async () => {
    const { projectId } = gateway;
    const { project, apiKeys } = await manager.read(
      `{ project(projectId: "${projectId}") { id name apiKeys(first: 1) { edges { node { id ${KEY} } } } }
        apiKeys(projectId: "${projectId}", first: 1) { edges { node { id } } } }`,
      admin,
    );
    expect(project.name).toBe('test');
    const [{ node }] = project.apiKeys.edges;
    expect(apiKeys.edges).toEqual([{ node: { id: node.id } }]);
    for (const id of [project.id, node.id]) {
      const found = await manager.read(`{ node(id: "${id}") { id } }`, admin);
      expect(found).toEqual({ node: { id } });
    }
    const none = await manager.read('{ project(projectId: "none") { name } }', admin);
    expect(none).toEqual({ project: null });
  });

  it.each([
    ['project', '{ project { name } }'],
    ['apiKeys', '{ apiKeys { edges { cursor } } }'],
  ])('has to say which project: %s', async (_name, query) => {
    const { errors } = await gateway.execute(query, {}, admin);
    expect(errors).toMatchObject([
      { extensions: { code: 'BAD_USER_INPUT', issues: [{ path: 'projectId', rule: 'required' }] } },
    ]);
  });

  it('has to say for which project a key is, and which exists', async () => {
    const before = await written();
    const draft = { name: 'x', scopes: ['TRACK_WRITE'] };
    expect(await manager.run(CREATE, draft, admin)).toMatchObject({
      code: 'INVALID_INPUT',
      issues: [{ path: 'projectId', rule: 'required' }],
    });
    const NONE = [
      '00000000-0000-7000-8000-000000000000',
      '00000000-0000-0000-0000-000000000000',
      'x',
    ];
    for (const projectId of NONE) {
      expect(await manager.run(CREATE, { ...draft, projectId }, admin)).toMatchObject({
        code: 'PROJECT_NOT_FOUND',
      });
    }
    expect(await written()).toEqual(before);
  });

  const OTHERS = [
    '{ features { edges { cursor } } }',
    '{ feature(featureId: "messages") { name } }',
    '{ customers { edges { cursor } } }',
    '{ customer(customerId: "acme") { id } }',
    '{ events { edges { cursor } } }',
    '{ projects { edges { cursor } } features { edges { cursor } } }',
    '{ ...F } fragment F on Query { projects { edges { cursor } } ... { features { edges { cursor } } } }',
    '{ projects { edges { cursor } } features @skip(if: true) { edges { cursor } } }',
    'mutation { trackBalance(input: { customerId: "acme", featureId: "messages" }) { __typename } }',
    'mutation { createProject(input: { name: "y" }) { __typename } createCustomer(input: { customerId: "y" }) { __typename } }',
    'mutation { createFeature(input: { featureId: "y", name: "y", type: BOOLEAN }) { __typename } }',
    'mutation { createBalance(input: { customerId: "acme", featureId: "messages", granted: 1 }) { __typename } }',
    'mutation { deleteEntity(input: { customerId: "acme", entityId: "seat" }) { __typename } }',
  ];

  it.each(OTHERS)('does nothing else: %s', async (query) => {
    const before = await written();
    const { status, data, errors } = await gateway.execute(query, {}, admin);
    expect({ status, data }).toEqual({ status: 403, data: null });
    expect(errors).toMatchObject([
      {
        message: expect.stringMatching(/^An admin key manages/),
        extensions: { code: 'FORBIDDEN', missingScopes: [] },
      },
    ]);
    expect(await written()).toEqual(before);
  });

  it('can read the schema', async () => {
    const { errors } = await gateway.execute(getIntrospectionQuery(), {}, admin);
    expect(errors).toEqual([]);
  });

  it('finds nothing of a project by a global id', async () => {
    const { customer } = await manager.read('{ customer(customerId: "acme") { id } }');
    const { feature } = await manager.read('{ feature(featureId: "messages") { id } }');
    const { status } = await gateway.execute(`{ node(id: "${customer.id}") { id } }`, {}, admin);
    expect(status).toBe(403);
    const found = await manager.read(`{ node(id: "${feature.id}") { id } }`, admin);
    expect(found).toEqual({ node: null });
  });
});

describe('a key of a project', () => {
  const DOCUMENTS: Readonly<Record<string, string>> = {
    'Query.projects': '{ projects { edges { cursor } } }',
    'Mutation.createProject':
      'mutation { createProject(input: { name: "theirs" }) { __typename } }',
  };

  it.each(ADMIN_ONLY)('with all scopes cannot use %s', async (coordinate) => {
    const query = DOCUMENTS[coordinate] ?? '';
    const before = await written();
    const { status, data, errors } = await gateway.execute(query);
    expect({ status, data }).toEqual({ status: 403, data: null });
    expect(errors).toMatchObject([
      {
        message: expect.stringMatching(/^This needs an admin key.*keys -- create --admin$/),
        extensions: { code: 'FORBIDDEN', missingScopes: ['admin'] },
      },
    ]);
    expect(await written()).toEqual(before);
  });

  it('does not become an admin key by what is stored in its scopes', async () => {
    const { id, secret } = await manager.keyWith(SCOPES);
    await gateway.sql(`UPDATE api_keys SET scopes = scopes || '{admin}' WHERE id = $1`, [id]);
    expect((await gateway.execute('{ projects { edges { cursor } } }', {}, secret)).status).toBe(
      403,
    );
    // Nor can it lose its project.
    const unbound = gateway.sql(
      'UPDATE api_keys AS k SET project_id = NULL FROM projects WHERE k.id = $1',
      [id],
    );
    await expect(unbound).rejects.toThrow('api_keys_project_check');
  });
});

it.each([
  ['empty', '', 'length'],
  ['too long', 'x'.repeat(257), 'length'],
  ['with a line break', 'a\nb', 'control'],
])('createProject refuses a name that is %s', async (_what, name, rule) => {
  const before = await written();
  const refused = await manager.run(CREATE_PROJECT, { name }, admin);
  expect(refused).toMatchObject({ code: 'INVALID_INPUT', issues: [{ path: 'name', rule }] });
  expect(await written()).toEqual(before);
});

it('there are at most 1,000 projects; one that exists is found all the same', async () => {
  await gateway.sql(
    `INSERT INTO projects (id, name) SELECT gen_random_uuid(), 'filler ' || n
      FROM generate_series(1, 1000 - (SELECT count(*) FROM projects)) AS n`,
  );
  const refused = await manager.run(CREATE_PROJECT, { name: 'one more' }, admin);
  expect(refused).toMatchObject({ code: 'INVALID_INPUT', issues: [{ rule: 'projects_max' }] });
  const found = await manager.run(CREATE_PROJECT, { name: 'test' }, admin);
  expect(found).toMatchObject({ created: false });
});
