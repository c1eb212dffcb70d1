/** Registered queries are bounded, and no project displaces those of others beyond its share. */
import { describe, expect, it } from 'vitest';
import { REGISTERED_BOUNDS, RegisteredQueries } from '../../src/http/trusted/registered-queries.js';

const TEXT = 'x'.repeat(744);
/** With its hash and places, each of these queries counts as 1,000 characters. */
const bounds = { projectEntriesMax: 4, projectCharsMax: 3_000, charsMax: 5_000 };

const add = (queries: RegisteredQueries, project: string, ...hashes: string[]) => {
  for (const hash of hashes) queries.set(project, hash, TEXT);
};
const kept = (queries: RegisteredQueries, project: string, ...hashes: string[]) =>
  hashes.filter((hash) => queries.get(project, hash) !== undefined);

describe('registered queries', () => {
  it('are found in their project only', () => {
    const queries = new RegisteredQueries(bounds);
    queries.set('a', 'hash', TEXT);
    expect(queries.get('a', 'hash')).toBe(TEXT);
    expect(queries.get('b', 'hash')).toBeUndefined();
    expect(queries.get('a', '__proto__')).toBeUndefined();
  });

  it('of a project displace those that it has not used for longest', () => {
    const queries = new RegisteredQueries(bounds);
    add(queries, 'a', '1', '2', '3');
    queries.get('a', '1');
    add(queries, 'a', '4');
    expect(kept(queries, 'a', '1', '2', '3', '4')).toEqual(['1', '3', '4']);
  });

  it('of a project are limited in number as well', () => {
    const queries = new RegisteredQueries({ ...bounds, projectCharsMax: 1_000_000 });
    for (let n = 0; n < 6; n += 1) queries.set('a', String(n), '{}');
    expect(kept(queries, 'a', '0', '1', '2', '3', '4', '5')).toEqual(['2', '3', '4', '5']);
  });

  it('displace those of the project that has most, and never those of one that has fewer', () => {
    const queries = new RegisteredQueries(bounds);
    add(queries, 'a', '1', '2', '3');
    add(queries, 'b', '1');
    add(queries, 'c', '1', '2');
    expect(kept(queries, 'a', '1', '2', '3')).toEqual(['2', '3']);
    expect(kept(queries, 'b', '1')).toEqual(['1']);
    expect(kept(queries, 'c', '1', '2')).toEqual(['1', '2']);
    add(queries, 'c', '3', '4', '5', '6');
    expect(kept(queries, 'b', '1')).toEqual(['1']);
    expect(kept(queries, 'c', '3', '4', '5', '6').length).toBeLessThanOrEqual(3);
  });

  it('are counted once, however often they are registered', () => {
    const queries = new RegisteredQueries(bounds);
    add(queries, 'a', '1', '1', '1', '1', '1', '2');
    expect(kept(queries, 'a', '1', '2')).toEqual(['1', '2']);
  });

  it('that are larger than all may be together are not kept, and displace nothing', () => {
    const queries = new RegisteredQueries(bounds);
    add(queries, 'a', '1');
    queries.set('a', 'large', 'x'.repeat(bounds.projectCharsMax));
    expect(kept(queries, 'a', '1', 'large')).toEqual(['1']);
  });

  it('take at most 32 MiB in all, and an eighth of it for one project', () => {
    expect(REGISTERED_BOUNDS.charsMax * 2).toBe(32 * 1024 * 1024);
    expect(REGISTERED_BOUNDS.projectCharsMax * 8).toBe(REGISTERED_BOUNDS.charsMax);
  });
});
