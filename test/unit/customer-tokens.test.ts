/** How often secrets are read and signatures checked, and that cached answers end in time. The test is the database. */
import { expect, it } from 'vitest';
import { createCustomerTokens } from '../../src/meter/access/customer-tokens.js';
import { customerScope } from '../../src/meter/customer-key.js';
import { signToken } from '../support/access/sign-token.js';

const TTL_MS = 5_000;

function given(secrets: readonly string[] = ['secret']) {
  let now = 0;
  let valid = [...secrets];
  const asked: string[] = [];
  const deleted = new Set<string>();
  const read = createCustomerTokens({
    tokenSecrets: {
      valid: async (projectId) => {
        asked.push(projectId);
        return valid;
      },
      isDeleted: async ({ customerKey }) => deleted.has(customerKey),
    },
    ttlMs: TTL_MS,
    entriesMax: 2,
    monotonicMs: () => now,
    wallClockMs: () => now,
  });
  return {
    read: (token: string, projectId = '00000000-0000-4000-8000-000000000000') =>
      read(projectId, token).then(
        ({ customerId }) => customerId,
        () => null,
      ),
    asked,
    deleted,
    pass: (ms: number) => {
      now += ms;
    },
    replace: (...others: string[]) => {
      valid = others;
    },
  };
}

const token = (customer: string, exp: number, secret = 'secret') =>
  signToken({ claims: { customer, exp }, secret });

it('asks for the secrets of a project once in five seconds, for all of its tokens', async () => {
  const { read, asked, pass } = given();
  const customers = ['a', 'b', 'c', 'a'];
  expect(await Promise.all(customers.map((id) => read(token(id, 60))))).toEqual(customers);
  expect(asked).toHaveLength(1);
  pass(TTL_MS - 1);
  await read(token('a', 60));
  expect(asked).toHaveLength(1);
  pass(1);
  await read(token('a', 60));
  expect(asked).toHaveLength(2);
});

it('accepts no token of a replaced secret after five seconds', async () => {
  const { read, pass, replace } = given();
  expect(await read(token('a', 60))).toBe('a');
  replace('other');
  pass(TTL_MS);
  expect(await read(token('a', 60))).toBeNull();
  expect(await read(token('a', 60, 'other'))).toBe('a');
});

it('accepts no cached token beyond its expiry', async () => {
  const { read, pass } = given();
  expect(await read(token('a', 1))).toBe('a');
  pass(30_999);
  expect(await read(token('a', 1))).toBe('a');
  const remembered = given();
  remembered.pass(30_000);
  expect(await remembered.read(token('a', 1))).toBe('a');
  remembered.pass(1_000);
  expect(await remembered.read(token('a', 1))).toBeNull();
});

it('accepts cached tokens of one project for no other', async () => {
  const { read, replace } = given();
  expect(await read(token('a', 60))).toBe('a');
  replace('other');
  expect(await read(token('a', 60), '00000000-0000-4000-8000-000000000001')).toBeNull();
});

it('without a secret, accepts nothing', async () => {
  const { read } = given([]);
  expect(await read(token('a', 60))).toBeNull();
  expect(await read(token('a', 60, ''))).toBeNull();
});

it('accepts no such token that was first used shortly before, either', async () => {
  const { read, pass, replace } = given();
  expect(await read(token('a', 60))).toBe('a');
  replace('other');
  pass(TTL_MS - 1);
  expect(await read(token('b', 60))).toBe('b');
  pass(1);
  expect(await read(token('b', 60))).toBeNull();
});

it.each([
  ['null', { entity: null }],
  ['empty', { entity: '' }],
  ['under another name', { entityId: 'seat-1' }],
])(
  'accepts no token whose entity is %s: it would be one of the whole customer',
  async (_how, claims) => {
    const { read } = given();
    const signed = signToken({ claims: { customer: 'a', exp: 60, ...claims }, secret: 'secret' });
    expect(await read(signed)).toBeNull();
  },
);

it('accepts no token of a deleted customer, and those of others', async () => {
  const { read, deleted, pass } = given();
  const { customerKey } = customerScope('00000000-0000-4000-8000-000000000000', 'a');
  expect(await read(token('a', 60))).toBe('a');
  deleted.add(customerKey);
  pass(TTL_MS);
  expect(await read(token('a', 60))).toBeNull();
  expect(await read(token('b', 60))).toBe('b');
});
