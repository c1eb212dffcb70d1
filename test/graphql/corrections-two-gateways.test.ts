/** Corrections of balances that are repeated, and that are sent to two gateways at once. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { correcting, DELETE, UPDATE } from '../support/client/correcting.js';
import * as operations from '../support/client/operations.js';
import { startTwoGateways, type TwoGateways } from '../support/gateway/two-gateways.js';

let both: TwoGateways;

beforeAll(async () => {
  both = await startTwoGateways();
});
afterAll(() => both.close());

const { client, run, customer, ledger, track } = correcting(() => both);

describe('with a key', () => {
  it('a correction is made once, whatever is tracked before it is repeated', async () => {
    const { customerId, of } = await customer({ granted: 10 });
    const input = { ...of, usage: 2, idempotencyKey: 'fix' };
    const first = await run(UPDATE, input);
    expect(first).toMatchObject({ changed: true, replayed: false });
    await track(customerId, 3);
    expect(await run(UPDATE, input, 1)).toEqual({ ...first, replayed: true });
    expect(await run(UPDATE, { ...of, idempotencyKey: 'look' })).toMatchObject({
      changed: false,
      balance: { used: 5 },
    });
    await track(customerId, 1);
    expect(await run(UPDATE, { ...of, usage: 5, idempotencyKey: 'nothing' })).toMatchObject({
      balance: { used: 5 },
    });
    expect(await run(UPDATE, { ...of, usage: 5, idempotencyKey: 'none' })).toMatchObject({
      changed: false,
    });
    await track(customerId, 1);
    expect(await run(UPDATE, { ...of, usage: 5, idempotencyKey: 'none' }, 1)).toMatchObject({
      changed: false,
      replayed: true,
    });
    expect(await run(UPDATE, of)).toMatchObject({ balance: { used: 6 } });
  });

  it('another input is a conflict that names the field, and to remove is not to leave', async () => {
    const { of } = await customer({ granted: 10 });
    await run(UPDATE, { ...of, priority: 1, idempotencyKey: 'key' });
    for (const [changes, field] of [
      [{ priority: 2 }, 'priority'],
      [{ priority: 1, expiresAt: null }, 'expiresAt'],
      [{ priority: 1, reason: 'x' }, 'reason'],
    ] as const) {
      const answer = await run(UPDATE, { ...of, ...changes, idempotencyKey: 'key' }, 1);
      expect(answer).toMatchObject({ code: 'IDEMPOTENCY_CONFLICT', field });
    }
    expect(await run(DELETE, { ...of, idempotencyKey: 'key' })).toMatchObject({
      field: 'operation',
    });
  });

  it('a balance is deleted once, and the answer is repeated', async () => {
    const { customerId, ids, of } = await customer({ granted: 10 }, { granted: 4 });
    await track(customerId, 6);
    const input = {
      ...of,
      transferUsage: true,
      idempotencyKey: 'end',
      reason: 'Moved',
      actor: 'sync',
    };
    const first = await run(DELETE, input);
    expect(first).toMatchObject({
      replayed: false,
      notTransferred: 0,
      transferred: [{ amount: 6, balance: { id: ids[1] } }],
    });
    expect(await run(DELETE, input, 1)).toEqual({ ...first, replayed: true });
    const moved = (await ledger(customerId)).filter(({ reason }) => reason === 'Moved');
    const told = moved
      .map(({ kind, amount, actor, balance }) => [kind, amount, actor, balance])
      .toSorted();
    expect(told).toEqual(
      [
        ['ADJUST', -6, 'sync', { id: ids[1] }],
        ['ADJUST', 6, 'sync', { id: ids[0] }],
        ['EXPIRE', -10, 'sync', { id: ids[0] }],
      ].toSorted(),
    );
  });

  it('usage that no other balance can be charged for stays where it was counted', async () => {
    const { customerId, of } = await customer({ granted: 10 }, { featureId: 'words', granted: 5 });
    await track(customerId, 6);
    expect(await run(DELETE, { ...of, transferUsage: true })).toMatchObject({
      notTransferred: 6,
      transferred: [],
    });
    expect((await ledger(customerId))[0]).toMatchObject({
      kind: 'EXPIRE',
      amount: -4,
      usedAfter: 6,
    });
  });
});

describe('with two gateways at once', () => {
  it('no correction and no use is lost', { timeout: 120_000 }, async () => {
    const { customerId, of } = await customer({ granted: 1_000 });
    const jobs = Array.from({ length: 120 }, (_, n) =>
      n % 10 === 0
        ? run(UPDATE, { ...of, granted: 1_000 + n, priority: n }, n / 10)
        : track(customerId, 1, n),
    );
    await Promise.all(jobs);
    expect(await run(UPDATE, of)).toMatchObject({ changed: false, balance: { used: 108 } });
    const entries = await ledger(customerId);
    // Each follows from the one before it.
    for (const [index, entry] of entries.slice(0, -1).entries()) {
      const before = entries[index + 1];
      expect([entry['grantedBefore'], entry['usedBefore']]).toEqual([
        before?.['grantedAfter'],
        before?.['usedAfter'],
      ]);
    }
    expect(await both.audit()).toEqual([]);
  });

  it('of equal calls one is made, and a deleted balance is used no more', {
    timeout: 120_000,
  }, async () => {
    for (let round = 0; round < 5; round += 1) {
      const { customerId, of } = await customer({ granted: 100 }, { granted: 50 });
      const input = { ...of, transferUsage: true, idempotencyKey: 'end' };
      const [deleted, tracked] = await Promise.all([
        Promise.all([0, 1].map((index) => run(DELETE, input, index))),
        Promise.all(Array.from({ length: 20 }, (_, n) => track(customerId, 2, n))),
      ]);
      expect(deleted.map(({ replayed }) => replayed).toSorted()).toEqual([false, true]);
      expect(tracked.every(operations.wasTracked)).toBe(true);
      const view = await operations.look(client(), customerId, 'messages', null);
      expect(view).toMatchObject({ granted: 50, usage: 40, remaining: 10 });
    }
    expect(await both.audit()).toEqual([]);
  });
});
