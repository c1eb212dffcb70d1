/** Properties of old events are erased, and nothing else of them; the setting does it without a command. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pruneDaily } from '../../src/commands/prune-daily.js';
import type { ErasedBatch } from '../../src/store/prune-properties.js';
import { damagesOf } from '../support/database/project.js';
import { runCommand, startCommand } from '../support/gateway/command.js';
import { startTestGateway, type TestGateway } from '../support/gateway/gateway.js';
import { setUp } from '../support/gateway/set-up.js';

const DAY_MS = 86_400_000;

/** More than a batch, with ages in no order. */
const EVENTS = 4_500;

let gateway: TestGateway;

beforeAll(async () => {
  gateway = await startTestGateway();
  const some = {
    features: [{ featureId: 'messages' }],
    customers: [{ customerId: 'acme' }],
    balances: [],
  };
  await setUp(gateway, some);
  await setUp(gateway, some, gateway.foreignSecret);
  await gateway.sql(
    `INSERT INTO events (customer_key, id, project_id, feature_id, value, properties, occurred_at, recorded_at, outcome)
      SELECT customer_key, tollgate_event_id(at, '7000' || '8' || lpad(n::text, 15, '0')), project_id, 'messages', 1,
        '{"of": "a person"}', at, now(), '{}'
      FROM customers, generate_series(1, $1) AS n,
        LATERAL (SELECT now() - CASE WHEN n % 3 = 0 THEN interval '40 days' ELSE interval '29 days' END AS at) AS t`,
    [EVENTS],
  );
});
afterAll(() => gateway.close());

async function erase(options: { projectId: string | null; dryRun: boolean }) {
  const batches: ErasedBatch[] = [];
  for await (const batch of gateway.store.prune.properties({ olderThanDays: 30, ...options })) {
    batches.push(batch);
  }
  return batches.reduce((sum, { eventsPruned }) => sum + eventsPruned, 0);
}

/** Wrong is what was erased before it was that old. */
const facts = (days = 20) =>
  gateway.sql(`SELECT project_id = '${gateway.projectId}' AS ours, count(*)::int AS events,
    count(properties)::int AS kept, sum(value)::int AS sum,
    count(*) FILTER (WHERE properties IS NULL AND occurred_at > now() - interval '${days} days')::int AS wrong
    FROM events GROUP BY 1 ORDER BY 1`);

const factsOf = (theirs: number, ours: number) =>
  [theirs, ours].map((kept, n) => ({ ours: n === 1, events: EVENTS, kept, sum: EVENTS, wrong: 0 }));

const OLD = EVENTS / 3;

describe('properties of old events', () => {
  it('are counted in a dry run', async () => {
    expect(await erase({ projectId: null, dryRun: true })).toBe(2 * OLD);
    expect(await facts(30)).toEqual(factsOf(EVENTS, EVENTS));
  });

  it('are erased in one project on request, and then in all', async () => {
    expect(await erase({ projectId: gateway.projectId, dryRun: false })).toBe(OLD);
    expect(await facts(30)).toEqual(factsOf(EVENTS, EVENTS - OLD));
    expect(await erase({ projectId: null, dryRun: false })).toBe(OLD);
    expect(await facts(30)).toEqual(factsOf(EVENTS - OLD, EVENTS - OLD));
    expect(await erase({ projectId: null, dryRun: false })).toBe(0);
    expect(await damagesOf({ connectionString: gateway.database.url })).toEqual([]);
  });

  it('are erased by the command', async () => {
    const environment = { DATABASE_URL: gateway.database.url };
    const run = (...args: string[]) => runCommand('commands/prune.ts', args, environment);
    const dry = await run('--properties-older-than', '20', '--project', 'test', '--dry-run');
    expect(dry).toMatchObject({ code: 0, stderr: '' });
    expect(dry.stdout).toMatch(
      /^Would erase the properties of 3000 events and 0 reservations in .*: those more than 20 days old\.\n$/,
    );
    const done = await run('--properties-older-than', '20', '--project', 'test');
    expect(done.stdout).toMatch(/^Erased the properties of 3000 events and 0 reservations /);
    const refused = await run('--properties-older-than', '0');
    expect(refused).toMatchObject({ code: 1, stdout: '' });
    expect(refused.stderr).toMatch(/^--properties-older-than must be more than 0 .* not "0"\./);
    expect(await facts()).toEqual(factsOf(EVENTS - OLD, 0));
  });

  it('are erased once a day by a gateway with the setting', async () => {
    const serving = startCommand('main.ts', [], {
      DATABASE_URL: gateway.database.url,
      PORT: '0',
      EVENT_PROPERTIES_DAYS: '20',
    });
    try {
      await expect.poll(() => facts(), { timeout: 30_000 }).toEqual(factsOf(0, 0));
    } finally {
      serving.signal('SIGTERM');
      await serving.ended;
    }
  });

  it('of a younger event are kept, by the clock of the database', async () => {
    const { data } = await gateway.execute(`mutation { trackBalance(input: {
      customerId: "acme", featureId: "messages", properties: { a: 1 } }) { ... on TrackBalancePayload { event { id } } } }`);
    expect(data.trackBalance.event.id).toEqual(expect.any(String));
    gateway.setClockOffset(30 * DAY_MS - 60_000);
    expect(await erase({ projectId: null, dryRun: true })).toBe(0);
    gateway.setClockOffset(30 * DAY_MS + 60_000);
    expect(await erase({ projectId: null, dryRun: true })).toBe(1);
    gateway.setClockOffset(0);
  });
});

describe('properties of reservations', () => {
  /** Whose properties are left, with the properties of the event of the one that was captured. */
  const left = () =>
    gateway.sql(`SELECT id, properties FROM reservations WHERE properties IS NOT NULL
      UNION ALL SELECT 'event of ' || reservation_id, properties FROM events WHERE reservation_id IS NOT NULL ORDER BY id`);

  const erased = async (options: { projectId: string | null; dryRun: boolean }) => {
    let pruned = 0;
    const batches = gateway.store.prune.reservationProperties({ olderThanDays: 30, ...options });
    for await (const { reservationsPruned } of batches) pruned += reservationsPruned;
    return pruned;
  };

  it('are erased once they have ended long ago, on record or not', async () => {
    for (const id of ['captured', 'expired', 'recent', 'live']) {
      await gateway.execute(`mutation {
        reserveBalance(input: { customerId: "acme", featureId: "messages", overageBehavior: CAP, reservationId: "${id}",
          properties: { of: "a person" } }) { __typename }
      }`);
    }
    await gateway.execute(`mutation { captureReservation(input: {
      customerId: "acme", reservationId: "captured", value: 1 }) { __typename } }`);
    await gateway.execute(
      'mutation { releaseReservation(input: { customerId: "acme", reservationId: "recent" }) { __typename } }',
    );
    const ago = (id: string, column: string, days: number) =>
      gateway.sql(
        `UPDATE reservations SET ${column} = now() - interval '${days} days' WHERE id = '${id}'`,
      );
    await ago('captured', 'ended_at', 31);
    await ago('expired', 'expires_at', 31);
    await ago('recent', 'ended_at', 29);
    const properties = { of: 'a person' };
    const event = { id: 'event of captured', properties };
    const kept = [
      { id: 'captured', properties },
      event,
      { id: 'expired', properties },
      { id: 'live', properties },
      { id: 'recent', properties },
    ];
    expect(await erased({ projectId: null, dryRun: true })).toBe(2);
    expect(await left()).toEqual(kept);
    expect(await erased({ projectId: await foreignProject(), dryRun: false })).toBe(0);
    const command = await runCommand('commands/prune.ts', ['--properties-older-than', '30'], {
      DATABASE_URL: gateway.database.url,
    });
    expect(command.stdout).toMatch(/^Erased the properties of 0 events and 2 reservations /);
    expect(await left()).toEqual(kept.filter(({ id }) => !['captured', 'expired'].includes(id)));
    expect(await erased({ projectId: null, dryRun: false })).toBe(0);
  });

  it('are erased once a day by a gateway with the setting', async () => {
    const kept = await left();
    expect(kept.map(({ id }) => id)).toEqual(expect.arrayContaining(['live', 'recent']));
    const pruning = pruneDaily({
      prune: gateway.store.prune,
      days: null,
      propertiesDays: 28,
      logger: { info: () => undefined, warn: () => undefined },
    });
    await expect.poll(left, { timeout: 30_000 }).toEqual(kept.filter(({ id }) => id !== 'recent'));
    await pruning.stop();
  });
});

async function foreignProject(): Promise<string> {
  const [row] = await gateway.sql(`SELECT id FROM projects WHERE id <> '${gateway.projectId}'`);
  return String(row?.['id']);
}
