/** What pruning deletes and keeps, and that a pruned key can be used again. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pruneDaily } from '../../src/commands/prune-daily.js';
import type { PrunedBatch } from '../../src/store/prune.js';
import { startTestGateway, type TestGateway } from '../support/gateway/gateway.js';
import { setUp } from '../support/gateway/set-up.js';

const KEYS = 12_000;

let gateway: TestGateway;

beforeAll(async () => {
  gateway = await startTestGateway();
  const some = {
    features: [{ featureId: 'messages' }],
    customers: [{ customerId: 'acme' }, { customerId: 'other' }],
    balances: [{ customerId: 'acme', featureId: 'messages', granted: 100 }],
  };
  await setUp(gateway, some);
  await setUp(gateway, some, gateway.foreignSecret);
  // More than two batches of keys that sort in an unusual order, every third of them 40 days old.
  await gateway.sql(
    `INSERT INTO idempotency_keys
    SELECT c.customer_key, CASE WHEN n % 2 = 0 THEN 'é' ELSE 'Z' END || n, c.project_id, '{"v":1}', '{"v":1}',
      clock_timestamp() - CASE WHEN n % 3 = 0 THEN interval '40 days' ELSE interval '1 day' END
    FROM customers c, generate_series(1, $1) AS n WHERE c.id = 'acme'`,
    [KEYS],
  );
});
afterAll(() => gateway.close());

const TRACK = `mutation Track($input: BalancesTrackInput!) {
  trackBalance(input: $input) { ... on TrackBalancePayload { replayed balance { usage } } }
}`;

const track = async (idempotencyKey: string) =>
  (
    await gateway.execute(TRACK, {
      input: { customerId: 'acme', featureId: 'messages', idempotencyKey },
    })
  ).data.trackBalance;

async function prune(olderThanDays: number, dryRun: boolean, projectId: string | null = null) {
  const batches: PrunedBatch[] = [];
  for await (const batch of gateway.store.prune.keys({ olderThanDays, projectId, dryRun })) {
    batches.push(batch);
  }
  return {
    batches: batches.length,
    keysSeen: batches.reduce((sum, { keysSeen }) => sum + keysSeen, 0),
    keysPruned: batches.reduce((sum, { keysPruned }) => sum + keysPruned, 0),
  };
}

const count = async () =>
  (await gateway.sql('SELECT count(*)::int AS n FROM idempotency_keys'))[0]?.['n'];

describe('pruning', () => {
  it('reports what it would delete and deletes nothing in a dry run', async () => {
    const found = await prune(30, true);
    expect(found).toEqual({ batches: 5, keysSeen: 2 * KEYS, keysPruned: (2 * KEYS) / 3 });
    expect(await count()).toBe(2 * KEYS);
  });

  it('is limited to one project on request', async () => {
    const found = await prune(30, false, gateway.projectId);
    expect(found).toEqual({ batches: 5, keysSeen: 2 * KEYS, keysPruned: KEYS / 3 });
    const left = await gateway.sql(
      `SELECT project_id = $1 AS ours, count(*)::int AS n, max(recorded_at) < now() - interval '30 days' AS old
      FROM idempotency_keys GROUP BY 1 ORDER BY 1`,
      [gateway.projectId],
    );
    expect(left).toEqual([
      { ours: false, n: KEYS, old: false },
      { ours: true, n: (KEYS * 2) / 3, old: false },
    ]);
  });

  it('that is interrupted has deleted what it has reported, and can be continued later', async () => {
    const keys = gateway.store.prune.keys({ olderThanDays: 30, projectId: null, dryRun: false });
    const { value } = await keys.next();
    await keys.return(undefined);
    const pruned = value?.keysPruned ?? 0;
    expect(await count()).toBe((KEYS * 5) / 3 - pruned);
    expect((await prune(30, false)).keysPruned).toBe(KEYS / 3 - pruned);
    expect(await count()).toBe((KEYS * 4) / 3);
  });

  it('makes a key unused again, and keeps the event that it has recorded', async () => {
    expect(await track('mine')).toEqual({ replayed: false, balance: { usage: 1 } });
    expect(await track('mine')).toEqual({ replayed: true, balance: { usage: 1 } });
    await prune(30, false);
    expect(await track('mine')).toEqual({ replayed: true, balance: { usage: 1 } });
    await gateway.sql(
      `UPDATE idempotency_keys SET recorded_at = now() - interval '31 days' WHERE key = 'mine'`,
    );
    await prune(30, false);
    expect(await track('mine')).toEqual({ replayed: false, balance: { usage: 2 } });
    expect(await gateway.sql(`SELECT 1 FROM events WHERE idempotency_key = 'mine'`)).toHaveLength(
      2,
    );
  });

  it('runs once a day if that is set, survives failures, and can be stopped', async () => {
    await gateway.sql(
      `UPDATE idempotency_keys SET recorded_at = now() - interval '31 days' WHERE key = 'Z1'`,
    );
    const pauses: number[] = [];
    const logged: unknown[] = [];
    let failures = 1;
    const pruning = pruneDaily({
      days: 30,
      propertiesDays: null,
      prune: {
        ...gateway.store.prune,
        keys: (options) => {
          if (failures-- > 0) throw new Error('gone for a while');
          return gateway.store.prune.keys(options);
        },
      },
      logger: {
        info: (facts: unknown) => void logged.push(facts),
        warn: (facts: unknown) => void logged.push(facts),
      },
      pause: (ms, signal) => {
        pauses.push(ms);
        if (ms < 1_000 || pauses.filter((pause) => pause === ms).length < 2)
          return Promise.resolve();
        return new Promise((_, reject) => {
          signal.addEventListener('abort', () => reject(signal.reason));
        });
      },
    });
    await expect.poll(() => logged.length).toBe(2);
    await pruning.stop();
    expect(logged).toEqual([
      { reason: 'Error: gone for a while' },
      { keysPruned: 2, olderThanDays: 30 },
    ]);
    const days = pauses.filter((ms) => ms === 86_400_000);
    expect(days).toHaveLength(2);
    // There is a pause for other calls after each batch.
    const batches = Math.ceil(Number(await count()) / 5_000);
    expect(pauses.filter((ms) => ms === 100)).toHaveLength(batches);
  });

  it('never runs without the setting', async () => {
    let asked = 0;
    const keys = () => {
      asked += 1;
      throw new Error('not requested');
    };
    const silent = { info: () => undefined, warn: () => undefined };
    const prune = { keys, properties: keys, reservationProperties: keys };
    await pruneDaily({ days: null, propertiesDays: null, prune, logger: silent }).stop();
    expect(asked).toBe(0);
  });
});
