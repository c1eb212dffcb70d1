/** Both adapters give the same answer to the same request, byte for byte: random operations, methods, heads and keys. */
import { Agent, request } from 'node:http';
import fc from 'fast-check';
import { getIntrospectionQuery } from 'graphql';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { PINNED_HEADS } from '../support/client/clients.js';
import { startTestGateway, type TestGateway } from '../support/gateway/gateway.js';
import { setUp } from '../support/gateway/set-up.js';

let gateway: TestGateway;
const agent = new Agent({ keepAlive: true });

beforeAll(async () => {
  gateway = await startTestGateway({ bodyBytesMax: 10_000 });
  await setUp(gateway, {
    features: [{ featureId: 'messages' }],
    customers: [{ customerId: 'acme' }],
    balances: [{ customerId: 'acme', featureId: 'messages', granted: 1_000 }],
  });
  // Mutations take effect here, so that each later run is a repetition.
  for (const { query, variables } of CALLS) await gateway.execute(query, variables);
});
afterAll(async () => {
  agent.destroy();
  await gateway.close();
});

interface Asked {
  readonly query: string;
  readonly variables?: Record<string, unknown>;
  readonly operationName?: string | null;
}

const CUSTOMER = `query Customer($id: String!, $full: Boolean = false) {
  customer(customerId: $id) {
    ...Names
    balances @include(if: $full) { granted remaining feature { featureId } breakdown { granted } }
  }
}
fragment Names on Customer { customerId name metadata }`;

const TRACK = `mutation Track($input: BalancesTrackInput!) {
  trackBalance(input: $input) {
    __typename
    ... on TrackBalancePayload { value replayed balance { remaining } event { id } }
    ... on Error { code message }
  }
}`;

const input = { customerId: 'acme', featureId: 'messages' };

const CALLS: readonly Asked[] = [
  { query: '{ __typename }' },
  { query: CUSTOMER, variables: { id: 'acme', full: true } },
  { query: CUSTOMER, variables: { id: 'nobody' }, operationName: 'Customer' },
  { query: CUSTOMER, variables: {} },
  { query: CUSTOMER, variables: { id: 7 } },
  { query: CUSTOMER, variables: { id: 'acme' }, operationName: 'Other' },
  { query: CUSTOMER, variables: { id: 'acme' }, operationName: null },
  { query: TRACK, variables: { input: { ...input, idempotencyKey: 'parity' } } },
  { query: TRACK, variables: { input: { ...input, idempotencyKey: 'parity', value: 2 } } },
  { query: TRACK, variables: { input: { ...input, value: 1e300 } } },
  { query: TRACK, variables: { input: { ...input, customerId: 'nobody' } } },
  { query: TRACK, variables: { input: { ...input, other: true } } },
  {
    query: `mutation { updateCustomer(input: { customerId: "acme", name: "Acme" }) {
      ... on Error { code } ... on UpdateCustomerPayload { customer { name } } } }`,
  },
  { query: '{ node(id: "?") { id } }' },
  { query: '{ a: __typename nothing }' },
  { query: '{ __typename ' },
  { query: '' },
  { query: 'query A { __typename } query B { __typename }' },
  { query: 'query A { __typename } query B { __typename }', operationName: 'B' },
  { query: 'subscription { __typename }' },
  { query: `{ ${'a { '.repeat(200)}b${' }'.repeat(200)} }` },
  { query: `{ ${Array.from({ length: 30 }, (_, i) => `a${i}: __typename`).join(' ')} }` },
  { query: getIntrospectionQuery() },
  { query: '{ __type(name: "Customer") { name description } }' },
];

/** Bodies, well-formed or not. */
const bodies: fc.Arbitrary<Body> = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...CALLS).map((asked) => plain(asked)) },
  {
    weight: 2,
    arbitrary: fc
      .tuple(
        fc.constantFrom(...CALLS),
        fc.dictionary(
          fc.constantFrom('query', 'variables', 'operationName', 'extensions', 'id', '__proto__'),
          fc.constantFrom<unknown>(null, '', 1, 0, false, [], {}, 'x', {
            persistedQuery: { version: 1, sha256Hash: 'ab' },
          }),
        ),
      )
      .map(([asked, members]) => plain({ ...asked, ...members })),
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.constantFrom(...CALLS), fc.nat(400), fc.constantFrom(0, 0x22, 0x7b, 0xff, 0xc3))
      .map(([asked, at, byte]) => broken(plain(asked), at, byte)),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom<unknown>([], [{ query: '{ __typename }' }], null, 1, 'x').map(plain),
  },
  { weight: 1, arbitrary: fc.constantFrom(...CALLS).map((asked) => marked(plain(asked))) },
  { weight: 1, arbitrary: fc.constantFrom(...CALLS).map(({ query }) => Buffer.from(query)) },
  { weight: 1, arbitrary: fc.constant(Buffer.alloc(10_001, ' ')) },
);

type Body = Buffer<ArrayBuffer>;

function plain(body: unknown): Body {
  return Buffer.from(JSON.stringify(body));
}

function marked(body: Body): Body {
  return Buffer.concat([Buffer.from('\ufeff'), body]);
}

function broken(body: Body, at: number, byte: number): Body {
  body[at % body.length] = byte;
  return body;
}

const heads = fc.record({
  accept: fc.constantFrom(
    ...[...new Set(Object.values(PINNED_HEADS).map((head) => head['accept']))],
    undefined,
    'text/html',
    'text/event-stream',
    'application/json;q=0',
    'application/json;q=0.1, */*;q=0.2',
  ),
  'content-type': fc.oneof(
    { weight: 6, arbitrary: fc.constant<string | undefined>('application/json') },
    {
      weight: 2,
      arbitrary: fc.constantFrom(
        'Application/JSON ; Charset=UTF-8',
        'application/graphql',
        'text/plain',
        'application/jsonp',
        'multipart/form-data; boundary=x',
        undefined,
      ),
    },
  ),
  'content-encoding': fc.constantFrom(undefined, undefined, undefined, 'identity', 'gzip'),
  'idempotency-key': fc.constantFrom(undefined, undefined, 'k', '"k"', 'a, b', '', 'caf\u00e9'),
  authorization: fc.constantFrom(
    'KEY',
    'KEY',
    'KEY',
    'KEY',
    'bearer KEY',
    'FOREIGN',
    'Basic x',
    undefined,
  ),
});

const methods = fc.constantFrom(
  'POST',
  'POST',
  'POST',
  'POST',
  'GET',
  'PUT',
  'DELETE',
  'OPTIONS',
  'PATCH',
);

const paths = fc.oneof(
  { weight: 5, arbitrary: fc.constant('/graphql') },
  fc.constantFrom('/graphql?op=Name', '/graphql/', '/graphqlx', '/nothing', '/health', '/ready'),
  fc
    .constantFrom(...CALLS)
    .filter(({ query }) => query.length < 1_000)
    .map(({ query, variables, operationName }) => {
      const parameters = new URLSearchParams({ query });
      if (variables !== undefined) parameters.set('variables', JSON.stringify(variables));
      if (operationName) parameters.set('operationName', operationName);
      return `/graphql?${parameters}`;
    }),
  fc.constantFrom(
    '/graphql?query=%7B__typename%7D&variables=%7B',
    '/graphql?query=%7B__typename%7D&variables=%5B%5D&extensions=1',
    '/graphql?extensions=%7B%22persistedQuery%22%3A%7B%7D%7D',
    '/graphql?query=%FF&x=%',
  ),
);

interface Sent {
  readonly method: string;
  readonly path: string;
  readonly headers: Record<string, string>;
  readonly body: Body | undefined;
}

interface Answered {
  readonly status: number | undefined;
  readonly headers: object;
  readonly body: string;
}

/** Headers that depend on the connection or the time. */
const ASIDE = new Set(['date', 'connection', 'keep-alive', 'transfer-encoding']);

/** Node states the length of an empty answer; a Response does not. */
const headersOf = (entries: Iterable<[string, string]>, body: string) =>
  Object.fromEntries(
    [...entries]
      .map(([name, value]) => [name.toLowerCase(), value] as const)
      .filter(([name]) => !ASIDE.has(name) && !(name === 'content-length' && body === '')),
  );

function byNode({ method, path, headers, body }: Sent): Promise<Answered> {
  return new Promise((resolve, reject) => {
    const length = body === undefined ? {} : { 'content-length': String(body.length) };
    const options = { method, headers: { ...headers, ...length }, agent };
    const sent = request(gateway.origin + path, options, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (part) => {
        text += part;
      });
      response.on('end', () => {
        const entries = Object.entries(response.headers).map(([name, value]): [string, string] => [
          name,
          String(value),
        ]);
        resolve({ status: response.statusCode, headers: headersOf(entries, text), body: text });
      });
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

async function byFetch({ method, path, headers, body }: Sent): Promise<Answered> {
  const init = { method, headers, ...(body !== undefined && { body }) };
  const response = await gateway.gateway.fetch(gateway.origin + path, init);
  const text = await response.text();
  return { status: response.status, headers: headersOf(response.headers, text), body: text };
}

function sentOf(
  method: string,
  path: string,
  head: Record<string, string | undefined>,
  body: Body,
): Sent {
  const key = head['authorization']
    ?.replace(/^KEY$/, 'Bearer KEY')
    .replace('KEY', gateway.secret)
    .replace('FOREIGN', `Bearer ${gateway.foreignSecret}`);
  const given = { ...head, authorization: key, 'x-request-id': 'parity-1' };
  const headers = Object.fromEntries(
    Object.entries(given).flatMap(([name, value]): [string, string][] =>
      value === undefined ? [] : [[name, value]],
    ),
  );
  return { method, path, headers, body: method === 'GET' ? undefined : body };
}

it('both adapters give the same answers to random requests', async () => {
  const seen = new Set<number | undefined>();
  await fc.assert(
    fc.asyncProperty(methods, paths, heads, bodies, async (method, path, head, body) => {
      const sent = sentOf(method, path, head, body);
      const node = await byNode(sent);
      expect(await byFetch(sent)).toEqual(node);
      expect(node.status).toBeLessThan(500);
      seen.add(node.status);
    }),
    { numRuns: 600 },
  );
  expect([...seen].sort()).toEqual([200, 400, 401, 404, 405, 406, 413, 415]);
});

it.each(CALLS.map((asked) => ({ asked, name: asked.query.slice(0, 40) })))(
  'both adapters give every client the same answer to $name',
  async ({ asked }) => {
    for (const head of Object.values(PINNED_HEADS)) {
      const sent = sentOf('POST', '/graphql', { ...head, authorization: 'KEY' }, plain(asked));
      expect(await byFetch(sent)).toEqual(await byNode(sent));
    }
  },
);
