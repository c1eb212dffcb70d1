/** A balance is the same whichever path reads it: for a decision as JSON, for a query as one text. */
import fc from 'fast-check';
import type pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { customerScope } from '../../src/meter/customer-key.js';
import { connect } from '../support/database/connections.js';
import { createStore, type TestStore } from '../support/database/store.js';
import { answersOf } from '../support/meter/read-queue.js';

let test: TestStore;
let client: pg.Client;
let customers = 0;

beforeAll(async () => {
  test = await createStore();
  client = await connect(test.database.url);
});
afterAll(async () => {
  await client.end();
  await test.close();
});

/** Printable ASCII, everything that separates or quotes included. */
const id = fc.string({ unit: fc.integer({ min: 0x21, max: 0x7e }).map(charOf), minLength: 1 });
const amount = fc
  .bigInt({ min: 0n, max: 10n ** 37n })
  .map((units) => `${units / 10n ** 10n}.${String(units % 10n ** 10n).padStart(10, '0')}`);
/** From the year 1 to the end of 9999, with some time left. */
const time = fc.integer({ min: -62_135_596_800_000, max: 253_401_000_000_000 });
const interval = fc.constantFrom('MINUTE', 'DAY', 'MONTH', 'YEAR');
const count = fc.integer({ min: 1, max: 1_000 });
const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: null });
const rollovers = fc.array(fc.record({ granted: amount, used: amount, expiresAt: maybe(time) }), {
  maxLength: 3,
});
const rollover = fc.record({
  max: fc.oneof(
    fc.constant({ rollover_max: null, rollover_max_percent: null }),
    amount.map((max) => ({ rollover_max: max, rollover_max_percent: null })),
    fc
      .integer({ min: 0, max: 1_000_000 })
      .map((percent) => ({ rollover_max: null, rollover_max_percent: percent })),
  ),
  keep: maybe(fc.record({ interval, count })),
});
const reset = fc.record({
  interval,
  count,
  anchor: time,
  next: maybe(time),
  zone: fc.constantFrom(null, 'Europe/Berlin', 'America/Argentina/Buenos_Aires'),
  carryOverage: fc.boolean(),
  rollover: maybe(rollover),
});
const row = fc.record({
  feature_id: id,
  entity_id: maybe(id),
  granted: amount,
  used: fc
    .tuple(fc.boolean(), amount)
    .map(([isNegative, text]) => `${isNegative ? '-' : ''}${text}`),
  rollovers: rollovers.map((list) => JSON.stringify(list.map((part) => ({ v: 1, ...part })))),
  priority: fc.integer({ min: -1_000, max: 1_000 }),
  starts_at: maybe(time),
  overage: fc.constantFrom(null, false, true),
  overage_limit: maybe(amount),
  created_at: time,
  ledger_seq: fc.integer({ min: 1 }),
  lasts: maybe(fc.integer({ min: 1, max: 10 ** 9 })),
  reset: maybe(reset),
});

function charOf(code: number): string {
  return String.fromCharCode(code);
}

type Drawn = typeof row extends fc.Arbitrary<infer T> ? T : never;

/** The columns of the table that differ from what was drawn. */
function columnsOf({ overage, overage_limit, lasts, starts_at, reset: rule, ...drawn }: Drawn) {
  const kept = rule?.rollover?.keep ?? null;
  return {
    ...drawn,
    starts_at: at(starts_at),
    expires_at: lasts === null ? null : at((starts_at ?? 0) + lasts),
    created_at: at(drawn.created_at),
    overage_allowed: overage === true,
    overage_limit: overage === true ? overage_limit : null,
    reset_interval: rule?.interval ?? null,
    reset_interval_count: rule?.count ?? null,
    reset_anchor: at(rule?.anchor ?? null),
    next_reset_at: at(rule?.next ?? null),
    reset_time_zone: rule?.zone ?? null,
    carry_overage: rule?.carryOverage ?? false,
    rollover_enabled: (rule?.rollover ?? null) !== null,
    ...(rule?.rollover?.max ?? {}),
    rollover_interval: kept?.interval ?? null,
    rollover_interval_count: kept?.count ?? null,
  };
}

/** As PostgreSQL reads it. */
function at(time: number | null): string | null {
  return time === null ? null : new Date(time).toISOString();
}

async function customerWith(rows: readonly Drawn[]) {
  customers += 1;
  const scope = customerScope(test.projectId, `c${customers}`);
  await client.query('INSERT INTO customers (customer_key, project_id, id) VALUES ($1, $2, $3)', [
    scope.customerKey,
    scope.projectId,
    `c${customers}`,
  ]);
  // Features and entities have to exist elsewhere only.
  await client.query('SET session_replication_role = replica');
  for (const drawn of rows) {
    const columns = Object.entries({
      ...columnsOf(drawn),
      customer_key: scope.customerKey,
      project_id: scope.projectId,
    });
    await client.query(
      `INSERT INTO balances (id, ${columns.map(([name]) => name).join(', ')})
        VALUES (gen_random_uuid(), ${columns.map((_column, n) => `$${n + 1}`).join(', ')})`,
      columns.map(([, value]) => value),
    );
  }
  return scope;
}

it('any row', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 8 }), async (rows) => {
      const scope = await customerWith(rows);
      const request = { ...scope, entityIds: [], idempotencyKeys: [] };
      const { accounts } = await test.store.load([request]);
      const decidedOn = accounts.get(scope.customerKey)?.balances;
      expect(decidedOn).toHaveLength(rows.length);
      const reads = answersOf(test.store.reads);
      const address = { customerKey: scope.customerKey, entityId: null, known: null };
      const [shown] = await reads.standings(scope.projectId, [address]);
      expect(shown?.account?.balances).toEqual(decidedOn);
      const addresses = (decidedOn ?? []).map(({ id: balanceId }) => ({ ...scope, balanceId }));
      const alone = await reads.balancesById(scope.projectId, addresses);
      expect(alone.map((one) => one?.balance)).toEqual(decidedOn);
    }),
    { numRuns: 60 },
  );
});
