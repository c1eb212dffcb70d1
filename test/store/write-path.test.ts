import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { quantityToText, units } from '../../src/domain/quantity.js';
import { EVERY_SCOPE } from '../../src/meter/access/scopes.js';
import { createBalance } from '../../src/meter/balance.js';
import { customerScope } from '../../src/meter/customer-key.js';
import type { Store } from '../../src/meter/store.js';
import type { VerbContext } from '../../src/meter/verb.js';
import { createWriteQueue } from '../../src/meter/write/write-queue.js';
import { uuidV7 } from '../../src/platform/id.js';
import { type Database, openDatabase } from '../../src/store/database.js';
import { PLACE_0 } from '../../src/store/placed.js';
import { createWritePath } from '../../src/store/write-path.js';
import { connect } from '../support/database/connections.js';
import { createDatabase } from '../support/database/database.js';
import { PATIENT_DATABASE } from '../support/gateway/limits.js';
import { trackMessage } from '../support/meter/verb-context.js';

const projectId = uuidV7();
let drop: () => Promise<void>;
let database: Database;
let client: pg.Client;
let ctx: VerbContext;

beforeAll(async () => {
  const created = await createDatabase();
  drop = created.drop;
  client = await connect(created.url);
  database = openDatabase({
    address: { connectionString: created.url },
    poolMax: 10,
    readPoolMax: 2,
    ...PATIENT_DATABASE,
    onIdleError: () => undefined,
  });
  const store = createWritePath({
    prisma: database.prisma,
    place: PLACE_0,
    clockOffsetMs: () => 0,
    acquireTimeoutMs: PATIENT_DATABASE.acquireTimeoutMs,
    transactionTimeoutMs: PATIENT_DATABASE.statementTimeoutMs,
  });
  const writeQueue = createWriteQueue({
    store,
    lanes: 2,
    poolMax: 10,
    batchItemsMax: 500,
    batchBytesMax: 4_000_000,
    queueItemsMax: 10_000,
    queueWaitMaxMs: 60_000,
    cachedBalancesMax: 10_000,
    monotonicMs: () => performance.now(),
  });
  ctx = { caller: { projectId, scopes: EVERY_SCOPE }, store: store as Store, writeQueue };
  await client.query(`INSERT INTO projects (id, name) VALUES ($1, 'p')`, [projectId]);
  await client.query(
    `INSERT INTO features (project_id, id, name, type) VALUES ($1, 'messages', 'm', 'CONSUMABLE')`,
    [projectId],
  );
});

afterAll(async () => {
  await client.end();
  await database.close();
  await drop();
});

async function customer(id: string, granted: number) {
  const scope = customerScope(projectId, id);
  await client.query('INSERT INTO customers (customer_key, project_id, id) VALUES ($1, $2, $3)', [
    scope.customerKey,
    projectId,
    id,
  ]);
  const answer = await createBalance(ctx, {
    customerId: id,
    balanceId: null,
    featureId: 'messages',
    entityId: null,
    granted: units(granted),
    unlimited: false,
    priority: 0,
    reset: {
      interval: { unit: 'MONTH', count: 1 },
      anchor: null,
      timeZone: null,
      rollover: null,
      carryOverage: false,
    },
    startsAt: null,
    expiresAt: null,
    overageAllowed: null,
    overageLimit: null,
    idempotencyKey: null,
  });
  expect(answer.ok).toBe(true);
}

describe('write path', () => {
  test('150 concurrent calls for one customer are exact', async () => {
    await customer('a', 100);
    const answers = await Promise.all(Array.from({ length: 150 }, () => trackMessage(ctx, 'a')));
    expect(answers.every((answer) => answer.ok)).toBe(true);
    const { rows } = await client.query(
      'SELECT used::text, ledger_seq, (SELECT count(*) FROM events) AS events, (SELECT sum(amount)::text FROM ledger_entries) AS sum FROM balances',
    );
    expect(rows).toEqual([
      { used: '100.0000000000', ledger_seq: '101', events: '150', sum: '0.0000000000' },
    ]);
    const last = answers.at(-1);
    if (!last?.ok) throw new Error('refused');
    expect(last.value.unapplied.map(({ amount }) => quantityToText(amount))).toEqual(['1']);
  });
  test('a key replays its first answer', async () => {
    await customer('b', 100);
    const first = await trackMessage(ctx, 'b', { idempotencyKey: 'k' });
    const second = await trackMessage(ctx, 'b', { idempotencyKey: 'k' });
    const third = await trackMessage(ctx, 'b', { idempotencyKey: 'k', value: units(2) });
    if (!first.ok || !second.ok) throw new Error('refused');
    expect({ ...second.value, replayed: false }).toEqual(first.value);
    expect(second.value.replayed).toBe(true);
    expect(third).toMatchObject({
      ok: false,
      refusal: { code: 'IDEMPOTENCY_CONFLICT', field: 'value' },
    });
  });
  test('what is kept under a key is small, and nothing of it twice', async () => {
    await customer('small', 100);
    await trackMessage(ctx, 'small', { idempotencyKey: 'small' });
    const { rows } = await client.query(
      `SELECT octet_length(fingerprint::text) + octet_length(outcome::text) AS bytes,
        outcome::text FROM idempotency_keys WHERE key = 'small'`,
    );
    // A third of the 1,700 that it once was.
    expect(rows[0].bytes).toBeLessThan(400);
    const [balanceId] = /[0-9a-f-]{36}/.exec(rows[0].outcome) ?? [];
    expect(rows[0].outcome.split(balanceId ?? '')).toHaveLength(2);
  });
  test('unknown ids are refused in order', async () => {
    expect(await trackMessage(ctx, 'nobody')).toMatchObject({
      ok: false,
      refusal: { code: 'CUSTOMER_NOT_FOUND' },
    });
    expect(await trackMessage(ctx, 'b', { entityId: 'e' })).toMatchObject({
      ok: false,
      refusal: { code: 'ENTITY_NOT_FOUND' },
    });
    expect(await trackMessage(ctx, 'b', { featureId: 'x' })).toMatchObject({
      ok: false,
      refusal: { code: 'FEATURE_NOT_FOUND' },
    });
  });
});
