/**
 * Random customers whose resets, expiries and reservations come due: what a read shows is the same before they are swept and
 * afterwards, the ledger is what the next write would have made it, and every later answer is that of the model.
 */
import type pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { advanceAccount } from '../../src/domain/account.js';
import { customerScope } from '../../src/meter/customer-key.js';
import { numberOf, placesOf } from '../../src/store/placed.js';
import { monthly, oneOff } from '../support/cases/case.js';
import type { PlainGrant } from '../support/cases/plain.js';
import { type Client, createClient } from '../support/client/client.js';
import { callHold } from '../support/client/hold-calls.js';
import * as operations from '../support/client/operations.js';
import { connect } from '../support/database/connections.js';
import { createDatabase, type TestDatabase } from '../support/database/database.js';
import { customerIn, PLACES } from '../support/database/places.js';
import { damagesOf } from '../support/database/project.js';
import { type LocalGateway, startLocalGateway } from '../support/gateway/local-gateway.js';
import { type Sequence, takeTurn } from '../support/load/run-sequential.js';
import { Tally } from '../support/load/tally.js';
import { sweep } from '../support/meter/sweep.js';
import { CustomerModel } from '../support/model/model.js';
import { ENTITY_IDS } from '../support/random/arbitraries.js';
import { randomOf, seedOf } from '../support/random/random.js';
import { CREATABLE_CATALOGUE, ROUNDS, sequentialScripts } from '../support/random/random-calls.js';

let database: TestDatabase;
let gateway: LocalGateway;
let client: Client;
let admin: pg.Client;

beforeAll(async () => {
  database = await createDatabase();
  gateway = await startLocalGateway({ connectionString: database.url });
  client = createClient(gateway.origin, gateway.secret);
  admin = await connect(database.url);
  for (const feature of CREATABLE_CATALOGUE) await operations.createFeature(client, feature);
});

afterAll(async () => {
  await gateway.close();
  await admin.end();
  expect(await damagesOf({ connectionString: database.url })).toEqual([]);
  await database.drop();
});

const EVERYTHING = `query Everything($customerId: String!) {
  customer(customerId: $customerId) {
    balances { ...Seen }
    ${ENTITY_IDS.map((id) => `${id}: entity(entityId: "${id}") { balances { ...Seen } }`).join(' ')}
    ${CREATABLE_CATALOGUE.map(({ id }) => `${id}: check(featureId: "${id}", requiredBalance: 7) { ...Checked }`).join(' ')}
    reservations(first: 100) { edges { node { reservationId status held used expiresAt endedAt } } }
    events(first: 20) { edges { node { id value } } }
  }
}
fragment Seen on FeatureBalance {
  feature { featureId } granted remaining usage overage reserved unlimited overageAllowed nextResetAt
  breakdown {
    id granted remaining used overage reserved nextResetAt startsAt expiresAt
    rollovers { granted remaining reserved expiresAt }
  }
}
fragment Checked on CheckBalanceResult {
  __typename
  ... on CheckBalancePayload { allowed largestAllowed nextChangeAt reason missing { amount feature { featureId } } }
}`;

const readAll = (ids: readonly string[]) =>
  Promise.all(ids.map((customerId) => client.run<unknown>(EVERYTHING, { customerId })));

/** The ledger of the customer, by balance and number. */
async function ledgerOf(customerId: string) {
  const { rows } = await admin.query(
    `SELECT l.balance_id, l.seq::int, l.kind, trim_scale(l.amount)::text AS amount, trim_scale(l.granted_after)::text AS granted,
      trim_scale(l.used_after)::text AS used, trim_scale(l.reserved_after)::text AS reserved,
      (extract(epoch FROM l.effective_at) * 1000)::float8 AS at, l.event_id
    FROM ledger_entries l JOIN customers c USING (customer_key) WHERE c.id = $1 ORDER BY l.balance_id, l.seq`,
    [customerId],
  );
  return rows;
}

async function oneOfEachPlace(): Promise<string[]> {
  const { project } = await gateway.store.projects.ensure('test');
  return placesOf(PLACES).map((place) => customerIn(numberOf(place), project.id, 'clock'));
}

/** What the next write would write to the ledger, and whether the sweeper is to notice. */
async function dueOf(customerId: string) {
  const { project } = await gateway.store.projects.ensure('test');
  const scope = customerScope(project.id, customerId);
  const loaded = await gateway.store.load([{ ...scope, entityIds: [], idempotencyKeys: [] }]);
  const account = loaded.accounts.get(scope.customerKey);
  if (account === undefined) throw new Error(`${customerId} exists`);
  const { entries } = advanceAccount(account, loaded.now);
  const isOver = (at: number | null) => at !== null && at <= loaded.now;
  const isFound =
    account.holds.some(({ expiresAt }) => isOver(expiresAt)) ||
    account.balances.some(
      ({ expiredAt, expiresAt, nextResetAt }) =>
        expiredAt === null && (isOver(expiresAt) || isOver(nextResetAt)),
    );
  return { entries, isFound, hasDueHolds: account.holds.length > 0 };
}

it('what is read is the same before and after a sweep, and the ledger is that of the next write', {
  timeout: 600_000,
}, async () => {
  const seed = seedOf('sweeps');
  const tally = new Tally();
  const scripts = sequentialScripts({ seed, prefix: 'swept', customers: 30, turnsMax: 40 });
  const sequences = scripts.map(
    ({ customerId }, index): Sequence => ({
      clients: [client, client],
      customerId,
      model: new CustomerModel(CREATABLE_CATALOGUE),
      names: new Map(),
      eventIds: [],
      random: randomOf(seed + index),
      tally,
      context: `TEST_SEED=${seed}, ${customerId}`,
    }),
  );
  const ids = scripts.map(({ customerId }) => customerId);
  const clocks = await oneOfEachPlace();
  for (const id of [...clocks, ...ids]) await operations.createCustomer(client, id);
  let found = 0;
  for (const [round, at] of ROUNDS.entries()) {
    await gateway.setClock(at);
    // From the answers, the gateway learns how late it is in each place.
    for (const id of clocks) await operations.track(client, id, { featureId: 'words' });
    const seen = await readAll(ids);
    const dues = await Promise.all(ids.map(dueOf));
    const ledgers = await Promise.all(ids.map(ledgerOf));
    const { warnings } = await sweep({ store: gateway.store });
    expect(warnings).toEqual([]);
    expect(await readAll(ids)).toEqual(seen);
    for (const [index, id] of ids.entries()) {
      const message = `${sequences[index]?.context}, round ${round}`;
      const before = ledgers[index] ?? [];
      const added = (await ledgerOf(id)).filter(
        (row) => !before.some((one) => one.balance_id === row.balance_id && one.seq === row.seq),
      );
      const { entries = [], isFound } = dues[index] ?? {};
      if (isFound) found += 1;
      // What rolled-over amounts lose within a period is not searched for.
      else for (const { kind } of entries) expect(kind, message).toBe('EXPIRE');
      expect(added.map(shownRow), message).toEqual(
        isFound ? entries.map(shownEntry).sort(byPlace) : [],
      );
    }
    await Promise.all(
      sequences.map(async (sequence, index) => {
        for (const turn of scripts[index]?.rounds[round] ?? []) await takeTurn(sequence, turn, at);
      }),
    );
  }
  process.stdout.write(`${tally}; ${found} customers swept\n`);
  expect(found).toBeGreaterThanOrEqual(30);
});

type Entry = Awaited<ReturnType<typeof dueOf>>['entries'][number];

const shownRow = ({ balance_id, seq, kind, amount, at }: Record<string, unknown>) =>
  [balance_id, seq, kind, Number(amount), at] as const;

const shownEntry = ({ balanceId, seq, kind, amount, effectiveAt }: Entry) =>
  [balanceId, seq, kind, Number(amount) / 1e10, effectiveAt] as const;

const byPlace = (a: ReturnType<typeof shownEntry>, b: ReturnType<typeof shownEntry>) =>
  a[0] === b[0] ? a[1] - b[1] : a[0] < b[0] ? -1 : 1;

const ANCHOR = { anchor: '2026-01-01T00:00:00.000Z' };

const GRANTS: readonly PlainGrant[] = [
  monthly('messages', 100, {}, { ...ANCHOR, rollover: { keep: { unit: 'DAY', count: 40 } } }),
  oneOff('messages', 50, { name: 'ends', expiresAt: '2027-03-05T00:00:00.000Z' }),
  monthly('words', 20, { overageAllowed: true }, { ...ANCHOR, carryOverage: true }),
];

it('the ledger of a customer that is swept is that of one that is written to', async () => {
  await gateway.setClock(Date.parse('2027-01-10T00:00:00Z'));
  for (const id of ['swept', 'written']) {
    await operations.createCustomer(client, id);
    for (const grant of GRANTS) await operations.grant(client, id, grant);
    await operations.track(client, id, { featureId: 'messages', value: 30 });
    await operations.track(client, id, { featureId: 'words', value: 70 });
    const expiresAt = '2027-01-20T00:00:00.000Z';
    const reserve = { reservationId: 'r', featureId: 'messages', value: 40, expiresAt };
    expect(await callHold(client, id, { reserve })).toHaveProperty('reservation');
  }
  await gateway.setClock(Date.parse('2027-04-20T00:00:00Z'));
  await operations.track(client, 'written', { featureId: 'action2', value: 0 });
  await sweep({ store: gateway.store });
  const [swept, written] = await Promise.all(
    ['swept', 'written'].map(async (id) =>
      (await ledgerOf(id))
        .filter(({ kind }) => !['GRANT', 'TRACK', 'RESERVE'].includes(kind))
        .map(({ balance_id: _, event_id: __, ...row }) => JSON.stringify(row))
        .sort(),
    ),
  );
  expect(swept).toEqual(written);
  const kinds = new Set(swept?.map((row) => JSON.parse(row).kind));
  expect([...kinds].sort()).toEqual(['EXPIRE', 'RELEASE', 'RESET', 'ROLLOVER']);
  const { rows } =
    await admin.query(`SELECT count(DISTINCT (ended_at, ended_how))::int AS n, min(ended_how) AS how
    FROM reservations JOIN customers USING (customer_key) WHERE customers.id IN ('swept', 'written')`);
  expect(rows).toEqual([{ n: 1, how: 'EXPIRED' }]);
});
