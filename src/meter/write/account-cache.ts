import type { Account } from '../../domain/account.js';
import { takesIn } from '../../domain/hold.js';

/**
 * The state as of the gateway's last commits, to decide without reading first. No result is ever given from it alone:
 * the commit itself verifies it, or refuses.
 */
export interface AccountCache {
  get(customerKey: string): Account | undefined;
  set(account: Account): void;
  /** Caches an account that was only read, if there is room: reads of many customers don't take the place of those in use. */
  offer(account: Account): void;
  /**
   * A loaded account together with what is cached about its entities. If its version is the cached one, none has been
   * created or deleted since.
   */
  withKnownEntities(loaded: Account): Account;
  delete(customerKey: string): void;
  /** How many balances the account has, as far as is known: 0 if it is not. */
  balancesOf(customerKey: string): number;
  /** Whether the customer was locked elsewhere when it was last needed. */
  isLocked(customerKey: string): boolean;
  markLocked(customerKey: string): void;
  /** How many accounts are cached, and what they weigh of what they may. */
  size(): { readonly accounts: number; readonly weight: number; readonly weightMax: number };
}

/** Entities that are known of one account. */
const ENTITIES_MAX = 10_000;

/** From how many balances on an account is known to be large even when it is no longer cached, and how many are. */
const LARGE_BALANCES = 25;
const LARGE_MAX = 10_000;

/** Customers that are marked as locked. They are locked elsewhere for long, so more of them would be a disaster anyway. */
const LOCKED_MAX = 1_000;

/**
 * Up to which part of its size the cache does not keep track of who was used last: to move an entry to the end of a map takes several
 * times as long as to replace it.
 */
const ROOMY = 1 / 2;

export interface AccountCacheOptions {
  /** The balances of all cached accounts together; the least recently used go first. */
  readonly balancesMax: number;
}

export function createAccountCache({ balancesMax }: AccountCacheOptions): AccountCache {
  const accounts = new Map<string, Account>();
  const locked = new Set<string>();
  const large = new Map<string, number>();
  let weight = 0;

  function remove(customerKey: string): void {
    const account = accounts.get(customerKey);
    if (account === undefined) return;
    accounts.delete(customerKey);
    weight -= weightOf(account);
    if (account.balances.length < LARGE_BALANCES) return;
    large.set(customerKey, account.balances.length);
    limit(large, LARGE_MAX);
  }

  function set(known: Account): void {
    const account = withoutExcess(known);
    const { customerKey } = account;
    const former = accounts.get(customerKey);
    if (former !== undefined && weight < balancesMax * ROOMY) weight -= weightOf(former);
    else remove(customerKey);
    locked.delete(customerKey);
    large.delete(customerKey);
    accounts.set(customerKey, account);
    weight += weightOf(account);
    if (weight <= balancesMax) return;
    // A Map iterates in the order of insertion, and every use inserts anew.
    for (const oldest of accounts.keys()) {
      if (weight <= balancesMax) break;
      remove(oldest);
    }
  }

  return {
    get: (customerKey) => accounts.get(customerKey),
    set,
    offer(account) {
      const before = accounts.get(account.customerKey);
      const freed = before === undefined ? 0 : weightOf(before);
      if (weight - freed + weightOf(account) <= balancesMax) set(account);
    },
    withKnownEntities(loaded) {
      const cached = accounts.get(loaded.customerKey);
      if (cached === undefined || cached.version !== loaded.version) return loaded;
      if (cached.entities.size === 0) return loaded;
      return { ...loaded, entities: new Map([...cached.entities, ...loaded.entities]) };
    },
    delete: remove,
    balancesOf: (customerKey) =>
      accounts.get(customerKey)?.balances.length ?? large.get(customerKey) ?? 0,
    isLocked: (customerKey) => locked.has(customerKey),
    markLocked(customerKey) {
      locked.add(customerKey);
      limit(locked, LOCKED_MAX);
    },
    size: () => ({ accounts: accounts.size, weight, weightMax: balancesMax }),
  };
}

/** Both iterate in the order of insertion: the oldest go. */
function limit(entries: Map<string, unknown> | Set<string>, max: number): void {
  for (const oldest of entries.keys()) {
    if (entries.size <= max) return;
    entries.delete(oldest);
  }
}

/**
 * Callers may request any number of entities. Those that do not exist are evicted first, because there is no reason to request
 * them again; then the oldest, several at a time, so that this does not happen with every new one.
 */
function withoutExcess(account: Account): Account {
  if (account.entities.size <= ENTITIES_MAX) return account;
  const existing = [...account.entities].filter(([, exists]) => exists);
  const kept = existing.length <= ENTITIES_MAX ? existing : existing.slice(-ENTITIES_MAX / 2);
  return { ...account, entities: new Map(kept) };
}

/** Even an account without balances takes room, and so do its known entities. */
function weightOf(account: Account): number {
  const { holds } = account;
  const ofHolds = holds.length === 0 ? 0 : holds.length + takesIn(holds);
  return 1 + account.balances.length + ofHolds + account.entities.size / 4;
}
