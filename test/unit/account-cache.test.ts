/** The account cache has a limit, whatever callers send. */
import { describe, expect, it } from 'vitest';
import type { Account } from '../../src/domain/account.js';
import { createAccountCache } from '../../src/meter/write/account-cache.js';
import { accountOf, balanceOf } from './given.js';

const cacheOf = (balancesMax: number) => createAccountCache({ balancesMax });

const account = (customerKey: string, more: Partial<Account> = {}): Account => ({
  ...accountOf([]),
  customerKey,
  ...more,
});

const entities = (count: number, exist: boolean, name = 'e') =>
  Array.from({ length: count }, (_, index) => [`${name}${index}`, exist] as const);

describe('the account cache', () => {
  it('evicts the least recently written accounts', () => {
    const cache = cacheOf(2);
    cache.set(account('a'));
    cache.set(account('b'));
    cache.set(account('a'));
    cache.set(account('c'));
    expect(['a', 'b', 'c'].filter((key) => cache.get(key) !== undefined)).toEqual(['a', 'c']);
  });

  it('counts the balances and the entities of an account', () => {
    const cache = cacheOf(10);
    cache.set(account('a'));
    cache.set(account('b', { balances: Array.from({ length: 9 }, () => balanceOf()) }));
    expect(cache.get('a')).toBeUndefined();
    expect(cache.get('b')).toBeDefined();
    cache.set(account('c', { entities: new Map(entities(40, true)) }));
    expect(cache.get('c')).toBeUndefined();
  });

  it('caches what was only read where there is room, in place of nothing else', () => {
    const cache = cacheOf(5);
    const of = (balances: number) => ({
      balances: Array.from({ length: balances }, () => balanceOf()),
    });
    cache.set(account('a'));
    cache.offer(account('b', of(2)));
    cache.offer(account('c', of(1)));
    expect(['a', 'b', 'c'].map((key) => cache.get(key)?.balances.length)).toEqual([
      0,
      2,
      undefined,
    ]);
    // What it replaces makes room.
    cache.offer(account('b', of(3)));
    cache.offer(account('b', of(4)));
    expect(cache.get('b')?.balances).toHaveLength(3);
    cache.set(account('c'));
    expect(['a', 'b', 'c'].map((key) => cache.get(key) !== undefined)).toEqual([false, true, true]);
  });

  it('no longer counts accounts that are replaced or deleted', () => {
    const cache = cacheOf(3);
    for (let round = 0; round < 10; round += 1) cache.set(account('a'));
    cache.set(account('b'));
    cache.delete('b');
    cache.delete('b');
    cache.set(account('c'));
    cache.set(account('d'));
    expect(['a', 'c', 'd'].filter((key) => cache.get(key) !== undefined)).toEqual(['a', 'c', 'd']);
  });

  it('knows the size of large accounts that are no longer cached', () => {
    const cache = cacheOf(1_000);
    const large = (customerKey: string, count: number) =>
      account(customerKey, { balances: Array.from({ length: count }, () => balanceOf()) });
    cache.set(large('a', 900));
    expect(cache.balancesOf('a')).toBe(900);
    cache.set(large('b', 500));
    expect([cache.get('a'), cache.balancesOf('a')]).toEqual([undefined, 900]);
    cache.delete('b');
    expect(cache.balancesOf('b')).toBe(500);
    cache.set(large('b', 3));
    cache.delete('b');
    expect(cache.balancesOf('b')).toBe(0);
  });

  it('keeps at most 10,000 entities of an account, preferably those that exist', () => {
    const cache = cacheOf(1_000_000);
    const known = new Map([...entities(6_000, true), ...entities(6_000, false, 'absent')]);
    cache.set(account('a', { entities: known }));
    expect([...(cache.get('a')?.entities.values() ?? [])]).toEqual(
      Array.from({ length: 6_000 }, () => true),
    );
    cache.set(account('b', { entities: new Map(entities(10_001, true)) }));
    const kept = cache.get('b')?.entities;
    expect(kept?.size).toBeLessThanOrEqual(10_000);
    expect(kept?.size).toBeGreaterThan(1_000);
    expect(kept?.get('e10000')).toBe(true);
  });

  it('adds cached entities to an account of the same version only', () => {
    const cache = cacheOf(100);
    cache.set(account('a', { version: 7, entities: new Map([['x', true]]) }));
    const loaded = (version: number) =>
      account('a', { version, entities: new Map([['y', false]]) });
    expect([...cache.withKnownEntities(loaded(7)).entities]).toEqual([
      ['x', true],
      ['y', false],
    ]);
    for (const version of [6, 8]) {
      expect([...cache.withKnownEntities(loaded(version)).entities]).toEqual([['y', false]]);
    }
  });

  it('marks at most the last 1,000 customers as locked', () => {
    const cache = cacheOf(100);
    for (let index = 0; index <= 1_000; index += 1) cache.markLocked(`c${index}`);
    expect(cache.isLocked('c0')).toBe(false);
    expect(cache.isLocked('c1')).toBe(true);
    expect(cache.isLocked('c1000')).toBe(true);
  });

  it('marks a customer as locked until it is written again', () => {
    const cache = cacheOf(100);
    for (const key of ['a', 'b']) cache.markLocked(key);
    cache.set(account('a'));
    expect(['a', 'b'].map((key) => cache.isLocked(key))).toEqual([false, true]);
  });
});
