/** While customers are closed to writes, nothing of them is written, by whatever gateway or program; what was acknowledged before is. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Damage } from '../../src/store/audit.js';
import { CUSTOMER_TABLES } from '../../src/store/customer-tables.js';
import { inEach } from '../../src/store/each-place.js';
import { createClient } from '../support/client/client.js';
import { events } from '../support/client/operations.js';
import { connect } from '../support/database/connections.js';
import { type OtherSessions, openOtherSessions } from '../support/database/other-sessions.js';
import { PLACES } from '../support/database/places.js';
import { runCommand } from '../support/gateway/command.js';
import { startTestGateway, type TestGateway } from '../support/gateway/gateway.js';
import { setUp } from '../support/gateway/set-up.js';
import { prepareLoad, startLoad } from '../support/load/load.js';
import { randomOf, seedOf } from '../support/random/random.js';

const ALWAYS_REFUSED = '23001';

let gateway: TestGateway;
let otherSessions: OtherSessions;

beforeAll(async () => {
  gateway = await startTestGateway();
  otherSessions = openOtherSessions(gateway.database.url);
  await setUp(gateway, {
    features: [{ featureId: 'messages' }],
    customers: [{ customerId: 'acme', entities: ['seat'] }, { customerId: 'leaver' }],
    balances: [{ customerId: 'acme', featureId: 'messages', granted: 100 }],
  });
});

afterAll(async () => {
  await otherSessions.close();
  await gateway.close();
});

/** All places, of which there is one unless the tests run with several. */
async function close() {
  const since = await inEach(gateway.store.fence.places, gateway.store.fence.close);
  return since[0];
}

async function open() {
  const [opened] = await inEach(gateway.store.fence.places, gateway.store.fence.open);
  return opened;
}

async function closedSince() {
  const [since] = (await gateway.store.fence.closedSince()).values();
  return since;
}

beforeEach(open);

/** Everything that belongs to customers. */
async function written(): Promise<readonly string[]> {
  const texts = CUSTOMER_TABLES.map(
    (table) => `SELECT '${table}' AS name, t::text AS row FROM ${table} AS t`,
  );
  const rows = await gateway.sql(`${texts.join(' UNION ALL ')} ORDER BY 1, 2`);
  return rows.map(({ name, row }) => `${name} ${row}`);
}

it('the tables of customers are those that begin with their key, the ranges aside', async () => {
  const rows =
    await gateway.sql(`SELECT relname AS name FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid
    WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition
      AND attnum = 1 AND attname = 'customer_key'`);
  expect(rows.map(({ name }) => name).toSorted()).toEqual(CUSTOMER_TABLES.toSorted());
});

const track = (key: string) => ({
  type: 'BalancesTrackInput',
  field: 'trackBalance',
  input: { customerId: 'acme', featureId: 'messages', idempotencyKey: key },
});

/** A mutation of each kind of statement. */
const WRITES = [
  track('refused'),
  {
    type: 'BalancesTrackInput',
    field: 'trackBalance',
    input: { customerId: 'acme', featureId: 'messages', entityId: 'seat' },
  },
  {
    type: 'BalancesReserveInput',
    field: 'reserveBalance',
    input: { customerId: 'acme', featureId: 'messages', value: 1, expiresInSeconds: 60 },
  },
  {
    type: 'BalancesCreateInput',
    field: 'createBalance',
    input: { customerId: 'acme', featureId: 'messages', granted: 1 },
  },
  {
    type: 'EntitiesCreateInput',
    field: 'createEntity',
    input: { customerId: 'acme', entityId: 'chair' },
  },
  {
    type: 'EntitiesUpdateInput',
    field: 'updateEntity',
    input: { customerId: 'acme', entityId: 'seat', name: 'Seat' },
  },
  { type: 'CustomersCreateInput', field: 'createCustomer', input: { customerId: 'new' } },
  {
    type: 'CustomersUpdateInput',
    field: 'updateCustomer',
    input: { customerId: 'acme', name: 'Acme' },
  },
  {
    type: 'CustomersDeleteInput',
    field: 'deleteCustomer',
    input: { customerId: 'leaver' },
  },
];

const run = ({ type, field, input }: (typeof WRITES)[number]) =>
  gateway.execute(
    `mutation ($input: ${type}!) { ${field}(input: $input) { __typename ... on Error { code message } } }`,
    { input },
  );

describe('while it is closed', () => {
  it('no mutation writes anything of customers, each says so, and all else goes on', async () => {
    await run(track('before'));
    await close();
    const before = await written();
    const answers = await Promise.all(WRITES.map(run));
    expect(await written()).toEqual(before);
    for (const [index, { errors = [] }] of answers.entries()) {
      expect(errors, WRITES[index]?.field).toMatchObject([
        {
          message: expect.stringMatching(/^Customers are closed to writes .* Nothing was written/),
          extensions: { code: 'DATABASE_UNAVAILABLE', retryable: true },
        },
      ]);
    }
    const feature = { type: 'FeaturesCreateInput', field: 'createFeature' };
    const input = { featureId: 'seats', name: 'Seats', type: 'CONTINUOUS' };
    expect(await run({ ...feature, input } as unknown as (typeof WRITES)[number])).toMatchObject({
      data: { createFeature: { __typename: 'CreateFeaturePayload' } },
    });
    const client = createClient(gateway.origin, gateway.secret);
    expect(await events(client, 'acme')).toHaveLength(1);
    await open();
    const again = await Promise.all([run(track('before')), run(track('refused'))]);
    expect(again.map(({ errors = [] }) => errors)).toEqual([[], []]);
    expect(await events(client, 'acme')).toHaveLength(2);
  });

  it('no other program can write either', async () => {
    await close();
    const { places } = gateway.store.fence;
    const tables = CUSTOMER_TABLES.flatMap((table) => places.map((place) => `${place}.${table}`));
    const statements = tables.flatMap((table) => [
      `INSERT INTO ${table} SELECT * FROM ${table} WHERE false`,
      `UPDATE ${table} SET project_id = project_id WHERE false`,
      `DELETE FROM ${table} WHERE false`,
      `TRUNCATE ${table}`,
    ]);
    for (const statement of statements) {
      const state = await gateway.sql(statement).then(
        () => 'none',
        (error: { code: string }) => error.code,
      );
      // The class 53 is what gateways of earlier releases go by. Some tables refuse some of these at all times.
      expect(['53TG1', ALWAYS_REFUSED], statement).toContain(state);
      if (statement.startsWith('INSERT')) expect(state, statement).toBe('53TG1');
    }
  });
});

it('a call that comes while it is closed for a moment is answered as always', async () => {
  await close();
  const answer = run(track('waits'));
  await open();
  expect((await answer).errors ?? []).toEqual([]);
});

it('closing waits for what is in progress', async () => {
  const other = await connect(gateway.database.url);
  await other.query('BEGIN');
  await other.query(
    "INSERT INTO public.customers (customer_key, project_id, id) VALUES ('00000000-0000-4000-8000-000000000000', $1, 'late')",
    [gateway.projectId],
  );
  const seen = close().then(written);
  await otherSessions.untilOneWaits();
  await other.query('COMMIT');
  await other.end();
  expect((await seen).filter((row) => row.includes(',late,'))).toHaveLength(1);
});

it('closing while another session opens is not undone by it', async () => {
  const other = await connect(gateway.database.url);
  await other.query('SELECT pg_advisory_lock(72707372)');
  const waiting = async () => {
    const rows = await gateway.sql(
      `SELECT FROM pg_locks JOIN pg_database AS d ON d.oid = database
        WHERE d.datname = current_database() AND locktype = 'advisory' AND objid = 72707372 AND NOT granted`,
    );
    return rows.length;
  };
  const opened = open();
  await expect.poll(waiting).toBe(1);
  const closed = close();
  await expect.poll(waiting).toBe(2);
  await other.end();
  await Promise.all([opened, closed]);
  expect(await closedSince()).toBe(await closed);
});

it('opening does not wait for those who read', async () => {
  await close();
  const end = await otherSessions.hold('SELECT FROM customers');
  expect(await open()).toEqual({ wasClosed: true, isRemoved: false });
  expect((await run(track('beside a reader'))).errors ?? []).toEqual([]);
  await end();
  expect(await open()).toEqual({ wasClosed: false, isRemoved: true });
  expect(await gateway.sql("SELECT FROM pg_trigger WHERE tgname = 'tollgate_closed'")).toEqual([]);
});

describe('under load', () => {
  const ROUNDS = 5;

  /** How often the fence has refused a statement. */
  const refusals = () => new Map(gateway.store.figures().failures).get('CLOSED') ?? 0;

  it('nothing is written from the moment that closing is done, and nothing acknowledged is lost', async () => {
    const client = createClient(gateway.origin, gateway.secret);
    await prepareLoad(client);
    const seed = seedOf('fence');
    const load = startLoad({ seed, client: () => client, reserves: true });
    const random = randomOf(seed);
    for (let round = 0; round < ROUNDS; round += 1) {
      await load.more(random.whole(1, 60));
      await close();
      const before = await written();
      const refused = refusals();
      await expect.poll(refusals).toBeGreaterThan(refused);
      expect(await written()).toEqual(before);
      await open();
    }
    await load.finish();
    expect(load.unexpected).toEqual([]);
    expect([...load.failures.keys()].filter((code) => code !== 'DATABASE_UNAVAILABLE')).toEqual([]);
    const keys = load.acknowledged.map(({ key }) => key);
    const stored = await gateway.sql(
      'SELECT idempotency_key AS key, count(*)::int AS count FROM events WHERE idempotency_key = ANY ($1) GROUP BY 1',
      [keys],
    );
    expect(stored).toHaveLength(keys.length);
    expect(stored.filter(({ count }) => count !== 1)).toEqual([]);
    const damages: Damage[] = [];
    for await (const page of gateway.store.audit.pages(null)) damages.push(...page.damages);
    expect(damages).toEqual([]);
  });
});

it('npm run places closes, tells and opens', async () => {
  const places = (...args: string[]) =>
    runCommand('commands/places.ts', args, {
      DATABASE_URL: gateway.database.url,
      PLACES: String(PLACES),
    });
  const closed = await places('close');
  expect(closed).toMatchObject({ code: 0, stderr: '' });
  const [since = ''] = /\d{4}-\d\d-\d\dT[\d:.]+Z/.exec(closed.stdout) ?? [];
  expect(await closedSince()).toBe(since);
  expect((await places('status')).stdout).toContain(`closed to writes since ${since}.`);
  expect((await places('open')).stdout).toMatch(/ are open to writes again\.\n$/);
  expect(await closedSince()).toBeNull();
  const misused = await places('open', 'now');
  expect(misused).toMatchObject({ code: 1, stdout: '' });
  expect(misused.stderr).toContain('Usage:');
});
