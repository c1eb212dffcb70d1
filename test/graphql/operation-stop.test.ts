/** An operation that is refused, overdue, too large or given up begins nothing more. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  startTestGateway,
  type TestGateway,
  type TestGatewayOptions,
} from '../support/gateway/gateway.js';
import { setUp } from '../support/gateway/set-up.js';

let gateway: TestGateway;
let reads: string[] = [];

async function start(operationBounds: TestGatewayOptions['operationBounds'] = {}): Promise<void> {
  gateway = await startTestGateway({ onRead: (method) => reads.push(method), operationBounds });
  await setUp(gateway, {
    features: [{ featureId: 'messages' }],
    customers: [{ customerId: 'acme' }],
    balances: [{ customerId: 'acme', featureId: 'messages', granted: 1_000 }],
  });
  reads = [];
}

afterEach(async () => {
  await gateway.sql('ROLLBACK');
  await gateway.close();
});

/** Whoever reads or writes the table waits, until the transaction of the test's connection is over. */
async function hold(table: string): Promise<void> {
  await gateway.sql('BEGIN');
  await gateway.sql(`LOCK TABLE ${table} IN ACCESS EXCLUSIVE MODE`);
}

/** Lets them go on, and waits for what they lead to: a read that is asked for later is read later. */
async function letGo(): Promise<void> {
  await gateway.sql('COMMIT');
  const probe = '{ customer(customerId: "acme") { name balances { usage } } }';
  expect((await gateway.execute(probe)).errors).toEqual([]);
}

const codesOf = (errors: readonly { extensions: Readonly<Record<string, unknown>> }[]) =>
  errors.map(({ extensions }) => extensions['code']);

const LEDGERS = 'balances { breakdown { ledger { edges { node { amount } } } } }';

const uses = async () => (await gateway.sql('SELECT count(*)::int AS n FROM events'))[0]?.['n'];

describe('a query', () => {
  it('that is refused in one field leaves the others', async () => {
    await start();
    await hold('balances');
    const { data, errors } = await gateway.execute(
      `{ customer(customerId: "acme") { ${LEDGERS} } bad: events(first: -1) { edges { cursor } } }`,
    );
    expect({ data, codes: codesOf(errors) }).toEqual({ data: null, codes: ['BAD_USER_INPUT'] });
    await letGo();
    expect(reads).not.toContain('ledgerPages');
  });

  it('is answered when its time is over, and reads nothing more', async () => {
    await start({ operationTimeoutMs: 2_000 });
    await hold('balances');
    const { data, errors } = await gateway.execute(
      `{ customer(customerId: "acme") { customerId ${LEDGERS} } }`,
    );
    expect({ data, codes: codesOf(errors) }).toEqual({ data: null, codes: ['OPERATION_TIMEOUT'] });
    await letGo();
    expect(reads).toContain('balances');
    expect(reads).not.toContain('ledgerPages');
  });

  it('whose client has gone reads nothing more', async () => {
    await start();
    await hold('balances');
    const client = new AbortController();
    const answer = fetch(`${gateway.origin}/graphql`, {
      method: 'POST',
      signal: client.signal,
      headers: { authorization: `Bearer ${gateway.secret}`, 'content-type': 'application/json' },
      body: JSON.stringify({ query: `{ customer(customerId: "acme") { ${LEDGERS} } }` }),
    });
    await vi.waitFor(() => expect(reads).toContain('balances'));
    client.abort();
    await expect(answer).rejects.toThrow('aborted');
    await letGo();
    expect(reads).not.toContain('ledgerPages');
  });

  it('with an answer that is too large is told so', async () => {
    await start({ resultBytesMax: 50_000 });
    const metadata = { note: 'x'.repeat(10_000) };
    await gateway.execute(
      'mutation ($input: CustomersUpdateInput!) { updateCustomer(input: $input) { __typename } }',
      { input: { customerId: 'acme', metadata } },
    );
    const ask = (count: number) => {
      const fields = Array.from({ length: count }, (_, n) => `m${n}: metadata`).join(' ');
      return gateway.execute(`{ customer(customerId: "acme") { ${fields} } }`);
    };
    expect((await ask(4)).errors).toEqual([]);
    const { data, errors } = await ask(5);
    expect({ data, codes: codesOf(errors) }).toEqual({ data: null, codes: ['RESULT_TOO_LARGE'] });
  });

  it('with an answer that only escapes make too large is told so', async () => {
    await start({ resultBytesMax: 20_000 });
    const name = '\u0001'.repeat(200);
    await gateway.sql('UPDATE customers SET name = $1', [name]);
    const fields = Array.from({ length: 20 }, (_, n) => `n${n}: name`).join(' ');
    const { data, errors } = await gateway.execute(
      `{ customer(customerId: "acme") { ${fields} } }`,
    );
    expect({ data, codes: codesOf(errors) }).toEqual({ data: null, codes: ['RESULT_TOO_LARGE'] });
  });
});

describe('a mutation', () => {
  const use = 'trackBalance(input: { customerId: "acme", featureId: "messages" })';

  it('finishes what it has submitted when its time is over, and begins nothing more', async () => {
    await start({ operationTimeoutMs: 2_000 });
    await hold('events');
    const answer = gateway.execute(
      `mutation { a: ${use} { __typename } b: ${use} { __typename } }`,
    );
    // A query that began later is given up, so the mutation's time is over while its first use waits.
    const later = await gateway.execute('{ events { edges { cursor } } }');
    expect(codesOf(later.errors)).toEqual(['OPERATION_TIMEOUT']);
    await gateway.sql('COMMIT');
    const { data, errors } = await answer;
    expect({ data, codes: codesOf(errors) }).toEqual({ data: null, codes: ['OPERATION_TIMEOUT'] });
    expect(await uses()).toBe(1);
  });

  it('whose answer is too large has been done', async () => {
    await start({ resultBytesMax: 5_000 });
    const fields = Array.from({ length: 400 }, (_, n) => `v${n}: value`).join(' ');
    const { errors } = await gateway.execute(
      `mutation { ${use} { ... on TrackBalancePayload { ${fields} } } }`,
    );
    expect(codesOf(errors)).toEqual(['RESULT_TOO_LARGE']);
    expect(await uses()).toBe(1);
  });
});

describe('errors', () => {
  beforeEach(() => start());

  it('are small where what was sent is large', async () => {
    const type = 'X'.repeat(1_900_000);
    const { errors } = await gateway.execute(
      'mutation ($input: FeaturesCreateInput!) { createFeature(input: $input) { __typename } }',
      { input: { featureId: 'a', name: 'a', type } },
    );
    expect(codesOf(errors)).toEqual(['BAD_USER_INPUT']);
    expect(JSON.stringify(errors).length).toBeLessThan(1_000);
    expect(errors[0]?.message).toMatch(/Value "X+…X+" does not exist in "FeatureType" enum\.$/);
  });

  it('are few where there is much to complain about', async () => {
    const fields = Array.from({ length: 400 }, (_, n) => `nothing${n}`).join(' ');
    const { errors } = await gateway.execute(`{ customer(customerId: "a") { ${fields} } }`);
    expect(errors.length).toBeLessThanOrEqual(21);
    expect(errors.at(-1)?.message).toMatch('Too many validation errors');
  });
});
