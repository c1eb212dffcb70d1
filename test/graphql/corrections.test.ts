/** Corrections of balances over HTTP: what they refuse, and what they leave in the balance and its ledger. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { correcting, DELETE, type Input, UPDATE } from '../support/client/correcting.js';
import { startTwoGateways, type TwoGateways } from '../support/gateway/two-gateways.js';

let both: TwoGateways;

beforeAll(async () => {
  both = await startTwoGateways();
});
afterAll(() => both.close());

const { run, customer, ledger, track } = correcting(() => both);

describe('what is refused changes nothing:', () => {
  const grants: Record<string, Input> = {
    metered: { granted: 10, overageAllowed: true },
    unlimited: { unlimited: true },
    boolean: { featureId: 'dashboard' },
  };
  it.each([
    ['metered', { remaining: 10.5 }, 'remaining maximum'],
    ['metered', { usage: -1 }, 'usage minimum'],
    ['metered', { usage: 1, remaining: 1 }, 'remaining exclusive'],
    ['metered', { granted: 1 / 3 }, 'granted decimals'],
    ['metered', { expiresAt: '2020-01-01T00:00:00Z' }, 'expiresAt after_start'],
    ['metered', { overageAllowed: false, overageLimit: 5 }, 'overageLimit overage_allowed'],
    ['metered', { carryOverage: true }, 'carryOverage needs'],
    ['metered', { rollover: { max: 1 } }, 'rollover needs'],
    ['metered', { resetIntervalCount: 2 }, 'resetIntervalCount needs'],
    [
      'metered',
      { resetInterval: 'DAY', rollover: { interval: 'YEAR' } },
      'rollover.interval rollover_periods',
    ],
    ['metered', { reason: 'x'.repeat(501) }, 'reason length'],
    ['metered', { actor: '' }, 'actor length'],
    ['unlimited', { granted: 5 }, 'granted unlimited'],
    ['unlimited', { remaining: 5 }, 'remaining unlimited'],
    ['unlimited', { overageAllowed: true }, 'overageAllowed unlimited'],
    ['boolean', { granted: 5 }, 'granted boolean'],
    ['boolean', { usage: 5 }, 'usage boolean'],
    ['boolean', { resetInterval: 'DAY' }, 'resetInterval boolean'],
    ['metered', { id: 'none' }, 'BALANCE_NOT_FOUND'],
    ['metered', { customerId: 'none' }, 'CUSTOMER_NOT_FOUND'],
  ])('of a %s balance, %j', async (kind, changes, expected) => {
    const { customerId, of } = await customer(grants[kind] ?? {});
    const { code, issues } = await run(UPDATE, { ...of, ...changes });
    const [issue] = issues ?? [];
    expect(issue === undefined ? code : `${issue.path} ${issue.rule}`).toBe(expected);
    expect(await ledger(customerId)).toHaveLength(1);
  });

  it('a balance of another customer, and one that has ended, are not found', async () => {
    const [mine, theirs] = [await customer({ granted: 1 }), await customer({ granted: 1 })];
    for (const [document, more] of [
      [UPDATE, { usage: 1 }],
      [DELETE, {}],
    ] as const) {
      const input = { customerId: mine.customerId, id: theirs.id, ...more };
      expect(await run(document, input)).toMatchObject({ code: 'BALANCE_NOT_FOUND' });
    }
    expect(await run(DELETE, mine.of)).toMatchObject({ __typename: 'DeleteBalancePayload' });
    for (const index of [0, 1]) {
      expect(await run(DELETE, mine.of, index)).toMatchObject({ code: 'BALANCE_NOT_FOUND' });
      expect(await run(UPDATE, { ...mine.of, usage: 1 }, index)).toMatchObject({
        code: 'BALANCE_NOT_FOUND',
      });
    }
  });
});

it('every term is stored, seen by the other gateway, and removed again', async () => {
  const { of } = await customer({
    granted: 10,
    expiresAt: '2998-01-01T00:00:00Z',
    overageAllowed: true,
    overageLimit: 3,
  });
  const terms = {
    priority: -3,
    expiresAt: '2999-01-01T00:00:00.000Z',
    overageLimit: 7,
    carryOverage: true,
    resetInterval: 'MONTH',
    resetIntervalCount: 2,
    resetAnchor: '2026-01-31T00:00:00.000Z',
    resetTimeZone: 'Europe/Berlin',
  };
  const rollover = { max: 4, maxPercent: null, interval: 'YEAR', intervalCount: 2 };
  const { maxPercent: _, ...rule } = rollover;
  await run(UPDATE, { ...of, ...terms, rollover: rule, granted: 20, usage: 5 });
  const same = await run(UPDATE, { ...of, ...terms, granted: 20 }, 1);
  expect(same).toMatchObject({
    changed: false,
    balance: { ...terms, rollover, granted: 20, used: 5, remaining: 15 },
  });
  await run(
    UPDATE,
    { ...of, expiresAt: null, overageLimit: null, rollover: null, carryOverage: false },
    1,
  );
  const removed = {
    expiresAt: null,
    overageLimit: null,
    rollover: null,
    carryOverage: false,
    resetInterval: 'MONTH',
  };
  expect(await run(UPDATE, of)).toMatchObject({ changed: false, balance: removed });
  await run(UPDATE, { ...of, resetInterval: null });
  expect(await run(UPDATE, of, 1)).toMatchObject({
    changed: false,
    balance: { resetInterval: null, nextResetAt: null },
  });
});

it('the ledger has one entry, with the reason and the actor; a change of nothing has none', async () => {
  const { customerId, id, of } = await customer({ granted: 10 });
  await track(customerId, 4);
  const note = { reason: 'Überprüft: "ok" \\ {a,b} \n2', actor: 'jane@example.com' };
  expect(await run(UPDATE, { ...of, granted: 30, usage: 1, ...note })).toMatchObject({
    changed: true,
  });
  expect(await run(UPDATE, { ...of, granted: 30, usage: 1, reason: 'again' })).toMatchObject({
    changed: false,
  });
  const [newest, ...others] = await ledger(customerId);
  expect(newest).toEqual({
    kind: 'ADJUST',
    amount: 23,
    grantedBefore: 10,
    usedBefore: 4,
    grantedAfter: 30,
    usedAfter: 1,
    ...note,
    balance: { id },
  });
  expect(others.map(({ kind, reason, actor }) => [kind, reason, actor])).toEqual([
    ['TRACK', null, null],
    ['GRANT', null, null],
  ]);
});
