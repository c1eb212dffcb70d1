/**
 * Accounts as they stand: what is cached of each, confirmed by its version in the statement that reads the clock, or else read by it.
 * What checks are judged on, and balances are shown from.
 */
import { type Account, advanceAccount } from '../../domain/account.js';
import type { Instant } from '../../domain/interval.js';
import { keyWithin } from '../access/only-customer.js';
import type { ReadContext } from '../verb.js';
import type { AccountCache } from '../write/account-cache.js';
import type { WriteQueue } from '../write/write-queue.js';
import { customerKeyIn, type ReadKind, type Within } from './read-kind.js';
import type { Standing, StandingAddress } from './read-path.js';

/** Reads through the read queue, and what the write queue has cached. */
export interface StandingContext extends ReadContext {
  readonly writeQueue: Pick<WriteQueue, 'accounts'>;
}

export type StandingKind = ReadKind<StandingAddress, Standing | null, Standing> &
  Within<StandingAddress>;

/** Guarded by the version alone, or with as many balances as customers usually have. */
const ROWS_KNOWN = 1;
const ROWS_USUAL = 5;

/** The kinds differ in what they say was found. */
export function standingKind(rowsFound: (found: Standing) => number): StandingKind {
  return {
    rowsOf: ({ known }) => (known === null ? ROWS_USUAL : ROWS_KNOWN),
    textOf: ({ customerKey, entityId, known }) =>
      `${customerKey}:${known?.version ?? ''}:${entityId ?? ''}`,
    within: (address, only) => ({ ...address, customerKey: keyWithin(address.customerKey, only) }),
    customerKeyOf: customerKeyIn,
    load: (path, projectId, addresses) => path.standings(projectId, addresses),
    rowsFound: (found) => (found === null ? 1 : rowsFound(found)),
    show: (found) => found ?? undefined,
  };
}

/** Whether what was read may be cached: unless a commit has cached something newer meanwhile, or the customer is locked. */
export function isNews(
  accounts: AccountCache,
  account: Account | null,
  known: Account | null,
): account is Account {
  if (account === null || account.version === known?.version) return false;
  const { customerKey } = account;
  return (accounts.get(customerKey) ?? null) === known && !accounts.isLocked(customerKey);
}

interface Advanced {
  readonly account: Account;
  readonly from: Instant;
  /** It stands like this until then; null if indefinitely. */
  readonly until: Instant | null;
}

/** Those of which something has come due: it is found once, until more comes due or a commit records it. */
const advancedAccounts = new WeakMap<Account, Advanced>();

/** The account as of `now`. */
export function advanced(account: Account, now: Instant): Account {
  const last = advancedAccounts.get(account);
  if (last !== undefined && last.from <= now && (last.until === null || now < last.until)) {
    return last.account;
  }
  const { account: after, changesAt } = advanceAccount(account, now);
  if (after !== account)
    advancedAccounts.set(account, { account: after, from: now, until: changesAt });
  return after;
}
