/** What is cached of an account once its commands are committed. */
import { expect, it } from 'vitest';
import type { Account } from '../../src/domain/account.js';
import { catalogOf } from '../../src/domain/feature.js';
import { Command, type Decision } from '../../src/meter/write/command.js';
import { decideAccount } from '../../src/meter/write/decide-account.js';
import { accountOf, balanceOf, NOW } from './given.js';

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

it('expired balances are removed, and their expiry is written to the database', () => {
  const balances = [
    balanceOf({ id: 'lasting' }),
    balanceOf({ id: 'over', expiresAt: NOW }),
    balanceOf({ id: 'soon over', expiresAt: NOW + 1 }),
  ];
  const { account, change } = decideAccount(
    {
      scope,
      account: accountOf(balances),
      catalog: catalogOf(1, []),
      now: NOW,
      storedResults: new Map(),
    },
    [new Writing()],
  );
  expect(account?.balances.map(({ id }) => id)).toEqual(['lasting', 'soon over']);
  expect(change?.rows.reshapedBalances?.map(({ id }) => id)).toEqual(['over']);
});
