/** Nothing comes in between the question whether something uses a feature and its deletion. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { COST_ONE, costFromQuantity, costFromText } from '../../src/domain/cost.js';
import { createCustomer } from '../../src/meter/customer.js';
import { createFeature, updateFeature } from '../../src/meter/feature.js';
import { deleteFeature } from '../../src/meter/retire-feature.js';
import { connect } from '../support/database/connections.js';
import { createStore } from '../support/database/store.js';
import { draft, outcome, type Retiring, startRetiring } from '../support/meter/retiring.js';
import { grantMessages, trackMessage, verbContext } from '../support/meter/verb-context.js';

let retiring: Retiring;

beforeAll(async () => {
  retiring = await startRetiring();
});
afterAll(() => retiring.close());

describe('what has begun before is waited for', () => {
  /** A commit stops in the middle, after it has checked the catalogue. */
  const PAUSE = `CREATE FUNCTION pause() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN PERFORM pg_advisory_xact_lock(48); RETURN NEW; END $$;
    CREATE TRIGGER pause BEFORE INSERT ON balances FOR EACH ROW EXECUTE FUNCTION pause();
    CREATE TRIGGER pause BEFORE INSERT ON events FOR EACH ROW EXECUTE FUNCTION pause()`;

  beforeAll(async () => {
    await retiring.client.query(PAUSE);
  });
  afterEach(async () => {
    await retiring.client.query('SELECT pg_advisory_unlock_all()');
  });
  afterAll(async () => {
    await retiring.client.query('DROP TRIGGER pause ON balances; DROP TRIGGER pause ON events');
  });

  const until = async (condition: string, ...values: string[]) => {
    for (;;) {
      const { rows } = await retiring.client.query(`SELECT 1 WHERE ${condition}`, values);
      if (rows.length > 0) return;
    }
  };
  const PAUSED = `EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND objid = 48 AND NOT granted)`;
  const OUT = 'EXISTS (SELECT FROM removed_features WHERE id = $1)';

  it.each([
    [
      'createBalance',
      'BALANCES',
      (id: string) => grantMessages(retiring.other, 'acme', null, { featureId: id }),
    ],
    [
      'trackBalance',
      'EVENTS',
      (id: string) => trackMessage(retiring.other, 'acme', { featureId: id }),
    ],
    [
      'trackBalance of an event name',
      'EVENTS',
      (id: string) =>
        trackMessage(retiring.other, 'acme', { featureId: null, eventName: `name ${id}` }),
    ],
  ])('%s: the feature is put back', async (_verb, uses, use) => {
    const id = await retiring.feature();
    await updateFeature(retiring.ctx, { featureId: id, changes: { eventNames: [`name ${id}`] } });
    const before = await retiring.test.store.feature(retiring.test.projectId, id);
    await retiring.client.query('SELECT pg_advisory_lock(48)');
    const used = use(id);
    await until(PAUSED);
    const deletion = retiring.removed(id);
    await until(OUT, id);
    expect(await retiring.test.store.feature(retiring.test.projectId, id)).toBeNull();
    await retiring.client.query('SELECT pg_advisory_unlock(48)');
    expect([outcome(await used), await deletion]).toEqual(['ok', uses]);
    expect(await retiring.test.store.feature(retiring.test.projectId, id)).toEqual(before);
    expect(outcome(await use(id))).toBe('ok');
    await until(`NOT ${OUT}`, id);
  });

  it('usage of something else: the feature is deleted', async () => {
    const id = await retiring.feature();
    await retiring.client.query('SELECT pg_advisory_lock(48)');
    const used = retiring.track('messages');
    await until(PAUSED);
    const deletion = retiring.removed(id);
    await until(OUT, id);
    // A call that begins now finds nothing.
    await createCustomer(retiring.other, {
      id: `new ${id}`.replace(' ', '-'),
      name: null,
      email: null,
      metadata: {},
    });
    const late = trackMessage(retiring.other, `new-${id}`, { featureId: id });
    expect(outcome(await late)).toBe('FEATURE_NOT_FOUND');
    await retiring.client.query('SELECT pg_advisory_unlock(48)');
    expect([outcome(await used), await deletion]).toEqual(['ok', 'ok']);
  });
});

it('what begins afterwards is not waited for', async () => {
  const { feature, removed, client, test } = retiring;
  const id = await feature();
  const open = async () => {
    const session = await connect(test.database.url);
    await session.query('BEGIN; LOCK TABLE customers IN ROW EXCLUSIVE MODE');
    return session;
  };
  const before = await open();
  const deletion = removed(id);
  // It has looked for what had begun at least once.
  for (let count = 0; count === 0; ) {
    const { rowCount } = await client.query(
      `SELECT FROM pg_stat_activity, removed_features AS r WHERE r.id = $1 AND query_start > r.removed_at
        AND state = 'idle' AND query LIKE '%FROM pg_locks%' AND datname = current_database()`,
      [id],
    );
    count = rowCount ?? 0;
  }
  const after = await open();
  await before.end();
  expect(await deletion).toBe('ok');
  await after.end();
});

/** As a gateway leaves it that was killed while it waited. */
async function interrupted(id: string): Promise<void> {
  await retiring.client.query(
    `WITH removed AS (INSERT INTO removed_features
      SELECT f.project_id, f.id, to_jsonb(f), (SELECT coalesce(jsonb_agg(to_jsonb(c)), '[]')
        FROM credit_costs AS c WHERE c.credit_system_id = f.id), now() FROM features AS f WHERE f.id = $1)
    DELETE FROM credit_costs WHERE credit_system_id = $1`,
    [id],
  );
  await retiring.client.query('DELETE FROM features WHERE id = $1', [id]);
  await retiring.client.query('UPDATE projects SET catalog_version = catalog_version + 1');
}

describe('a deletion that was interrupted', () => {
  it('is completed by the next attempt', async () => {
    const creditCosts = [{ featureId: 'messages', cost: costFromQuantity(1n), where: null }];
    const id = await retiring.feature({ type: 'CREDIT_SYSTEM', creditCosts });
    await interrupted(id);
    expect(outcome(await deleteFeature(retiring.other, id))).toBe('FEATURE_NOT_FOUND');
    const left = 'SELECT FROM removed_features WHERE id = $1';
    expect((await retiring.client.query(left, [id])).rowCount).toBe(0);
  });

  it('keeps the features that it listed', async () => {
    const member = await retiring.feature();
    const creditCosts = [{ featureId: member, cost: COST_ONE, where: null }];
    const id = await retiring.feature({ type: 'CREDIT_SYSTEM', creditCosts });
    await interrupted(id);
    expect(await retiring.removed(member)).toBe('CREDIT_COSTS');
    expect(await retiring.removed(id)).toBe('FEATURE_NOT_FOUND');
    expect(await retiring.removed(member)).toBe('ok');
  });

  it('is undone by the next attempt, if something used the feature', async () => {
    const costs = [costFromText('0.000000000000000001'), COST_ONE];
    const wheres = [JSON.parse('{"b": 1.5, "a": "é", "__proto__": true}'), null];
    const creditCosts = costs.map((cost, n) => ({
      featureId: 'messages',
      cost,
      where: wheres[n] ?? null,
    }));
    const id = await retiring.feature({ type: 'CREDIT_SYSTEM', creditCosts });
    const before = await retiring.test.store.feature(retiring.test.projectId, id);
    expect(before?.creditCosts).toEqual(creditCosts);
    expect(outcome(await retiring.track(id))).toBe('ok');
    await interrupted(id);
    expect(await retiring.removed(id)).toBe('EVENTS');
    expect(await retiring.test.store.feature(retiring.test.projectId, id)).toEqual(before);
  });

  it('is completed before another feature gets the id', async () => {
    const [id, used] = [await retiring.feature(), await retiring.feature()];
    await retiring.track(used);
    await interrupted(id);
    await interrupted(used);
    expect(await createFeature(retiring.ctx, draft(id, { type: 'BOOLEAN' }))).toMatchObject({
      value: { created: true },
    });
    expect(outcome(await createFeature(retiring.ctx, draft(used, { type: 'BOOLEAN' })))).toBe(
      'ALREADY_EXISTS',
    );
  });
});

describe('while a deletion waits, another call about its feature', () => {
  const complete = (id: string) =>
    retiring.client.query('DELETE FROM removed_features WHERE id = $1', [id]);
  const createAnew = async (id: string) => {
    const created = await createFeature(retiring.other, draft(id, { type: 'BOOLEAN' }));
    expect(created).toMatchObject({ value: { created: true } });
  };

  it.each([
    ['completes the deletion', complete, null],
    [
      'completes it, and creates another one',
      async (id: string) => {
        await complete(id);
        await createAnew(id);
      },
      'BOOLEAN',
    ],
    [
      'completes it, creates another one, and begins to delete that',
      async (id: string) => {
        await complete(id);
        await createAnew(id);
        await interrupted(id);
      },
      null,
    ],
  ])('%s: its answer is that it was deleted', async (_what, meanwhile, left) => {
    const { feature, client, test } = retiring;
    const id = await feature({ eventNames: ['first'] });
    const session = await connect(test.database.url);
    await session.query('BEGIN; LOCK TABLE customers IN ROW EXCLUSIVE MODE');
    const deletion = deleteFeature(retiring.ctx, id);
    const out = 'SELECT FROM removed_features WHERE id = $1';
    await expect.poll(async () => (await client.query(out, [id])).rowCount).toBe(1);
    await meanwhile(id);
    const { rowCount } = await client.query(out, [id]);
    await session.end();
    expect(await deletion).toMatchObject({ value: { id, eventNames: ['first'] } });
    const found = await test.store.feature(test.projectId, id);
    expect(found?.type ?? null).toBe(left);
    expect((await client.query(out, [id])).rowCount).toBe(rowCount);
    await client.query('DELETE FROM removed_features');
  });
});

it('a transaction that does not end is not waited for longer than a commit may take', async () => {
  const hurried = await createStore({ limits: { statementTimeoutMs: 300 } });
  const quick = verbContext(hurried.store, hurried.projectId);
  const open = await connect(hurried.database.url);
  await createFeature(quick, draft('kept'));
  await open.query('BEGIN; LOCK TABLE customers IN ROW EXCLUSIVE MODE');
  await expect(deleteFeature(quick, 'kept')).rejects.toMatchObject({ code: 'WRITE_CONTENTION' });
  expect(await hurried.store.feature(hurried.projectId, 'kept')).toMatchObject({ id: 'kept' });
  await open.query('COMMIT');
  expect(outcome(await deleteFeature(quick, 'kept'))).toBe('ok');
  await open.end();
  await hurried.close();
});

it('deletions of one feature at once are one', async () => {
  for (let round = 0; round < 5; round += 1) {
    const id = await retiring.feature();
    const answers = await Promise.all(
      [retiring.ctx, retiring.other].map((each) => deleteFeature(each, id)),
    );
    expect(answers.map(outcome).sort()).toEqual(['FEATURE_NOT_FOUND', 'ok']);
  }
});

it('a feature that is deleted once its creation has found it is created anew', async () => {
  const id = await retiring.feature();
  const { store } = retiring.ctx;
  let removed = '';
  const feature: typeof store.feature = async (...args) => {
    if (removed === '') removed = outcome(await deleteFeature(retiring.other, id));
    return store.feature(...args);
  };
  const ctx = { ...retiring.ctx, store: { ...store, feature } };
  const created = await createFeature(ctx, draft(id, { type: 'BOOLEAN' }));
  expect(removed).toBe('ok');
  expect(created).toMatchObject({ value: { created: true, feature: { type: 'BOOLEAN' } } });
});

it('what becomes a member meanwhile is kept, or is not found', async () => {
  for (let round = 0; round < 10; round += 1) {
    const id = await retiring.feature();
    const creditCosts = [{ featureId: id, cost: COST_ONE, where: null }];
    const [deletion, creation] = await Promise.all([
      deleteFeature(retiring.ctx, id),
      createFeature(
        retiring.other,
        draft(`of ${id}`.replace(' ', '-'), { type: 'CREDIT_SYSTEM', creditCosts }),
      ),
    ]);
    expect(['ok FEATURE_NOT_FOUND', 'CREDIT_COSTS ok']).toContain(
      `${outcome(deletion)} ${outcome(creation)}`,
    );
  }
});
