/** What the commit statement checks, to the millisecond, and what happens to an interrupted commit. */
import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { present } from '../../src/domain/assert.js';
import { createCustomer } from '../../src/meter/customer.js';
import { customerScope } from '../../src/meter/customer-key.js';
import { createEntity } from '../../src/meter/entity.js';
import { createFeature } from '../../src/meter/feature.js';
import type { VerbContext } from '../../src/meter/verb.js';
import type { AccountChange } from '../../src/meter/write/write-path.js';
import { connect } from '../support/database/connections.js';
import { createStore, type TestStore } from '../support/database/store.js';
import { verbContext } from '../support/meter/verb-context.js';

/** The largest that there is. */
const NEXT_VERSION = 2 ** 52 - 1;

let test: TestStore;
let ctx: VerbContext;
let client: pg.Client;

beforeAll(async () => {
  test = await createStore();
  ctx = verbContext(test.store, test.projectId);
  client = await connect(test.database.url);
});

afterAll(async () => {
  await client.end();
  await test.close();
});

const customer = (id: string) => createCustomer(ctx, { id, name: null, email: null, metadata: {} });

describe('a change is committed', () => {
  /** One customer for each millisecond around the commit: a statement uses one time for all of them. */
  const SPAN_MS = 1_000;

  async function committed(
    windowAt: (ms: number) => { from: number | null; until: number | null },
  ) {
    const ids = Array.from({ length: SPAN_MS }, (_, index) => `w${index}`);
    await client.query(
      `INSERT INTO customers (customer_key, project_id, id)
       SELECT * FROM unnest($1::uuid[], array_fill($2::uuid, ARRAY[$3::int]), $4::text[])
       ON CONFLICT DO NOTHING`,
      [
        ids.map((id) => customerScope(test.projectId, id).customerKey),
        test.projectId,
        SPAN_MS,
        ids,
      ],
    );
    const scopes = ids.map((id) => customerScope(test.projectId, id));
    const { now: start, catalogVersions } = await test.store.load(
      scopes.slice(0, 1).map((scope) => ({ ...scope, entityIds: [], idempotencyKeys: [] })),
    );
    const catalogVersion = present(catalogVersions.get(test.projectId), 'the project exists');
    const changes = scopes.map((scope, index) => {
      const { from, until } = windowAt(start + index);
      const guard = { version: 0, catalogVersion, validFrom: from, validUntil: until };
      return { ...scope, ...guard, keysUnused: [], writes: false, rows: {} };
    });
    const { now, customerKeys } = await test.store.commit(changes, NEXT_VERSION);
    expect(now).toBeGreaterThan(start);
    expect(now).toBeLessThan(start + SPAN_MS - 1);
    const offsets = scopes.flatMap(({ customerKey }, index) =>
      customerKeys.has(customerKey) ? [start + index - now] : [],
    );
    return { first: offsets[0], last: offsets.at(-1), count: offsets.length, now, start };
  }

  it('before valid_until, but not at it', async () => {
    const { first, last, start, now } = await committed((until) => ({ from: null, until }));
    expect(first).toBe(1);
    expect(last).toBe(start + SPAN_MS - 1 - now);
  });

  it('at valid_from, but not before it', async () => {
    const { first, last, start, now } = await committed((from) => ({ from, until: null }));
    expect(first).toBe(start - now);
    expect(last).toBe(0);
  });
});

describe('a change is skipped, and the others of its commit are not, because of', () => {
  /** Changes that are based on the current state of these customers. */
  async function changesOf(...ids: string[]) {
    for (const id of ids) await customer(id);
    const scopes = ids.map((id) => customerScope(test.projectId, id));
    const requests = scopes.map((scope) => ({ ...scope, entityIds: [], idempotencyKeys: [] }));
    const { accounts, catalogVersions } = await test.store.load(requests);
    const catalogVersion = present(catalogVersions.get(test.projectId), 'the project exists');
    return scopes.map((scope) => ({
      ...scope,
      version: present(accounts.get(scope.customerKey), 'the customer exists').version,
      catalogVersion,
      validFrom: null,
      validUntil: null,
      keysUnused: ['key'],
      writes: true,
      rows: {},
    }));
  }

  const versionOf = async (id: string) => {
    const scope = { ...customerScope(test.projectId, id), entityIds: [], idempotencyKeys: [] };
    return (await test.store.load([scope])).accounts.get(scope.customerKey)?.version;
  };

  it.each<[string, (change: AccountChange) => AccountChange | Promise<AccountChange>]>([
    ['an older version', (change) => ({ ...change, version: change.version - 1 })],
    ['a newer version', (change) => ({ ...change, version: change.version + 1 })],
    ['an older catalogue', (change) => ({ ...change, catalogVersion: change.catalogVersion - 1 })],
    [
      'another project',
      async (change) => ({
        ...change,
        projectId: (await test.store.projects.ensure('another')).project.id,
      }),
    ],
    [
      'a key that was used meanwhile',
      async (change) => {
        await client.query(
          `INSERT INTO idempotency_keys (customer_key, key, project_id, fingerprint, outcome, recorded_at)
          VALUES ($1, 'key', $2, '{"v":1}', '{"v":1}', now())`,
          [change.customerKey, change.projectId],
        );
        return change;
      },
    ],
  ])('%s', async (what, change) => {
    const ids = [what, `beside ${what}`].map((text) => text.replaceAll(' ', '-'));
    const [changed, other] = await changesOf(...ids);
    if (changed === undefined || other === undefined) throw new Error('two customers');
    const stale = await change(changed);
    const { customerKeys } = await test.store.commit([stale, other], NEXT_VERSION);
    expect([...customerKeys]).toEqual([other.customerKey]);
    const versions = await Promise.all(ids.map(versionOf));
    expect(versions).toEqual([changed.version, NEXT_VERSION]);
  });

  it('a customer locked by another session, which the commit does not wait for', async () => {
    const [locked, other] = await changesOf('locked', 'beside-locked');
    if (locked === undefined || other === undefined) throw new Error('two customers');
    await client.query('BEGIN');
    await client.query('SELECT FROM customers WHERE customer_key = $1 FOR UPDATE', [
      locked.customerKey,
    ]);
    const { customerKeys } = await test.store.commit([locked, other], NEXT_VERSION);
    const { accounts, lockedElsewhere } = await test.store.transaction(
      locked.customerKey,
      ({ load }) =>
        load(
          [locked, other].map((change) => ({ ...change, entityIds: [], idempotencyKeys: [] })),
          { skipLocked: true },
        ),
    );
    await client.query('ROLLBACK');
    expect([...customerKeys]).toEqual([other.customerKey]);
    expect([...lockedElsewhere]).toEqual([locked.customerKey]);
    expect(accounts.has(other.customerKey)).toBe(true);
  });
});

describe('a connection lost during the COMMIT', () => {
  /** Makes every COMMIT of a write to the table take seconds. */
  async function slowCommits(table: string): Promise<void> {
    await client.query(`CREATE FUNCTION slow_${table}() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN PERFORM pg_sleep(20); RETURN NULL; END $$`);
    await client.query(`CREATE CONSTRAINT TRIGGER slow AFTER INSERT ON ${table}
      DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION slow_${table}()`);
  }

  async function cutCommit(): Promise<void> {
    const ended = `SELECT count(pg_terminate_backend(pid))::int AS ended FROM pg_stat_activity
      WHERE datname = current_database() AND query = 'COMMIT' AND wait_event = 'PgSleep'`;
    await expect.poll(async () => (await client.query(ended)).rows[0].ended).toBe(1);
  }

  it('of a command that is decided under a lock is OUTCOME_UNKNOWN', async () => {
    await customer('cut');
    await slowCommits('entities');
    const entity = { id: 'seat', name: null, metadata: {} };
    const created = createEntity(ctx, { customerId: 'cut', entity });
    const outcome = expect(created).rejects.toMatchObject({ code: 'OUTCOME_UNKNOWN' });
    await cutCommit();
    await outcome;
  });

  it('of createFeature is OUTCOME_UNKNOWN', async () => {
    await slowCommits('features');
    const created = createFeature(ctx, {
      id: 'cut',
      name: 'Cut',
      type: 'CONSUMABLE',
      eventNames: [],
      creditCosts: [],
    });
    const outcome = expect(created).rejects.toMatchObject({ code: 'OUTCOME_UNKNOWN' });
    await cutCommit();
    await outcome;
  });
});
