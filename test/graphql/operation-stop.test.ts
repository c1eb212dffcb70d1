/** An operation that is refused, overdue, too large or abandoned by its client starts nothing more. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
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

/** Blocks all reads and writes of the table until the transaction of the test's connection ends. */
async function hold(table: string): Promise<void> {
  await gateway.sql('BEGIN');
  await gateway.sql(`LOCK TABLE ${table} IN ACCESS EXCLUSIVE MODE`);
}

/** Unblocks them and waits for the reads that follow: reads run in the order in which they are requested. */
async function release(): Promise<void> {
  await gateway.sql('COMMIT');
  const probe = '{ customer(customerId: "acme") { name balances { usage } } }';
  expect((await gateway.execute(probe)).errors).toEqual([]);
}

/** Lets the server notice what has arrived before: it takes a few turns of its event loop. */
async function turns(): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) await gateway.send({ method: 'GET', path: '/health' });
}

/** The same field under many names, which are as long as names can be. */
const aliases = (count: number, field: string) =>
  Array.from({ length: count }, (_, n) => `${`n${n}_`.padEnd(255, 'x')}: ${field}`).join(' ');

const codesOf = (errors: readonly { extensions: Readonly<Record<string, unknown>> }[]) =>
  errors.map(({ extensions }) => extensions['code']);

const LEDGERS = 'balances { breakdown { ledger { edges { node { amount } } } } }';

const recordedEvents = async () =>
  (await gateway.sql('SELECT count(*)::int AS n FROM events'))[0]?.['n'];

describe('a query', () => {
  it('that is refused in one field reads nothing more for the others', async () => {
    await start();
    await hold('balances');
    const { data, errors } = await gateway.execute(
      `{ customer(customerId: "acme") { ${LEDGERS} } bad: events(first: -1) { edges { cursor } } }`,
    );
    expect({ data, codes: codesOf(errors) }).toEqual({ data: null, codes: ['BAD_USER_INPUT'] });
    await release();
    expect(reads).not.toContain('ledgerPages');
  });

  it('is answered once its deadline has passed, and reads nothing more', async () => {
    await start({ operationTimeoutMs: 2_000 });
    await hold('balances');
    const { data, errors } = await gateway.execute(
      `{ customer(customerId: "acme") { customerId ${LEDGERS} } }`,
    );
    expect({ data, codes: codesOf(errors) }).toEqual({ data: null, codes: ['OPERATION_TIMEOUT'] });
    await release();
    expect(reads).toContain('standings');
    expect(reads).not.toContain('ledgerPages');
  });

  it('reads nothing more once its client has disconnected', async () => {
    await start();
    await hold('balances');
    const client = new AbortController();
    const answer = fetch(`${gateway.origin}/graphql`, {
      method: 'POST',
      signal: client.signal,
      headers: { authorization: `Bearer ${gateway.secret}`, 'content-type': 'application/json' },
      body: JSON.stringify({ query: `{ customer(customerId: "acme") { ${LEDGERS} } }` }),
    });
    await expect.poll(() => reads).toContain('standings');
    client.abort();
    await expect(answer).rejects.toThrow('aborted');
    await turns();
    await release();
    expect(reads).not.toContain('ledgerPages');
  });

  it('with an answer over the limit is refused with RESULT_TOO_LARGE', async () => {
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

  it.each([
    ['values', 9, (count: number) => aliases(count, 'metadata')],
    ['names of types', 200, (count: number) => aliases(count, '__typename')],
    ['keys', 200, (count: number) => aliases(count, 'email')],
  ])(
    'reads nothing more once its answer is too large by its %s',
    async (_what, count, fieldsOf) => {
      await start({ resultBytesMax: 50_000 });
      await gateway.sql('UPDATE customers SET metadata = $1', [{ note: 'x'.repeat(10_000) }]);
      const fields = fieldsOf(count);
      const entities = 'entities { edges { cursor } }';
      const ask = (first: string) =>
        gateway.execute(`{ a: customer(customerId: "acme") { ${first} }
        b: customer(customerId: "acme") { ${entities} } }`);
      expect((await ask('name')).errors).toEqual([]);
      expect(reads).toContain('entityPages');
      reads = [];
      const { data, errors } = await ask(fields);
      expect({ data, codes: codesOf(errors) }).toEqual({ data: null, codes: ['RESULT_TOO_LARGE'] });
      expect(reads).toContain('customers');
      expect(reads).not.toContain('entityPages');
    },
  );

  it('with an answer that exceeds the limit only once it is escaped is refused as well', async () => {
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
  const track = 'trackBalance(input: { customerId: "acme", featureId: "messages" })';

  it('finishes what it has submitted when its deadline passes, and starts nothing more', async () => {
    await start({ operationTimeoutMs: 2_000 });
    await hold('events');
    const answer = gateway.execute(
      `mutation { a: ${track} { __typename } b: ${track} { __typename } }`,
    );
    // A query that started later has timed out, so the deadline passes while the first field waits.
    const later = await gateway.execute('{ events { edges { cursor } } }');
    expect(codesOf(later.errors)).toEqual(['OPERATION_TIMEOUT']);
    await gateway.sql('COMMIT');
    const { data, errors } = await answer;
    expect({ data, codes: codesOf(errors) }).toEqual({ data: null, codes: ['OPERATION_TIMEOUT'] });
    expect(await recordedEvents()).toBe(1);
  });

  it.each([
    ['values', Array.from({ length: 400 }, (_, n) => `v${n}: value`).join(' ')],
    ['names of types', aliases(20, '__typename')],
  ])('whose answer is over the limit by its %s takes effect', async (_what, fields) => {
    await start({ resultBytesMax: 5_000 });
    const { errors } = await gateway.execute(
      `mutation { ${track} { ... on TrackBalancePayload { ${fields} } } }`,
    );
    expect(codesOf(errors)).toEqual(['RESULT_TOO_LARGE']);
    expect(await recordedEvents()).toBe(1);
  });
});

describe('errors', () => {
  beforeEach(() => start());

  it('are small even if the input is large', async () => {
    const type = 'X'.repeat(1_900_000);
    const { errors } = await gateway.execute(
      'mutation ($input: FeaturesCreateInput!) { createFeature(input: $input) { __typename } }',
      { input: { featureId: 'a', name: 'a', type } },
    );
    expect(codesOf(errors)).toEqual(['BAD_USER_INPUT']);
    expect(JSON.stringify(errors).length).toBeLessThan(1_000);
    expect(errors[0]?.message).toMatch(/Value "X+…X+" does not exist in "FeatureType" enum\.$/);
  });

  it.each([
    ['a leaf', 'name'],
    ['a field with fields', 'balances { usage }'],
    ['an alias', 'a: name'],
  ])('are small if %s is repeated 460 times', async (_what, field) => {
    const fields = `${field} `.repeat(460);
    const { errors } = await gateway.execute(`{ customer(customerId: "acme") { ${fields} } }`);
    expect(codesOf(errors)).toEqual(['QUERY_TOO_COMPLEX']);
    expect(JSON.stringify(errors).length).toBeLessThan(500);
  });

  it('are few if a thousand inputs have the wrong type', async () => {
    const inputs = Array.from({ length: 1_000 }, () => ({ customerId: 7, featureId: 'messages' }));
    const { errors } = await gateway.execute(
      'mutation ($inputs: [BalancesTrackInput!]!) { trackBalances(inputs: $inputs) { __typename } }',
      { inputs },
    );
    expect(errors).toHaveLength(51);
    expect(new Set(codesOf(errors))).toEqual(new Set(['BAD_USER_INPUT']));
    expect(errors.at(-1)?.message).toMatch(/^Too many errors processing variables/);
  });

  it('are few even if there is much to report', async () => {
    const fields = Array.from({ length: 400 }, (_, n) => `nothing${n}`).join(' ');
    const { errors } = await gateway.execute(`{ customer(customerId: "a") { ${fields} } }`);
    expect(errors.length).toBeLessThanOrEqual(21);
    expect(errors.at(-1)?.message).toMatch('Too many validation errors');
  });
});
