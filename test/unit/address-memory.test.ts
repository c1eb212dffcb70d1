/** What is kept of a request keeps no more of it in memory: caches count the characters of what they hold. */
import { describe, expect, it } from 'vitest';
import { paramsOfSearch } from '../../src/http/params.js';
import { keptBytes } from '../support/attacks/meter.js';

const REQUESTS = 500;

/** As long as Node.js accepts one, and most of it says nothing. What needs no decoding could be a part of it. */
function longAddress(n: number): string {
  const name = `NameOfTheOperation${n}`;
  const text = `query=query,${name}{__typename}&operationName=${name}&unused=${'x'.repeat(15_000)}`;
  return Buffer.from(text).toString('latin1');
}

describe('the address of a request', () => {
  it.each(['query', 'operationName'] as const)('is not kept with its %s', (member) => {
    const before = keptBytes();
    const kept = Array.from({ length: REQUESTS }, (_, n) => paramsOfSearch(longAddress(n))[member]);
    const bytes = keptBytes() - before;
    expect(new Set(kept).size).toBe(REQUESTS);
    expect(bytes / REQUESTS).toBeLessThan(1_000);
  });
});
