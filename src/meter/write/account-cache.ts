import type { Account } from '../../domain/account.js';
import type { Catalog } from '../../domain/feature.js';
import type { Instant } from '../../domain/interval.js';

/**
 * What the gateway remembers from its last commits, to decide without reading first. Nothing is ever answered from it
 * alone: the commit itself proves that it still holds, or refuses.
 */
export interface Memory {
  account(customerKey: string): Account | undefined;
  remember(account: Account): void;
  forget(customerKey: string): void;
  /** Whether the customer was locked by somebody else when it was last needed. */
  isHeld(customerKey: string): boolean;
  hold(customerKey: string): void;
  catalog(projectId: string): Catalog | undefined;
  rememberCatalog(projectId: string, catalog: Catalog): void;
  forgetCatalog(projectId: string): void;
  /** The database's clock as far as it is known; null before the first look at it. */
  now(): Instant | null;
  sawClock(now: Instant): void;
}

/** It takes a lock of somebody else to be held, so many are a disaster anyway. */
const HELD_MAX = 1_000;

export interface MemoryOptions {
  /** The balances of all remembered accounts together; the least recently used go first. */
  readonly balancesMax: number;
  /** Any clock that only moves forward. */
  readonly monotonicMs: () => number;
}

export function createMemory({ balancesMax, monotonicMs }: MemoryOptions): Memory {
  const accounts = new Map<string, Account>();
  const catalogs = new Map<string, Catalog>();
  const held = new Set<string>();
  let weight = 0;
  let offsetMs: number | null = null;

  function forget(customerKey: string): void {
    const account = accounts.get(customerKey);
    if (account === undefined) return;
    accounts.delete(customerKey);
    weight -= weightOf(account);
  }

  return {
    account: (customerKey) => accounts.get(customerKey),
    remember(account) {
      forget(account.customerKey);
      held.delete(account.customerKey);
      accounts.set(account.customerKey, account);
      weight += weightOf(account);
      // A Map iterates in the order of insertion, and every use inserts anew.
      for (const oldest of accounts.keys()) {
        if (weight <= balancesMax) break;
        forget(oldest);
      }
    },
    forget,
    isHeld: (customerKey) => held.has(customerKey),
    hold(customerKey) {
      held.add(customerKey);
      // A Set iterates in the order of insertion: the oldest goes.
      for (const oldest of held) {
        if (held.size <= HELD_MAX) break;
        held.delete(oldest);
      }
    },
    catalog: (projectId) => catalogs.get(projectId),
    rememberCatalog: (projectId, catalog) => void catalogs.set(projectId, catalog),
    forgetCatalog: (projectId) => void catalogs.delete(projectId),
    now: () => (offsetMs === null ? null : Math.floor(monotonicMs() + offsetMs)),
    sawClock(now) {
      offsetMs = now - monotonicMs();
    },
  };
}

/** An account without balances takes room too, and known entities take some. */
function weightOf(account: Account): number {
  return 1 + account.balances.length + account.entityIds.size / 4;
}
