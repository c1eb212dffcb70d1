/** Pages of a list, and the cursors that mark positions in it. */
import { Buffer } from 'node:buffer';
import { describe, expect, it } from 'vitest';
import { resolvePage } from '../../src/schema/connection.js';

const KEYS = ['a', 'b', 'c', 'd', 'e'];

const CURSORS = {
  list: 'Customer',
  keyForm: /^[a-z]+$/,
  keyOf: ({ key }: { readonly key: string }) => key,
};

const cursor = (text: string) => Buffer.from(text).toString('base64');

/** A page of a list of five. */
const page = (args: Parameters<typeof resolvePage>[0]) =>
  resolvePage(args, CURSORS, ({ limit, inverted, after, before }) => {
    const keys = KEYS.filter((key) => key > (after ?? '') && (before === null || key < before));
    const ordered = inverted ? keys.toReversed() : keys;
    return Promise.resolve(ordered.slice(0, limit).map((key) => ({ key })));
  });

describe('a cursor', () => {
  it.each([
    ['of another list', cursor('Feature:abcdef')],
    ['of another list whose name is as long', cursor('Cucumber:a')],
    ['of no list', cursor('aaaaaaaaaaa')],
    ['with a malformed key', cursor('Customer:1')],
    ['in another encoding', cursor('Customer:a').replaceAll('=', '')],
    ['that is empty', ''],
  ])('%s is refused', async (_what, after) => {
    await expect(page({ after })).rejects.toThrow(/cursor that this list has returned/);
    await expect(page({ before: after })).rejects.toThrow(/cursor that this list has returned/);
  });

  it('returned by the list continues from there', async () => {
    const first = await page({ first: 2 });
    const { endCursor } = first.pageInfo;
    const second = await page({ first: 2, after: endCursor });
    expect(second.edges.map(({ node }) => node.key)).toEqual(['c', 'd']);
  });
});

describe('a page', () => {
  it.each([
    [{ first: 2 }, 'ab', false, true],
    [{ first: 5 }, 'abcde', false, false],
    [{ last: 2 }, 'de', true, false],
    [{ last: 5 }, 'abcde', false, false],
  ])(
    '%j says whether there are others before and after it',
    async (args, keys, hasPreviousPage, hasNextPage) => {
      const { edges, pageInfo } = await page(args);
      expect(edges.map(({ node }) => node.key).join('')).toBe(keys);
      expect(pageInfo).toMatchObject({ hasPreviousPage, hasNextPage });
    },
  );

  it('is requested from one end only', async () => {
    await expect(page({ first: 1, last: 1 })).rejects.toThrow(/together with first/);
  });
});
