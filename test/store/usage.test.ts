import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Balance } from '../../src/domain/balance.js';
import { units } from '../../src/domain/quantity.js';
import { customerScope } from '../../src/meter/customer-key.js';
import type { Page } from '../../src/meter/read/read-path.js';
import type { CustomerScope, EventFilter } from '../../src/meter/store.js';
import { uuidOf } from '../../src/platform/id.js';
import { JsonText } from '../../src/platform/json-text.js';
import { connect } from '../support/database/connections.js';
import { createStore, type TestStore } from '../support/database/store.js';
import { NO_FILTER } from '../support/meter/no-filter.js';
import { answersOf } from '../support/meter/read-queue.js';
import { writeRows } from '../support/meter/write-rows.js';

let test: TestStore;
let client: pg.Client;

beforeAll(async () => {
  test = await createStore();
  client = await connect(test.database.url);
});

afterAll(async () => {
  await client.end();
  await test.close();
});

const ALL: Page = { limit: 100, after: null, before: null, inverted: false };
const page = (changes: Partial<Page>): Page => ({ ...ALL, ...changes });
const START = Date.UTC(2024, 0, 1);

const eventId = (number: number) => uuidOf(START + number * 1000, `7${'0'.repeat(19)}`);

async function customer(id: string, projectId = test.projectId) {
  const scope = customerScope(projectId, id);
  await test.store.createCustomer(scope, { id, name: null, email: null, metadata: {} });
  return scope;
}

describe('events', () => {
  let ann: Awaited<ReturnType<typeof customer>>;
  let ben: Awaited<ReturnType<typeof customer>>;
  let foreign: Awaited<ReturnType<typeof customer>>;

  beforeAll(async () => {
    ann = await customer('ann');
    ben = await customer('ben');
    const { project } = await test.store.projects.ensure('foreign');
    foreign = await customer('zoe', project.id);
    // One per second: the even ones are Ann's; every third one has the event name, the others a feature.
    await client.query(
      `INSERT INTO events (customer_key, id, project_id, entity_id, feature_id, event_name, value,
        properties, occurred_at, recorded_at, idempotency_key, outcome)
      SELECT CASE n % 2 WHEN 0 THEN $1::uuid ELSE $2::uuid END, tollgate_event_id(at, $4), $3::uuid,
        CASE n % 5 WHEN 0 THEN 'seat' END, CASE WHEN n % 3 > 0 THEN 'calls' END,
        CASE n % 3 WHEN 0 THEN 'call.made' END, n + 0.1, CASE n % 2 WHEN 0 THEN '{"n": 1}'::jsonb END,
        at, at + interval '1 hour', CASE n % 2 WHEN 0 THEN 'key ' || n END,
        '{"deductions":[{"balanceId":"b","featureId":"calls","amount":"0.1"}],
          "unapplied":[{"featureId":"calls","chargedFeatureId":"credits","amount":"-2"}]}'
      FROM generate_series(0, 9) AS n, LATERAL (
        SELECT to_timestamp($5::float8 / 1000) + n * interval '1 second' AS at) AS times`,
      [ann.customerKey, ben.customerKey, test.projectId, `7${'0'.repeat(19)}`, START],
    );
    await client.query(
      `INSERT INTO events (customer_key, id, project_id, feature_id, value, occurred_at, recorded_at, outcome)
      VALUES ($1, $2, $3, 'calls', 1, to_timestamp($4::float8 / 1000), now(), '{"deductions":[],"unapplied":[]}')`,
      [foreign.customerKey, eventId(0), foreign.projectId, START],
    );
  });

  const list = async (filter: Partial<EventFilter>, changes: Partial<Page> = {}) => {
    const wanted = {
      ...page(changes),
      filter: { ...NO_FILTER, ...filter },
      withProperties: false,
    };
    const [found] = await answersOf(test.store.reads).eventPages(test.projectId, [wanted]);
    expect(found?.stoppedAt).toBeNull();
    return found?.events.map(({ occurredAt }) => (occurredAt - START) / 1000);
  };

  it('are listed newest first, in pages from either end', async () => {
    await expect(list({})).resolves.toEqual([9, 8, 7, 6, 5, 4, 3, 2, 1, 0]);
    await expect(list({}, { limit: 3 })).resolves.toEqual([9, 8, 7]);
    await expect(list({}, { limit: 3, after: eventId(7) })).resolves.toEqual([6, 5, 4]);
    await expect(list({}, { limit: 3, inverted: true })).resolves.toEqual([0, 1, 2]);
    await expect(
      list({}, { limit: 2, inverted: true, before: eventId(2), after: eventId(8) }),
    ).resolves.toEqual([3, 4]);
  });

  it('are filtered by customer, entity, feature, event name and time', async () => {
    await expect(list({ customerKey: ann.customerKey })).resolves.toEqual([8, 6, 4, 2, 0]);
    await expect(
      list({ customerKey: ann.customerKey }, { after: eventId(6), limit: 2 }),
    ).resolves.toEqual([4, 2]);
    await expect(list({ entityId: 'seat' })).resolves.toEqual([5, 0]);
    await expect(list({ eventName: 'call.made' })).resolves.toEqual([9, 6, 3, 0]);
    await expect(list({ featureId: 'calls', entityId: 'seat' })).resolves.toEqual([5]);
    const time = { occurredFrom: START + 2000, occurredBefore: START + 5000 };
    await expect(list(time)).resolves.toEqual([4, 3, 2]);
    await expect(list(time, { after: eventId(4) })).resolves.toEqual([3, 2]);
    await expect(list({ occurredFrom: START + 8001 })).resolves.toEqual([9]);
    await expect(list({ occurredFrom: -1e15, occurredBefore: 8e15 })).resolves.toHaveLength(10);
  });

  it('are returned with all their fields', async () => {
    const address = { customerKey: ann.customerKey, eventId: eventId(6) };
    const [event, short] = await answersOf(test.store.reads).events(test.projectId, [
      { ...address, withProperties: true },
      { ...address, withProperties: false },
    ]);
    expect(short).toEqual({ ...event, properties: undefined });
    expect(event).toEqual({
      ...ann,
      id: eventId(6),
      entityId: null,
      featureId: null,
      eventName: 'call.made',
      value: units(61) / 10n,
      properties: new JsonText('{"n": 1}'),
      occurredAt: START + 6000,
      recordedAt: START + 6000 + 3_600_000,
      reservationId: null,
      voided: null,
      amendsId: null,
      idempotencyKey: 'key 6',
      outcome: {
        deductions: [{ balanceId: 'b', featureId: 'calls', amount: units(1) / 10n }],
        unapplied: [{ featureId: 'calls', chargedFeatureId: 'credits', amount: units(-2) }],
      },
    });
  });

  it('of other customers and projects are not found', async () => {
    const addresses = [
      { customerKey: ben.customerKey, eventId: eventId(6), withProperties: true },
      { customerKey: foreign.customerKey, eventId: eventId(0), withProperties: true },
    ];
    const found = await answersOf(test.store.reads).events(test.projectId, addresses);
    expect(found).toEqual([null, null]);
    await expect(list({ customerKey: foreign.customerKey })).resolves.toEqual([]);
  });
});

describe('balances and their ledger', () => {
  const balance = (changes: Partial<Balance> = {}): Balance => ({
    id: randomUUID(),
    givenId: null,
    featureId: 'calls',
    entityId: null,
    unlimited: false,
    granted: units(100),
    used: 1n,
    reserved: 0n,
    rollovers: [],
    priority: 0,
    reset: null,
    nextResetAt: null,
    resetChange: null,
    startsAt: null,
    expiresAt: null,
    expiredAt: null,
    overageAllowed: false,
    overageLimit: null,
    createdAt: START,
    ledgerSeq: 1,
    ...changes,
  });

  const everyField = balance({
    entityId: 'seat',
    granted: units(10) ** 2n / units(1) + 7n,
    used: units(-3),
    rollovers: [
      { granted: units(5), used: 3n, expiresAt: START + 1 },
      { granted: units(1), used: 0n, expiresAt: null },
    ],
    priority: -2,
    reset: {
      interval: { unit: 'MONTH', count: 3 },
      anchor: START + 123,
      timeZone: null,
      rollover: {
        max: { kind: 'PERCENT', percent: units(50) },
        keep: { unit: 'SEMI_ANNUAL', count: 2 },
      },
      carryOverage: true,
    },
    nextResetAt: START + 456,
    startsAt: START - 1,
    expiresAt: START + 789,
    overageAllowed: true,
    overageLimit: units(7),
    ledgerSeq: 9_007_199_254_740_991,
  });

  const live = async ({ projectId, customerKey }: CustomerScope) => {
    const address = { customerKey, entityId: null, known: null };
    return (await answersOf(test.store.reads).standings(projectId, [address]))[0];
  };
  const single = async ({ projectId, customerKey }: CustomerScope, balanceId: string) =>
    (await answersOf(test.store.reads).balancesById(projectId, [{ customerKey, balanceId }]))[0];

  it('are read exactly as written', async () => {
    const scope = await customer('cat');
    const capped = balance({
      reset: {
        interval: { unit: 'DAY', count: 1 },
        anchor: START,
        timeZone: null,
        rollover: { max: { kind: 'AMOUNT', amount: 5n }, keep: null },
        carryOverage: false,
      },
    });
    const free = balance({ unlimited: true, granted: 0n, used: units(10) ** 3n });
    const written = [everyField, capped, free].toSorted((a, b) => (a.id < b.id ? -1 : 1));
    await writeRows(test.store, scope, { newBalances: written });
    expect((await live(scope))?.account?.balances).toEqual(written);
    expect((await single(scope, everyField.id))?.balance).toEqual(everyField);
  });

  it('come with the database clock, shifted by the offset', async () => {
    const scope = await customer('dan');
    const clock = async () => {
      const { rows } = await client.query<{ ms: number }>(
        'SELECT (extract(epoch FROM clock_timestamp()) * 1000)::float8 AS ms',
      );
      return rows[0]?.ms ?? Number.NaN;
    };
    const before = await clock();
    test.setClockOffset(-5_000);
    await writeRows(test.store, scope, { newBalances: [balance()] });
    const { now = Number.NaN } = (await live(scope)) ?? {};
    test.setClockOffset(0);
    expect(Number.isInteger(now)).toBe(true);
    expect(now + 5_000).toBeGreaterThanOrEqual(Math.floor(before));
    expect(now + 5_000).toBeLessThanOrEqual(await clock());
  });

  it('omit expired balances and those of other projects', async () => {
    const scope = await customer('eli');
    const { project } = await test.store.projects.ensure('foreign');
    const gone = balance({ expiredAt: START, expiresAt: START });
    await writeRows(test.store, scope, { newBalances: [gone] });
    const crossed = { ...scope, projectId: project.id };
    expect((await live(scope))?.account?.balances).toEqual([]);
    expect((await single(scope, gone.id))?.balance).toEqual(gone);
    await writeRows(test.store, scope, { newBalances: [balance()] });
    expect((await live(scope))?.account?.balances).toHaveLength(1);
    expect((await live(crossed))?.account).toBeNull();
    await expect(single(crossed, gone.id)).resolves.toBeNull();
  });

  it('list their entries newest first', async () => {
    const scope = await customer('fay');
    const id = randomUUID();
    await client.query(
      `INSERT INTO ledger_entries (customer_key, balance_id, seq, project_id, kind, amount,
        granted_after, used_after, event_id, effective_at, recorded_at)
      SELECT $1, $2, n, $3, CASE n WHEN 1 THEN 'GRANT' ELSE 'TRACK' END::ledger_kind, -n, 100, n,
        CASE WHEN n > 1 THEN $4::uuid END, to_timestamp($5::float8 / 1000), to_timestamp($5::float8 / 1000 + n)
      FROM generate_series(1, 12) AS n`,
      [scope.customerKey, id, scope.projectId, eventId(1), START],
    );
    const list = async (changes: Partial<Page>, { projectId, customerKey } = scope) => {
      const wanted = { ...page(changes), customerKey, balanceId: id };
      const [listed = []] = await answersOf(test.store.reads).ledgerPages(projectId, [wanted]);
      return listed.map(({ seq }) => seq);
    };
    await expect(list({ limit: 3 })).resolves.toEqual([12, 11, 10]);
    await expect(list({ limit: 2, after: '10' })).resolves.toEqual([9, 8]);
    await expect(list({ limit: 2, inverted: true, before: '9' })).resolves.toEqual([10, 11]);
    await expect(list({}, await customer('gus'))).resolves.toEqual([]);

    const wanted = [2, 13].map((seq) => ({ customerKey: scope.customerKey, balanceId: id, seq }));
    const [entry, none] = await answersOf(test.store.reads).ledgerEntries(scope.projectId, wanted);
    expect(none).toBeNull();
    expect(entry).toEqual({
      ...scope,
      balanceId: id,
      seq: 2,
      kind: 'TRACK',
      amount: units(-2),
      grantedBefore: units(100),
      usedBefore: units(1),
      reservedBefore: 0n,
      grantedAfter: units(100),
      usedAfter: units(2),
      reservedAfter: 0n,
      reason: null,
      actor: null,
      eventId: eventId(1),
      effectiveAt: START,
      recordedAt: START + 2000,
    });
  });
});
