/**
 * Ten thousand random calls of all kinds, alone and in batches, through two gateways on one
 * database: every answer and the state at the end match the model, and every balance is the sum of
 * its ledger.
 */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { viewOf } from '../support/cases/over-http.js';
import type { PlainCall } from '../support/cases/plain.js';
import * as operations from '../support/client/operations.js';
import { startTwoGateways, type TwoGateways } from '../support/gateway/two-gateways.js';
import { type Crowd, namesOf, send } from '../support/load/crowd.js';
import { explain } from '../support/load/explain.js';
import { batchesOf, noteOrder } from '../support/load/ledger-order.js';
import { archiveOthers, deleteMeanwhile } from '../support/load/retire.js';
import { type Sequence, takeTurn } from '../support/load/run-sequential.js';
import { Tally } from '../support/load/tally.js';
import { comparable } from '../support/model/compare.js';
import { CustomerModel } from '../support/model/model.js';
import { amountOf, sum, textOf } from '../support/model/numbers.js';
import { ENTITY_IDS } from '../support/random/arbitraries.js';
import { randomOf, seedOf } from '../support/random/random.js';
import {
  CREATABLE_CATALOGUE,
  concurrentScripts,
  ROUNDS,
  type Script,
  sequentialScripts,
} from '../support/random/random-calls.js';

/** A customer after its last call, whether it was called in sequence or concurrently. */
interface Customer {
  readonly customerId: string;
  readonly model: CustomerModel;
  readonly names: ReadonlyMap<string, string>;
}

const VOIDS_OF_MANY = ['voids of many', 'several at once'];

const AMENDMENTS = ['amendments', 'amendments refused'];

const HOLDS = ['reserve', 'capture', 'extend', 'release', 'capture refused', 'reserve replayed'];

const RETIRED = ['archived', 'grants of archived features', 'features deleted', 'features kept'];

/** Of features in each round, while others call. */
const DELETIONS = 4;

let both: TwoGateways;

beforeAll(async () => {
  both = await startTwoGateways({ features: CREATABLE_CATALOGUE });
  await noteOrder(both);
});

afterAll(() => both.close());

it('ten thousand mixed calls through both gateways at once are exact', {
  timeout: 600_000,
}, async () => {
  const seed = seedOf('random calls');
  const start = performance.now();
  const tally = new Tally();
  const single = sequentialScripts({ seed, prefix: 'one', customers: 45, turnsMax: 84 });
  const crowded = concurrentScripts({
    seed: seed + 1,
    prefix: 'many',
    customers: 12,
    turnsMax: 126,
  });
  const sequences = single.map(
    ({ customerId }, index): Sequence => ({
      clients: both.clients,
      customerId,
      model: new CustomerModel(CREATABLE_CATALOGUE),
      names: new Map(),
      eventIds: [],
      random: randomOf(seed + index),
      tally,
      context: `TEST_SEED=${seed}, ${customerId}`,
    }),
  );
  const crowds = crowded.map(({ customerId }): Crowd => ({ customerId, tracks: [], grants: [] }));
  for (const { customerId } of [...sequences, ...crowds]) {
    await operations.createCustomer(both.clients[0], customerId);
  }
  for (const { customerId } of crowds) {
    for (const entityId of ENTITY_IDS) {
      await operations.createEntity(both.clients[1], customerId, entityId);
    }
  }

  const retiring = { clients: both.clients, random: randomOf(seed), tally };
  let archived: readonly string[] = [];
  for (const [round, at] of ROUNDS.entries()) {
    await both.setClock(at);
    const others = CREATABLE_CATALOGUE.map(({ id }) => id).filter(() => retiring.random.once(4));
    const models = sequences.map(({ model }) => model);
    await archiveOthers(retiring, archived, others, models);
    archived = others;
    const used = await both.sql<{ id: string }>('SELECT DISTINCT feature_id AS id FROM balances');
    await Promise.all([
      deleteMeanwhile(
        retiring,
        used.map(({ id }) => id),
        DELETIONS,
      ),
      ...sequences.map(async (sequence, index) => {
        for (const turn of single[index]?.rounds[round] ?? []) await takeTurn(sequence, turn, at);
      }),
      ...crowds.map((crowd, index) =>
        send(crowd, callsOf(crowded[index], round), {
          clients: both.clients,
          random: randomOf(seed + index),
          tally,
          now: at,
        }),
      ),
    ]);
  }
  process.stdout.write(`${tally} in ${Math.round(performance.now() - start)} ms\n`);
  expect(tally.total).toBeGreaterThanOrEqual(10_000);
  expect(tally.of('batches')).toBeGreaterThanOrEqual(200);
  expect(tally.of('explained')).toBeGreaterThanOrEqual(300);
  expect(tally.of('allowed')).toBeGreaterThanOrEqual(50);
  expect(tally.of('not allowed')).toBeGreaterThanOrEqual(50);
  for (const what of [
    'voids',
    'voids repeated',
    'voids in part',
    ...VOIDS_OF_MANY,
    ...AMENDMENTS,
    ...HOLDS,
    ...RETIRED,
  ]) {
    expect(tally.of(what), what).toBeGreaterThanOrEqual(10);
  }

  const explained = await Promise.all(
    crowds.map(async (crowd): Promise<Customer> => {
      const model = new CustomerModel(CREATABLE_CATALOGUE);
      for (const createEntity of ENTITY_IDS) model.apply({ createEntity }, 0);
      const context = `TEST_SEED=${seed}, ${crowd.customerId}`;
      explain(crowd, model, await batchesOf(both, crowd.customerId), context);
      return { customerId: crowd.customerId, model, names: namesOf(crowd) };
    }),
  );
  const now = ROUNDS.at(-1) ?? 0;
  for (const customer of [...sequences, ...explained]) {
    await expectAsInModel(customer, now, `TEST_SEED=${seed}, ${customer.customerId}`);
  }
  expect(await both.sql('SELECT id FROM removed_features')).toEqual([]);
  expect(await both.audit()).toEqual([]);
  expect(await both.deadlocks()).toBe(0);
  await expectKeysOnce();
});

function callsOf(script: Script | undefined, round: number): PlainCall[] {
  return (script?.rounds[round] ?? []).flatMap((turn) => ('call' in turn ? [turn.call] : []));
}

/** Compares every balance of the customer and of an entity, through either gateway, and the events. */
async function expectAsInModel(customer: Customer, now: number, context: string): Promise<void> {
  const { customerId, model, names } = customer;
  const [entity] = ENTITY_IDS;
  for (const [index, client] of both.clients.entries()) {
    const entityId = index === 0 ? null : entity;
    const seen = await operations.lookAtAll(client, customerId, entityId);
    if (entityId !== null && seen.length === 0) continue;
    const expected = CREATABLE_CATALOGUE.map(({ id }) => model.look(id, entityId, now));
    expect(byFeature(seen.map((view) => comparable(viewOf(view, names)))), context).toEqual(
      byFeature(expected.filter((view) => view !== null).map(comparable)),
    );
  }
  const [recorded] = await both.sql<{ count: number; sum: string }>(
    `SELECT count(*)::int, trim_scale(coalesce(sum(value), 0))::text AS sum
    FROM events JOIN customers USING (customer_key) WHERE customers.id = $1`,
    [customerId],
  );
  const values = model.events.map(({ value }) => value);
  const expected = { count: values.length, sum: textOf(sum(values)) };
  expect({ ...recorded, sum: textOf(amountOf(Number(recorded?.sum))) }, context).toEqual({
    ...expected,
    sum: textOf(amountOf(Number(expected.sum))),
  });
}

function byFeature(views: readonly unknown[]): string[] {
  return views.map((view) => JSON.stringify(view)).sort();
}

async function expectKeysOnce(): Promise<void> {
  const doubled = await both.sql(
    `SELECT customer_key, idempotency_key FROM events WHERE idempotency_key IS NOT NULL
    GROUP BY 1, 2 HAVING count(*) > 1`,
  );
  expect(doubled).toEqual([]);
}
