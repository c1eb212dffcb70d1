import { describe, expect, it } from 'vitest';
import type { Balance } from '../../src/domain/balance.js';
import { quantityToText, units } from '../../src/domain/quantity.js';
import {
  CLOCK_SKEW_MAX_MS,
  refuseUnknown,
  type TrackDecision,
  track,
} from '../../src/domain/track.js';
import { domainCatalog, quantityOf } from '../support/cases/domain-requests.js';
import { accountOf, balanceOf, CATALOG, CREATED, NOW, trackRequestOf } from './given.js';

const ACTION1 = balanceOf({ id: 'a1', featureId: 'action1' });
const ACTION3 = balanceOf({ id: 'a3', featureId: 'action3' });
const CREDITS = balanceOf({ id: 'c', featureId: 'credits' });
const DASHBOARD = balanceOf({ id: 'd', featureId: 'dashboard', granted: 0n });

const event = (value: number, special: Parameters<typeof trackRequestOf>[0] = {}) =>
  trackRequestOf({
    featureId: null,
    eventName: 'action-event',
    value: quantityOf(value),
    ...special,
  });

function accepted(decision: TrackDecision): Extract<TrackDecision, { ok: true }> {
  if (!decision.ok) throw new Error(decision.refusal.message);
  return decision;
}

const decide = (balances: readonly Balance[], request: ReturnType<typeof trackRequestOf>) =>
  track(accountOf(balances), CATALOG, request, NOW);

function unappliedOf(decision: TrackDecision): Record<string, string> {
  const { unapplied } = accepted(decision).tracked;
  return Object.fromEntries(
    unapplied.map(({ chargedFeatureId, featureId, amount }) => [
      `${chargedFeatureId} in ${featureId}`,
      quantityToText(amount),
    ]),
  );
}

describe('R3 and R4: before idempotency is checked, a request is refused for', () => {
  const account = accountOf([], ['seat1']);
  const future = NOW + CLOCK_SKEW_MAX_MS + 1;

  it.each([
    ['a timestamp in the future', { timestamp: future }, 'INVALID_INPUT'],
    ['an unknown entity', { entityId: 'seat2' }, 'ENTITY_NOT_FOUND'],
    ['an unknown feature', { featureId: 'nothing' }, 'FEATURE_NOT_FOUND'],
    ['an unknown event name', { featureId: null, eventName: 'nothing' }, 'EVENT_NAME_NOT_FOUND'],
    [
      'a feature id as an event name',
      { featureId: null, eventName: 'messages' },
      'EVENT_NAME_NOT_FOUND',
    ],
    ['an event name as a feature id', { featureId: 'action-event' }, 'FEATURE_NOT_FOUND'],
    ['a property name of every object', { featureId: 'constructor' }, 'FEATURE_NOT_FOUND'],
    [
      'the timestamp rather than the entity and the feature',
      { timestamp: future, entityId: 'seat2', featureId: 'nothing' },
      'INVALID_INPUT',
    ],
    [
      'the entity rather than the feature',
      { entityId: 'seat2', featureId: 'nothing' },
      'ENTITY_NOT_FOUND',
    ],
    [
      'the entity rather than the event name',
      { entityId: 'seat2', featureId: null, eventName: 'nothing' },
      'ENTITY_NOT_FOUND',
    ],
  ])('%s', (_, special, code) => {
    expect(refuseUnknown(account, CATALOG, trackRequestOf(special), NOW)).toMatchObject({ code });
  });

  it('the timestamp rather than the customer, and the customer rather than the entity', () => {
    const unknown = { entityId: 'seat2', featureId: 'nothing' };
    expect(refuseUnknown(null, CATALOG, trackRequestOf(unknown), NOW)).toMatchObject({
      code: 'CUSTOMER_NOT_FOUND',
    });
    expect(
      refuseUnknown(null, CATALOG, trackRequestOf({ ...unknown, timestamp: future }), NOW),
    ).toMatchObject({ code: 'INVALID_INPUT', issues: [{ path: 'timestamp', rule: 'future' }] });
  });

  it.each([
    ['a known feature', {}],
    ['a known event name', { featureId: null, eventName: 'action-event' }],
    ['a known entity', { entityId: 'seat1' }],
    ['a boolean feature', { featureId: 'dashboard' }],
    ['a timestamp as far ahead as clocks may differ', { timestamp: NOW + CLOCK_SKEW_MAX_MS }],
    ['a timestamp long ago', { timestamp: 0 }],
  ])('not for %s', (_, special) => {
    expect(refuseUnknown(account, CATALOG, trackRequestOf(special), NOW)).toBeNull();
  });
});

describe('R5: an event name', () => {
  it('charges each of its features with the full value', () => {
    const { tracked, account } = accepted(decide([ACTION1, ACTION3], event(4)));
    expect(tracked.deductions).toEqual([
      { balanceId: 'a1', featureId: 'action1', amount: units(4) },
      { balanceId: 'a3', featureId: 'action3', amount: units(4) },
    ]);
    expect(account.balances).toMatchObject([{ used: units(4) }, { used: units(4) }]);
  });

  it('charges none of them under REJECT if one cannot pay', () => {
    const poor = balanceOf({ ...ACTION3, granted: units(3) });
    const decision = decide([ACTION1, poor], event(4, { overageBehavior: 'REJECT' }));
    expect(decision).toEqual({
      ok: false,
      refusal: {
        code: 'INSUFFICIENT_BALANCE',
        message: expect.stringContaining('1 of "action3"') as string,
        missing: [{ featureId: 'action3', chargedFeatureId: 'action3', amount: units(1) }],
        why: { reason: 'INSUFFICIENT_BALANCE', largestAllowed: units(3), nextChangeAt: null },
        replayed: false,
      },
    });
  });

  it('takes one feature after the other from shared credits, with one ledger entry', () => {
    const shared = domainCatalog([
      { id: 'x', type: 'CONSUMABLE', eventNames: ['both'] },
      { id: 'y', type: 'CONSUMABLE', eventNames: ['both'] },
      { id: 'credits', type: 'CREDIT_SYSTEM', creditCosts: { x: 1, y: 2 } },
    ]);
    const request = event(4, { eventName: 'both' });
    const decision = track(accountOf([CREDITS]), shared, request, NOW);
    const { tracked, entries } = accepted(decision);
    expect(tracked.deductions.map(({ amount }) => amount)).toEqual([units(4), units(6)]);
    expect(unappliedOf(decision)).toEqual({ 'y in credits': '2' });
    expect(entries).toMatchObject([
      { kind: 'TRACK', seq: 2, amount: -units(10), effectiveAt: null },
    ]);
  });
});

describe('R7: without a balance', () => {
  it.each<[string, Balance[], ReturnType<typeof trackRequestOf>, Record<string, string>]>([
    ['a boolean feature', [DASHBOARD], trackRequestOf({ featureId: 'dashboard' }), {}],
    ['a boolean feature not held', [], trackRequestOf({ featureId: 'dashboard' }), {}],
    [
      'a feature not held',
      [ACTION3],
      trackRequestOf({ featureId: 'action1' }),
      { 'action1 in action1': '1' },
    ],
    [
      'a feature not held, given back',
      [],
      trackRequestOf({ featureId: 'action1', value: -units(2) }),
      { 'action1 in action1': '-2' },
    ],
    [
      'a feature not held, under OVERFLOW',
      [],
      trackRequestOf({ featureId: 'action1', overageBehavior: 'OVERFLOW' }),
      { 'action1 in action1': '1' },
    ],
    ['features not held', [], event(3), { 'action1 in action1': '3', 'action3 in action3': '3' }],
  ])('%s changes nothing and is reported as unapplied', (_, balances, request, unapplied) => {
    const decision = decide(balances, request);
    const { account, entries, tracked } = accepted(decision);
    expect(tracked).toMatchObject({ balance: null, balances: [], deductions: [] });
    expect(unappliedOf(decision)).toEqual(unapplied);
    expect(account.balances).toEqual(balances);
    expect(entries).toEqual([]);
  });

  it.each([
    ['a feature not held', [], trackRequestOf({ featureId: 'action1' }), false],
    ['a feature held only by an entity', [{ ...ACTION1, entityId: 'seat1' }], event(1), false],
    ['an event name of which one feature is not held', [ACTION1], event(1), false],
    ['a boolean feature', [], trackRequestOf({ featureId: 'dashboard' }), true],
    ['something given back', [], trackRequestOf({ featureId: 'action1', value: -units(1) }), true],
  ])('under REJECT %s', (_, balances, request, ok) => {
    expect(decide(balances, { ...request, overageBehavior: 'REJECT' }).ok).toBe(ok);
  });
});

describe('an answer', () => {
  it.each<[string, Balance[], ReturnType<typeof trackRequestOf>, string | null, string[]]>([
    [
      'the tracked feature',
      [ACTION1],
      trackRequestOf({ featureId: 'action1' }),
      'action1',
      ['action1'],
    ],
    [
      'the tracked feature among its credits',
      [CREDITS, ACTION1],
      trackRequestOf({ featureId: 'action1' }),
      'action1',
      ['action1', 'credits'],
    ],
    [
      'the credits, if only they are held',
      [CREDITS],
      trackRequestOf({ featureId: 'action1' }),
      'credits',
      ['credits'],
    ],
    [
      'the only feature of an event that has a balance',
      [ACTION1],
      event(1),
      'action1',
      ['action1'],
    ],
    [
      'no balance, if several features have one',
      [ACTION3, ACTION1],
      event(1),
      null,
      ['action1', 'action3'],
    ],
    ['no balance, if no feature has one', [], event(1), null, []],
  ])('shows as its balance %s', (_, balances, request, balance, shown) => {
    const { tracked } = accepted(decide(balances, request));
    expect(tracked.balance?.featureId ?? null).toBe(balance);
    expect(tracked.balances.map(({ featureId }) => featureId)).toEqual(shown);
  });

  it('shows the balances after the call: for an entity, its own and those of its customer', () => {
    const balances = ['seat1', 'seat2'].map((id) => balanceOf({ id, entityId: id }));
    const request = trackRequestOf({ entityId: 'seat1', value: units(12) });
    const own = balanceOf({ id: 'own', createdAt: CREATED });
    const { tracked } = accepted(decide([...balances, own], request));
    expect(tracked.balance).toMatchObject({ remaining: units(8), usage: units(12) });
    expect(tracked.balance?.breakdown.map(({ id }) => id)).toEqual(['seat1', 'own']);
  });

  it('comes with one ledger entry for each balance that changed', () => {
    const balances = [ACTION1, ACTION3, CREDITS].map((balance) => Object.freeze(balance));
    const request = trackRequestOf({ featureId: 'action1', value: units(20) });
    const { entries, account } = accepted(decide(balances, request));
    expect(entries).toEqual([
      {
        balanceId: 'a1',
        seq: 2,
        kind: 'TRACK',
        amount: -units(10),
        grantedAfter: units(10),
        usedAfter: units(10),
        reservedAfter: 0n,
        effectiveAt: null,
      },
      {
        balanceId: 'c',
        seq: 2,
        kind: 'TRACK',
        amount: -units(2),
        grantedAfter: units(10),
        usedAfter: units(2),
        reservedAfter: 0n,
        effectiveAt: null,
      },
    ]);
    expect(account.balances.map(({ ledgerSeq }) => ledgerSeq)).toEqual([2, 1, 2]);
    expect(account.balances[1]).toBe(ACTION3);
  });
});

describe('R11: REJECT', () => {
  it.each<[string, number, boolean]>([
    ['accepts what fits exactly', 60, true],
    ['refuses the slightest amount more', 60.000000001, false],
    ['never refuses to give back', -1000, true],
  ])('%s', (_, value, ok) => {
    const request = trackRequestOf({
      featureId: 'action1',
      value: quantityOf(value),
      overageBehavior: 'REJECT',
    });
    expect(decide([ACTION1, CREDITS], request).ok).toBe(ok);
  });
});
