import { describe, expect, it } from 'vitest';
import type { Balance } from '../../src/domain/balance.js';
import { units } from '../../src/domain/quantity.js';
import { type TrackDecision, type TrackRequest, track } from '../../src/domain/track.js';
import { accountOf, balanceOf, CATALOG, NOW, trackRequestOf } from './given.js';

const ACTION1 = balanceOf({ id: 'a1', featureId: 'action1' });

const decide = (balances: readonly Balance[], request: TrackRequest) =>
  track(accountOf(balances), CATALOG, request, NOW);

function accepted(decision: TrackDecision): Extract<TrackDecision, { ok: true }> {
  if (!decision.ok) throw new Error(decision.refusal.message);
  return decision;
}

describe('R2: a value of 0', () => {
  const zero = (special: Partial<TrackRequest>) =>
    trackRequestOf({ featureId: 'action1', value: 0n, ...special });

  it('takes nothing, lacks nothing and is recorded under every behavior', () => {
    for (const overageBehavior of ['CAP', 'REJECT', 'OVERFLOW'] as const) {
      for (const balances of [[ACTION1], [balanceOf({ ...ACTION1, used: units(10) })]]) {
        const { tracked, entries } = accepted(decide(balances, zero({ overageBehavior })));
        expect(tracked).toMatchObject({ deductions: [], unapplied: [] });
        expect(entries).toEqual([]);
      }
    }
  });

  it.each(['CAP', 'OVERFLOW'] as const)(
    'R7: is recorded under %s if no balance is held',
    (behavior) => {
      const { tracked } = accepted(decide([], zero({ overageBehavior: behavior })));
      expect(tracked).toMatchObject({ balance: null, deductions: [], unapplied: [] });
    },
  );

  it.each<[string, Balance[], Partial<TrackRequest>, string[]]>([
    ['no balance is held', [], {}, ['action1']],
    ['it has expired', [balanceOf({ ...ACTION1, expiresAt: NOW })], {}, ['action1']],
    ['it has not started', [balanceOf({ ...ACTION1, startsAt: NOW + 1 })], {}, ['action1']],
    [
      'it belongs to another entity',
      [balanceOf({ ...ACTION1, entityId: 'seat2' })],
      {},
      ['action1'],
    ],
    [
      'one of several is not held',
      [ACTION1],
      { featureId: null, eventName: 'action-event' },
      ['action3'],
    ],
    [
      'none of several is held',
      [],
      { featureId: null, eventName: 'action-event' },
      ['action1', 'action3'],
    ],
  ])('R7: is refused under REJECT if %s', (_, balances, special, ids) => {
    const decision = decide(balances, zero({ overageBehavior: 'REJECT', ...special }));
    const missing = ids.map((id) => ({ featureId: id, chargedFeatureId: id, amount: 0n }));
    expect(decision).toMatchObject({
      ok: false,
      refusal: { code: 'INSUFFICIENT_BALANCE', missing },
    });
    expect(decision).toMatchObject({
      refusal: {
        message: expect.stringMatching(
          new RegExp(
            `^No balance is held that can pay for (one or more of )?"${ids.join('", "')}": neither .*Grant one with createBalance\\.$`,
          ),
        ),
      },
    });
  });

  it.each<[string, Balance[], Partial<TrackRequest>]>([
    ['a BOOLEAN feature is not held', [], { featureId: 'dashboard' }],
    ['a credit system is held', [balanceOf({ featureId: 'credits', granted: 0n })], {}],
    ['the value is negative', [], { value: units(-1) }],
  ])('R7: is recorded under REJECT if %s', (_, balances, special) => {
    const request = zero({ overageBehavior: 'REJECT', ...special });
    expect(accepted(decide(balances, request)).tracked.deductions).toEqual([]);
  });
});
