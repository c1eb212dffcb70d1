/** What is cached of an account once its commands are committed, and for how long a decision holds. */
import { expect, it } from 'vitest';
import type { Account } from '../../src/domain/account.js';
import type { Balance } from '../../src/domain/balance.js';
import { catalogOf } from '../../src/domain/feature.js';
import type { Hold } from '../../src/domain/hold.js';
import { units, ZERO } from '../../src/domain/quantity.js';
import { Command, type Decision } from '../../src/meter/write/command.js';
import { decideAccount } from '../../src/meter/write/decide-account.js';
import { accountOf, at, balanceOf, monthlyFrom, NOW } from './given.js';

const scope = { projectId: 'p', customerKey: 'key' };

class Writing extends Command<null> {
  readonly scope = scope;
  readonly bytes = 1;

  refuse(): null {
    return null;
  }

  decide(account: Account): Decision<null> {
    return {
      changes: { account, rows: {} },
      storedResult: () => 'null',
      result: () => ({ ok: true, value: null }),
    };
  }

  replay() {
    return { ok: true, value: null } as const;
  }
}

/** Refused for lack of balance: it changes nothing, and its result is stored under its key. */
class Refused extends Writing {
  override readonly idempotency = { key: 'k', fingerprint: { operation: 'refused' } };

  override decide(): Decision<null> {
    return {
      changes: null,
      storedResult: () => '"refused"',
      result: () => ({ ok: true, value: null }),
    };
  }
}

class Reading extends Writing {
  override decide(): Decision<null> {
    return {
      changes: null,
      storedResult: () => null,
      result: () => ({ ok: true, value: null }),
    };
  }
}

const decided = (
  start: Account | readonly Balance[],
  now = NOW,
  command: Writing = new Writing(),
) =>
  decideAccount(
    {
      scope,
      account: 'balances' in start ? start : accountOf(start),
      catalog: catalogOf(1, []),
      now,
      storedResults: new Map(),
      events: new Map(),
      nextVersion: 7,
    },
    [command],
  );

it('expired balances are removed, and their expiry is written to the database', () => {
  const { account, change } = decided([
    balanceOf({ id: 'lasting' }),
    balanceOf({ id: 'over', expiresAt: NOW }),
    balanceOf({ id: 'soon over', expiresAt: NOW + 1 }),
  ]);
  expect(account?.version).toBe(7);
  expect(account?.balances.map(({ id }) => id)).toEqual(['lasting', 'soon over']);
  expect(change?.rows.reshapedBalances?.map(({ id }) => id)).toEqual(['over']);
});

it('a balance that has ended is not cached, even if it was needed and nothing was written', () => {
  const { account, change } = decided(
    [balanceOf({ id: 'lasting' }), balanceOf({ id: 'ended', expiredAt: NOW - 1 })],
    NOW,
    new Reading(),
  );
  expect(change?.writes).toBe(false);
  expect(account?.balances.map(({ id }) => id)).toEqual(['lasting']);
});

it.each([
  ['before anything has come due', '2026-01-31T23:59:59.999Z', null, '2026-02-01T00:00:00Z'],
  ['at a reset', '2026-02-01T00:00:00Z', '2026-02-01T00:00:00Z', '2026-03-01T00:00:00Z'],
  ['long after one', '2026-02-20T00:00:00Z', '2026-02-01T00:00:00Z', '2026-03-01T00:00:00Z'],
])('a decision is valid from the last change until the next: %s', (_when, now, from, until) => {
  const reset = monthlyFrom('2026-01-01T00:00:00Z');
  const monthly = balanceOf({ reset, nextResetAt: at('2026-02-01T00:00:00Z') });
  expect(decided([monthly], at(now)).change).toMatchObject({
    validFrom: from === null ? null : at(from),
    validUntil: at(until),
  });
});

it.each([
  ['written', new Writing()],
  ['only stored', new Refused()],
  ['written by none of its commands', new Reading()],
])('long properties, and what has ended, are not cached: what is decided was %s', (_, command) => {
  const account = {
    ...accountOf([]),
    holds: [holdOf('long', 'x'.repeat(1_001)), holdOf('short', 'x')],
    ended: new Map([['unknown', null]]),
  };
  const { account: cached } = decided(account, NOW, command);
  expect(cached?.holds.map(({ properties }) => properties)).toEqual([undefined, 'x']);
  expect(cached?.ended.size).toBe(0);
});

function holdOf(id: string, properties: string): Hold {
  return {
    ...{ id, properties, value: ZERO, held: ZERO, used: ZERO, charges: [], createdAt: NOW },
    ...{ entityId: null, featureId: 'messages', eventName: null, expiresAt: NOW + 1, ended: null },
  };
}

/** Gives back all that is used of amounts that were carried over, as undoing an event may. */
class Refilling extends Writing {
  override decide(account: Account): Decision<null> {
    const balances = account.balances.map((balance) => ({
      ...balance,
      rollovers: balance.rollovers.map((part) => ({ ...part, used: ZERO })),
    }));
    return { ...super.decide(account), changes: { account: { ...account, balances }, rows: {} } };
  }
}

it('a decision that gives back to an amount that was carried over is valid until that expires', () => {
  const usedUp = { granted: units(5), used: units(5), expiresAt: NOW + 10 };
  const carrying = balanceOf({ rollovers: [usedUp] });
  expect(decided([carrying]).change?.validUntil).toBeNull();
  expect(decided([carrying], NOW, new Refilling()).change?.validUntil).toBe(NOW + 10);
});

it('a change that only stores a result is written as well', () => {
  const { change, account } = decided([], NOW, new Refused());
  expect(change).toMatchObject({
    writes: true,
    keysUnused: ['k'],
    rows: { storedResults: [{ idempotencyKey: 'k', result: '"refused"' }] },
  });
  expect(account?.version).toBe(7);
});
