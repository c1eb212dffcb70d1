/** What comes due by itself is written to the ledger by the customer's next write. The sweeper makes one that does nothing else (R45). */
import type { Account } from '../domain/account.js';
import type { LedgerKind } from '../domain/balance.js';
import { notFound, type Refusal } from '../domain/refusal.js';
import type { CustomerScope } from './store.js';
import { done, type Result } from './verb.js';
import { Command, type Decision, type Facts } from './write/command.js';
import type { Due } from './write/due.js';

/** What was written of one customer. */
export interface Swept {
  readonly resets: number;
  readonly expiries: number;
  readonly reservations: number;
}

/** Advances a customer's account to the clock, like every command, and changes nothing else. */
export class SweepCommand extends Command<Swept> {
  readonly scope: CustomerScope;
  readonly bytes = BYTES;
  override readonly givesWay = true;

  constructor(scope: CustomerScope) {
    super();
    this.scope = scope;
  }

  refuse({ account }: Facts): Refusal | null {
    return account === null ? notFound('CUSTOMER_NOT_FOUND', this.scope.customerKey) : null;
  }

  decide(account: Account, { due }: Facts): Decision<Swept> {
    return {
      changes: due === null ? null : { account, rows: {} },
      storedResult: () => null,
      result: () => done(due === null ? NOTHING : sweptOf(due)),
    };
  }

  /** It has no key. */
  replay(): Result<Swept> {
    return done(NOTHING);
  }
}

/** As much as an event with some properties. */
const BYTES = 1_000;

const NOTHING: Swept = { resets: 0, expiries: 0, reservations: 0 };

function sweptOf({ entries, reservations }: Due): Swept {
  const count = (wanted: LedgerKind) => entries.filter(({ kind }) => kind === wanted).length;
  return { resets: count('RESET'), expiries: count('EXPIRE'), reservations };
}
