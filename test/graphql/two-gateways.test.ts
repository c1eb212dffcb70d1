/** What must hold with two gateways, each with its own cache, on one database. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Case, monthly, oneOff } from '../support/cases/case.js';
import { CASES } from '../support/cases/cases.js';
import { overHttp } from '../support/cases/over-http.js';
import type { PlainGrant, PlainTrack } from '../support/cases/plain.js';
import { play } from '../support/cases/play.js';
import type { Client } from '../support/client/client.js';
import * as operations from '../support/client/operations.js';
import { startTwoGateways, type TwoGateways } from '../support/gateway/two-gateways.js';
import { amountOf, sum, textOf } from '../support/model/numbers.js';
import { randomOf, seedOf } from '../support/random/random.js';

/** Each decides the calls that it gets, or the gateway that a customer belongs to decides all of its calls. */
const WAYS = [
  { how: 'that decide their own calls', sideBySide: false },
  { how: 'that decide calls for each other', sideBySide: true },
];

describe.each(WAYS)('two gateways $how', ({ sideBySide }) => {
  let both: TwoGateways;

  beforeAll(async () => {
    both = await startTwoGateways({ sideBySide });
  });

  afterAll(() => both.close());

  let customers = 0;

  /** A customer for one test alone, with these grants. */
  async function customer(...grants: PlainGrant[]): Promise<string> {
    customers += 1;
    const id = `customer${customers}`;
    const [client] = both.clients;
    await operations.createCustomer(client, id);
    for (const grant of grants) await operations.grant(client, id, grant);
    return id;
  }

  /** Sends the calls concurrently, through the two gateways in turn. */
  function atOnce(customerId: string, calls: readonly PlainTrack[]): Promise<operations.Tracked[]> {
    const track = (call: PlainTrack, index: number) =>
      operations.track(clientOf(index), customerId, call);
    return Promise.all(calls.map(track));
  }

  function clientOf(index: number): Client {
    return both.clients[index % 2 === 0 ? 0 : 1];
  }

  /** Plays a case whose calls alternate between the gateways. */
  function alternating(row: Case, prefix: string): Promise<void> {
    let calls = 0;
    const client: Client = {
      origin: 'both',
      run: (document, variables) => {
        calls += 1;
        return clientOf(calls).run(document, variables);
      },
    };
    return play(row, overHttp({ client, prefix, setClock: both.setClock }));
  }

  describe('with calls that alternate between the gateways,', () => {
    // The cache of each gateway is stale at every call.
    const cases = CASES.map((row, index) => ({ ...row, prefix: `case${index}` }));
    // Who decides does not depend on the case, so that a third of them will do, with another seed another third.
    const third = randomOf(seedOf('cases of neighbours')).whole(0, 2);
    it.each(sideBySide ? cases.filter((_, index) => index % 3 === third) : cases)(
      'row $row: $title',
      ({ prefix, ...row }) => alternating(row, prefix),
    );
  });

  describe('with calls through both gateways at once,', () => {
    it('row 60: CAP records every usage event and takes what fits', async () => {
      for (let round = 0; round < 10; round += 1) {
        const id = await customer(oneOff('messages', 5));
        const calls = Array.from({ length: 5 }, () => ({ featureId: 'messages', value: 10 }));
        const answers = (await atOnce(id, calls)).filter(operations.wasTracked);
        expect(answers.length).toBe(5);
        const unapplied = answers.flatMap((answer) => answer.unapplied.map(({ amount }) => amount));
        expect(unapplied.reduce((total, amount) => total + amount, 0)).toBe(45);
        const seen = await operations.look(clientOf(round), id, 'messages', null);
        expect(seen).toMatchObject({ remaining: 0, usage: 5 });
      }
    });

    it('row 61: REJECT accepts exactly as many as fit', async () => {
      for (let round = 0; round < 10; round += 1) {
        const id = await customer(oneOff('messages', 5, { overageAllowed: true, overageLimit: 5 }));
        const calls = Array.from({ length: 5 }, () => ({
          featureId: 'messages',
          value: 3,
          overageBehavior: 'REJECT' as const,
        }));
        const answers = await atOnce(id, calls);
        expect(answers.filter(operations.wasTracked).length).toBe(3);
        expect(
          answers.filter((one) => 'code' in one && one.code === 'INSUFFICIENT_BALANCE').length,
        ).toBe(2);
        const seen = await operations.look(clientOf(round), id, 'messages', null);
        expect(seen).toMatchObject({ remaining: 0, overage: 4, usage: 9 });
        expect((await operations.events(clientOf(round), id)).length).toBe(3);
      }
    });

    it('row 62: fifteen hundred random usage events of three customers are exact', async () => {
      const random = randomOf(seedOf('row 62'));
      const grants = [oneOff('messages', 20_000), monthly('messages', 10_000, { name: 'monthly' })];
      const ids = [await customer(...grants), await customer(...grants), await customer(...grants)];
      await Promise.all(
        ids.map(async (id) => {
          const values = Array.from({ length: 500 }, () => random.whole(1, 200) / 100);
          await atOnce(
            id,
            values.map((value) => ({ featureId: 'messages', value })),
          );
          const used = sum(values.map(amountOf));
          const seen = await operations.look(clientOf(0), id, 'messages', null);
          expect(seen?.usage).toBe(Number(textOf(used)));
          expect(seen?.remaining).toBe(Number(textOf(amountOf(30_000) - used)));
          const [recorded] = await both.sql<{ count: number; sum: string }>(
            `SELECT count(*)::int, trim_scale(sum(value))::text AS sum FROM events
            JOIN customers USING (customer_key) WHERE customers.id = $1`,
            [id],
          );
          expect(recorded).toEqual({ count: 500, sum: textOf(used) });
        }),
      );
    });

    it('row 73: two hundred calls with one key are one deduction and one answer', async () => {
      const id = await customer(oneOff('messages', 100));
      const call = { featureId: 'messages', value: 25.5, idempotencyKey: 'k1' };
      const answers = await atOnce(
        id,
        Array.from({ length: 200 }, () => call),
      );
      const first = answers.filter((answer) => answer.replayed === false);
      expect(first.length).toBe(1);
      for (const answer of answers) expect({ ...answer, replayed: false }).toEqual(first[0]);
      const seen = await operations.look(clientOf(0), id, 'messages', null);
      expect(seen).toMatchObject({ remaining: 74.5, usage: 25.5 });
      expect((await operations.events(clientOf(1), id)).length).toBe(1);
    });

    it('row 74: an event name with one key charges each of its features once', async () => {
      for (let round = 0; round < 10; round += 1) {
        const id = await customer(oneOff('action1', 200), oneOff('action3', 150));
        const call = { eventName: 'action-event', value: 45.67, idempotencyKey: 'k1' };
        const answers = await atOnce(id, [call, call]);
        expect(answers.map(({ replayed }) => replayed).sort()).toEqual([false, true]);
        const left = async (featureId: string) =>
          (await operations.look(clientOf(round), id, featureId, null))?.remaining;
        expect([await left('action1'), await left('action3')]).toEqual([154.33, 104.33]);
      }
    });

    it('a feature that one gateway changes is charged as changed by the other at once', async () => {
      const id = await customer(oneOff('words', 100), oneOff('messages', 100));
      const call = { eventName: 'sentence' };
      const [left, right] = both.clients;
      const update = `mutation Update($input: FeaturesUpdateInput!) {
        updateFeature(input: $input) { __typename } }`;
      await operations.track(right, id, { featureId: 'words' });
      expect(await operations.track(right, id, call)).toMatchObject({
        code: 'EVENT_NAME_NOT_FOUND',
      });
      await left.run(update, { input: { featureId: 'words', eventNames: ['sentence'] } });
      expect(await operations.track(right, id, call)).toMatchObject({ unapplied: [] });
      await left.run(update, { input: { featureId: 'words', eventNames: [] } });
      expect(await operations.track(right, id, call)).toMatchObject({
        code: 'EVENT_NAME_NOT_FOUND',
      });
      expect(await operations.look(left, id, 'words', null)).toMatchObject({ usage: 2 });
    });

    it('an entity that one gateway deletes is unknown to the other at once', async () => {
      const id = await customer();
      const [left, right] = both.clients;
      const call = { featureId: 'messages', entityId: 'seat' };
      for (let round = 0; round < 5; round += 1) {
        expect(await operations.createEntity(left, id, 'seat')).toBeNull();
        expect(operations.wasTracked(await operations.track(right, id, call))).toBe(true);
        expect(await operations.deleteEntity(left, id, 'seat')).toBeNull();
        expect(await operations.track(right, id, call)).toMatchObject({ code: 'ENTITY_NOT_FOUND' });
      }
    });
  });

  const MONTHS = ['02', '03', '04', '05', '06', '07'];
  const STRADDLE_MS = 400;

  it.skipIf(sideBySide)(
    'row 85: a due reset happens once, whichever call comes first',
    async () => {
      await both.setClock(Date.parse('2026-01-01T00:00:00.000Z'));
      const id = await customer(
        monthly('messages', 1_000_000, {}, { anchor: '2026-01-01T00:00:00.000Z' }),
      );
      for (const month of MONTHS) {
        const boundary = Date.parse(`2026-${month}-01T00:00:00.000Z`);
        await both.setClock(boundary - STRADDLE_MS);
        const end = performance.now() + 2 * STRADDLE_MS;
        const caller = async (client: Client) => {
          while (performance.now() < end) {
            await operations.track(client, id, { featureId: 'messages' });
            await operations.look(client, id, 'messages', null);
          }
        };
        await Promise.all([0, 1, 2, 3].map((index) => caller(clientOf(index))));
      }

      const resets = await both.sql<{ at: string; count: number }>(
        `SELECT to_char(effective_at, 'YYYY-MM-DD"T"HH24:MI:SS.MS') AS at, count(*)::int
      FROM ledger_entries JOIN customers USING (customer_key)
      WHERE customers.id = $1 AND kind = 'RESET' GROUP BY 1 ORDER BY 1`,
        [id],
      );
      expect(resets).toEqual(
        MONTHS.map((month) => ({ at: `2026-${month}-01T00:00:00.000`, count: 1 })),
      );
      // In the ledger, events recorded before a boundary precede its reset, and all others follow it.
      const [events] = await both.sql<{ before: number; after: number; misplaced: number }>(
        `SELECT count(*) FILTER (WHERE use.seq < reset.seq)::int AS before,
        count(*) FILTER (WHERE use.seq > reset.seq)::int AS after,
        count(*) FILTER (WHERE (use.seq < reset.seq) <> (use.recorded_at < reset.effective_at))::int
          AS misplaced
      FROM ledger_entries use JOIN ledger_entries reset USING (customer_key, balance_id)
      JOIN customers USING (customer_key)
      WHERE customers.id = $1 AND use.kind = 'TRACK' AND reset.kind = 'RESET'`,
        [id],
      );
      expect(events?.before).toBeGreaterThan(0);
      expect(events?.after).toBeGreaterThan(0);
      expect(events?.misplaced).toBe(0);
      const [last] = await both.sql<{ usage: number }>(
        `SELECT count(*)::int AS usage FROM events JOIN customers USING (customer_key)
      WHERE customers.id = $1 AND recorded_at >= '2026-07-01Z'`,
        [id],
      );
      for (const client of both.clients) {
        expect(await operations.look(client, id, 'messages', null)).toMatchObject({
          usage: last?.usage,
        });
      }
    },
  );

  it('every balance is the sum of its ledger, and there was no deadlock', async () => {
    expect(await both.audit()).toEqual([]);
    expect(await both.deadlocks()).toBe(0);
  });
});
