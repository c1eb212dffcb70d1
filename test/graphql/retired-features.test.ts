/** Archived and deleted features, as a client sees them. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Client, createClient } from '../support/client/client.js';
import { blocksOf } from '../support/client/page-examples.js';
import { startTestGateway, type TestGateway } from '../support/gateway/gateway.js';
import { setUp } from '../support/gateway/set-up.js';

let gateway: TestGateway;
let client: Client;

beforeAll(async () => {
  gateway = await startTestGateway();
  client = createClient(gateway.origin, gateway.secret);
  await setUp(gateway, {
    features: ['a', 'b', 'c', 'd'].map((featureId) => ({ featureId })),
    customers: [{ customerId: 'acme' }],
    balances: [{ customerId: 'acme', featureId: 'b', granted: 10 }],
  });
});
afterAll(() => gateway.close());

const ARCHIVE = `mutation ($input: FeaturesArchiveInput!) { archiveFeature(input: $input) {
  ... on ArchiveFeaturePayload { feature { featureId archivedAt } } ... on Error { code } } }`;

const DELETE = `mutation ($input: FeaturesDeleteInput!) { deleteFeature(input: $input) {
  ... on DeleteFeaturePayload { feature { featureId name archivedAt creditCosts { cost } } }
  ... on FeatureInUseError { uses } ... on Error { code message } } }`;

const archive = (featureId: string, archived?: boolean | null) =>
  client.run(ARCHIVE, { input: { featureId, archived } });

interface Listed {
  readonly features: {
    readonly edges: { readonly cursor: string; readonly node: { readonly featureId: string } }[];
    readonly pageInfo: { readonly hasNextPage: boolean };
  };
}

async function listed(args = '') {
  const query = `{ features${args} { edges { cursor node { featureId } } pageInfo { hasNextPage } } }`;
  const { edges, pageInfo } = (await client.run<Listed>(query, {})).features;
  const ids = edges.map(({ node }) => node.featureId).join('');
  return { ids: pageInfo.hasNextPage ? `${ids}…` : ids, cursor: edges.at(-1)?.cursor };
}

it('an archived feature is omitted from the list unless it is wanted, on every page', async () => {
  // Null means what is omitted, as everywhere.
  await archive('b', null);
  await archive('c', true);
  expect(await listed()).toMatchObject({ ids: 'ad' });
  expect(await listed('(includeArchived: null)')).toMatchObject({ ids: 'ad' });
  expect(await listed('(includeArchived: true)')).toMatchObject({ ids: 'abcd' });
  const { ids, cursor } = await listed('(first: 1)');
  expect(ids).toBe('a…');
  expect(await listed(`(first: 1, after: "${cursor}")`)).toMatchObject({ ids: 'd' });
  expect(await listed(`(first: 1, after: "${cursor}", includeArchived: true)`)).toMatchObject({
    ids: 'b…',
  });
  expect(await listed('(last: 2, includeArchived: true)')).toMatchObject({ ids: 'cd' });
});

it('it can be read, and what exists of it is used', async () => {
  const query = `query { feature(featureId: "b") { archivedAt }
    customer(customerId: "acme") { balance(featureId: "b") { remaining feature { archivedAt } } } }`;
  const at = { archivedAt: expect.stringMatching(/^20\d\d-.*Z$/) };
  expect(await client.run(query, {})).toEqual({
    feature: at,
    customer: { balance: { remaining: 10, feature: at } },
  });
  const track = `mutation { trackBalance(input: { customerId: "acme", featureId: "b", value: 3 }) {
    ... on TrackBalancePayload { balance { remaining } } ... on Error { code } } }`;
  expect(await client.run(track, {})).toEqual({ trackBalance: { balance: { remaining: 7 } } });
});

it('a new balance is refused with what to do', async () => {
  const create = `mutation { createBalance(input: { customerId: "acme", featureId: "b", granted: 1 }) {
    ... on CreateBalancePayload { created } ... on FeatureArchivedError { code featureId message } } }`;
  expect(await client.run(create, {})).toEqual({
    createBalance: {
      code: 'FEATURE_ARCHIVED',
      featureId: 'b',
      message:
        'The feature "b" is archived, so there can be no new balances of it. Bring it back with ' +
        'archiveFeature and archived: false first.',
    },
  });
  expect(await archive('b', false)).toEqual({
    archiveFeature: { feature: { featureId: 'b', archivedAt: null } },
  });
  expect(await client.run(create, {})).toEqual({ createBalance: { created: true } });
});

it('a feature that something has used is not deleted, and one that nothing has used is', async () => {
  expect(await client.run(DELETE, { input: { featureId: 'b' } })).toEqual({
    deleteFeature: {
      code: 'FEATURE_IN_USE',
      uses: ['BALANCES', 'EVENTS'],
      message:
        'The feature "b" cannot be deleted, because there are balances of it, ended ones included, usage ' +
        'events of it or of its event names. Archive it with archiveFeature instead, unless it is archived already.',
    },
  });
  const archivedAt = expect.stringMatching(/^20/);
  expect(await client.run(DELETE, { input: { featureId: 'c' } })).toEqual({
    deleteFeature: { feature: { featureId: 'c', name: 'c', archivedAt, creditCosts: [] } },
  });
  expect(await listed('(includeArchived: true)')).toMatchObject({ ids: 'abd' });
  expect(await client.run('{ feature(featureId: "c") { name } }', {})).toEqual({ feature: null });
});

it('while a feature is being deleted, it is not found, and what names it can be read', async () => {
  await client.run(
    `mutation { trackBalance(input: { customerId: "acme", featureId: "d" }) { __typename } }`,
    {},
  );
  await gateway.sql(`INSERT INTO removed_features
    SELECT project_id, id, to_jsonb(f), '[]', now() FROM features AS f WHERE id = 'd'`);
  await gateway.sql(`DELETE FROM features WHERE id = 'd'`);
  const query = `{ feature(featureId: "d") { name }
    customer(customerId: "acme") { events(first: 1) { edges { node { feature { featureId name archivedAt } } } } } }`;
  expect(await client.run(query, {})).toEqual({
    feature: null,
    customer: {
      events: { edges: [{ node: { feature: { featureId: 'd', name: 'd', archivedAt: null } } }] },
    },
  });
});

it('the examples of the documentation do what it says', async () => {
  const blocks = await blocksOf('tracking.md');
  const run = (verb: string) =>
    client.run(blocks.find(({ text }) => text.includes(`${verb}(`))?.text ?? '', {});
  const smms = { features: [{ featureId: 'smms' }], customers: [], balances: [] };
  await setUp(gateway, { ...smms, features: [{ featureId: 'sms' }, { featureId: 'smms' }] });
  expect(await run('archiveFeature')).toEqual({
    archiveFeature: { feature: { featureId: 'sms', archivedAt: expect.stringMatching(/^20/) } },
  });
  expect(await run('deleteFeature')).toEqual({
    deleteFeature: { feature: { featureId: 'smms', name: 'smms' } },
  });
  await setUp(gateway, {
    ...smms,
    balances: [{ customerId: 'acme', featureId: 'smms', granted: 1 }],
  });
  expect(await run('deleteFeature')).toMatchObject({
    deleteFeature: { code: 'FEATURE_IN_USE', uses: ['BALANCES'] },
  });
});
