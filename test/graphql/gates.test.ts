/** Changes of keys, features, projects and customers that wait for a lock: they take few connections, and nothing from others. */
import { afterEach, expect, it } from 'vitest';
import { CREATE } from '../support/access/manage.js';
import { type OtherSessions, openOtherSessions } from '../support/database/other-sessions.js';
import {
  startTestGateway,
  type TestGateway,
  type TestGatewayOptions,
} from '../support/gateway/gateway.js';
import { setUp } from '../support/gateway/set-up.js';

let gateway: TestGateway;
let otherSessions: OtherSessions;

async function start(options: TestGatewayOptions = {}): Promise<void> {
  gateway = await startTestGateway({ lanes: 2, ...options });
  otherSessions = openOtherSessions(gateway.database.url);
}

afterEach(async () => {
  await otherSessions.close();
  await gateway.close();
});

/** Holds the row of the project, as a change of its features does. */
const holdProject = () =>
  otherSessions.hold('SELECT FROM projects WHERE id = $1 FOR NO KEY UPDATE', [gateway.projectId]);

const createKey = (name: string) =>
  gateway.execute(CREATE, { input: { name, scopes: ['TRACK_WRITE'] } });

const FEATURE = `mutation ($input: FeaturesCreateInput!) {
  answer: createFeature(input: $input) { ... on CreateFeaturePayload { created } }
}`;
const CUSTOMER = `mutation ($input: CustomersCreateInput!) {
  answer: createCustomer(input: $input) { ... on CreateCustomerPayload { created } }
}`;
const UPDATE = `mutation ($input: CustomersUpdateInput!) {
  answer: updateCustomer(input: $input) { __typename }
}`;
const GRANT = `mutation ($input: BalancesCreateInput!) {
  answer: createBalance(input: $input) { __typename }
}`;
const TRACK = `mutation ($input: BalancesTrackInput!) {
  answer: trackBalance(input: $input) { ... on TrackBalancePayload { replayed } }
}`;

/** What another project does: its key is looked up each time. */
const elsewhere = async (document: string, input: object) => {
  const { data, errors } = await gateway.execute(document, { input }, gateway.foreignSecret);
  expect(errors).toEqual([]);
  return data;
};

async function setUpElsewhere(): Promise<void> {
  await elsewhere(FEATURE, { featureId: 'messages', name: 'Messages', type: 'CONSUMABLE' });
  await elsewhere(CUSTOMER, { customerId: 'beta' });
  await elsewhere(GRANT, { customerId: 'beta', featureId: 'messages', granted: 10 });
}

const USAGE = { customerId: 'beta', featureId: 'messages', value: 1 };

const namesOfKeys = async () =>
  (await gateway.sql('SELECT name FROM api_keys')).map(({ name }) => String(name));

it('those of one project wait on one connection, 50 of them behind it; another project goes on', async () => {
  await start();
  await setUpElsewhere();
  const before = (await namesOfKeys()).length;
  const release = await holdProject();
  const codes: unknown[] = [];
  const calls = Array.from({ length: 60 }, async (_, n) => {
    const { errors } = await createKey(`flood ${n}`);
    codes.push(errors[0]?.extensions['code'] ?? 'CREATED');
  });
  await expect.poll(() => codes).toEqual(Array.from({ length: 9 }, () => 'OVERLOADED'));
  await otherSessions.untilOneWaits();
  expect(await elsewhere(TRACK, USAGE)).toEqual({ answer: { replayed: false } });
  expect(
    await elsewhere(FEATURE, { featureId: 'seats', name: 'Seats', type: 'CONSUMABLE' }),
  ).toEqual({
    answer: { created: true },
  });
  expect(await otherSessions.waitingNow()).toBe(1);
  await release();
  await Promise.all(calls);
  expect(codes.filter((code) => code === 'CREATED')).toHaveLength(51);
  expect((await namesOfKeys()).length - before).toBe(51);
});

it('changes of a customer that is locked elsewhere leave connections to another project', async () => {
  await start();
  await setUpElsewhere();
  await setUp(gateway, { features: [], customers: [{ customerId: 'acme' }], balances: [] });
  const release = await otherSessions.hold("SELECT FROM customers WHERE id = 'acme' FOR UPDATE");
  const input = { customerId: 'acme', name: 'Acme' };
  const calls = Array.from({ length: 20 }, () => gateway.execute(UPDATE, { input }));
  await otherSessions.untilWaiting(2);
  expect(await elsewhere(TRACK, USAGE)).toEqual({ answer: { replayed: false } });
  expect(await elsewhere(CUSTOMER, { customerId: 'gamma' })).toEqual({ answer: { created: true } });
  expect(await otherSessions.waitingNow()).toBe(2);
  await release();
  for (const { errors } of await Promise.all(calls)) expect(errors).toEqual([]);
});

it('one whose operation has timed out before its turn writes nothing', async () => {
  await start({
    operationBounds: { operationTimeoutMs: 1_000 },
    limits: { acquireTimeoutMs: 6_000, statementTimeoutMs: 30_000 },
  });
  const release = await holdProject();
  const first = createKey('first');
  await otherSessions.untilOneWaits();
  const ends = await Promise.all([first, createKey('second')]);
  expect(ends.map(({ errors }) => errors[0]?.extensions['code'])).toEqual([
    'DATABASE_TIMEOUT',
    'OPERATION_TIMEOUT',
  ]);
  await release();
  expect((await createKey('third')).errors).toEqual([]);
  const names = await namesOfKeys();
  expect(names).toContain('third');
  expect(names).not.toContain('second');
  expect(names).not.toContain('first');
});

it('a project that is locked for too long is called that, and no customer is', async () => {
  await start({ limits: { acquireTimeoutMs: 200, statementTimeoutMs: 20_000 } });
  const release = await holdProject();
  const feature = { featureId: 'seats', name: 'Seats', type: 'CONSUMABLE' };
  const answers = [await createKey('held'), await gateway.execute(FEATURE, { input: feature })];
  for (const { errors } of answers) {
    expect(errors).toMatchObject([
      {
        message: expect.stringMatching(/has locked the project, .* Nothing was written; /),
        extensions: { code: 'DATABASE_TIMEOUT', retryable: true },
      },
    ]);
  }
  await release();
  expect(await namesOfKeys()).not.toContain('held');
});

it('a project with as many keys as it may have is told so without waiting for a lock', async () => {
  await start();
  await gateway.sql(
    `INSERT INTO api_keys (id, project_id, name, prefix, hash)
      SELECT gen_random_uuid(), $1, 'filler', 'tg_sk_AAAAAA', sha256(n::text::bytea)
      FROM generate_series(1, 1000) AS n`,
    [gateway.projectId],
  );
  const release = await holdProject();
  const { data } = await createKey('one more');
  expect(data).toMatchObject({ answer: { issues: [{ rule: 'api_keys_max' }] } });
  await release();
});
