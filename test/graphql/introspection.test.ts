/** Operations that only read the schema are answered from a cache, exactly as graphql-js answers them. */
import { executeSync, getIntrospectionQuery, parse } from 'graphql';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { executeOperation } from '../../src/http/execute.js';
import { schema } from '../../src/schema/index.js';
import { startTestGateway, type TestGateway } from '../support/gateway/gateway.js';
import { setUp } from '../support/gateway/set-up.js';

let gateway: TestGateway;
let runs = 0;

beforeAll(async () => {
  gateway = await startTestGateway({
    execute: (args) => {
      runs += 1;
      return executeOperation(args);
    },
  });
  await setUp(gateway, { features: [], customers: [{ customerId: 'acme' }], balances: [] });
});
afterAll(() => gateway.close());
beforeEach(() => {
  runs = 0;
});

interface Asked {
  readonly query: string;
  readonly variables?: Record<string, unknown>;
  readonly operationName?: string;
}

/** The answer of graphql-js alone. */
function expected({ query, variables, operationName }: Asked) {
  const document = parse(query);
  return JSON.stringify(
    executeSync({ schema, document, variableValues: variables, operationName }),
  );
}

async function answer(asked: Asked | string, accept = 'application/json', secret?: string) {
  const headers = {
    accept,
    'content-type': 'application/json',
    ...(secret === undefined ? {} : { authorization: `Bearer ${secret}` }),
  };
  const body = typeof asked === 'string' ? asked : JSON.stringify(asked);
  const response = await gateway.send({ method: 'POST', headers, body });
  return { type: response.headers.get('content-type'), text: await response.text() };
}

describe('the same operation', () => {
  it('runs once for all projects and media types', async () => {
    const asked = { query: getIntrospectionQuery() };
    const wanted = expected(asked);
    for (const secret of [gateway.secret, gateway.foreignSecret]) {
      for (const type of ['application/json', 'application/graphql-response+json']) {
        const { type: sent, text } = await answer(asked, type, secret);
        expect(sent).toBe(`${type}; charset=utf-8`);
        expect(text === wanted).toBe(true);
      }
    }
    expect(runs).toBe(1);
  });

  it('needs a key even if it is cached', async () => {
    const asked = { query: '{ __schema { queryType { name } } }' };
    await answer(asked);
    const { text } = await answer(asked, 'application/json', 'tg_sk_nobody');
    expect(JSON.parse(text)).toMatchObject({
      errors: [{ extensions: { code: 'UNAUTHENTICATED' } }],
    });
  });
});

describe('an operation has its own result if it differs in', () => {
  const TYPE =
    'query ($n: String! $d: Boolean) { __type(name: $n) { name fields(includeDeprecated: $d) { name } } }';
  const BOTH =
    'query A { __type(name: "Customer") { name } } query B { __type(name: "Balance") { name } }';
  const rows: readonly (readonly [string, Asked, Asked])[] = [
    [
      'a name',
      { query: '{ __type(name: "Balance") { name } }' },
      { query: '{ __type(name: "Entity") { name } }' },
    ],
    [
      'an alias',
      { query: '{ a: __type(name: "Balance") { name } }' },
      { query: '{ b: __type(name: "Balance") { name } }' },
    ],
    [
      'a variable',
      { query: TYPE, variables: { n: 'Customer' } },
      { query: TYPE, variables: { n: 'Balance' } },
    ],
    [
      'a variable that is null',
      { query: TYPE, variables: { n: 'Balance' } },
      { query: TYPE, variables: { n: 'Balance', d: null } },
    ],
    [
      'a Boolean',
      { query: TYPE, variables: { n: 'Balance', d: true } },
      { query: TYPE, variables: { n: 'Balance', d: false } },
    ],
    [
      'its operation name',
      { query: BOTH, operationName: 'A' },
      { query: BOTH, operationName: 'B' },
    ],
    [
      'a space at the end of a variable',
      { query: 'query Q($n: String!) { __type(name: $n) { name } }', variables: { n: 'Balance' } },
      { query: 'query Q($n: String!) { __type(name: $n) { name } }', variables: { n: 'Balance ' } },
    ],
  ];

  it.each(rows)('%s', async (how, ...pair) => {
    // Keeps each row from finding what another one has cached.
    const [one, other] = pair.map((asked) => ({ ...asked, query: `${asked.query} # ${how}` }));
    for (const asked of [one, other, one, other]) {
      if (asked === undefined) continue;
      expect((await answer(asked)).text).toBe(expected(asked));
    }
    expect(runs).toBe(2);
  });
});

describe('the cache', () => {
  it('does not keep the result of an operation with an error', async () => {
    const query = 'query ($n: String!) { __type(name: $n) { name } }';
    for (const variables of [{}, { n: null }, { n: true }, { n: 'Balance' }, {}, { n: true }]) {
      const { data, errors } = JSON.parse((await answer({ query, variables })).text);
      if (variables.n === 'Balance') expect(data).toEqual({ __type: { name: 'Balance' } });
      else expect(errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }]);
    }
  });

  it('distinguishes a number from a string with the same digits', async () => {
    const query = 'query ($n: String!) { __type(name: $n) { name } }';
    const body = (n: string) => `{"query":${JSON.stringify(query)},"variables":{"n":${n}}}`;
    expect((await answer(body('"12345678901234567890"'))).text).toBe('{"data":{"__type":null}}');
    const { errors } = JSON.parse((await answer(body('12345678901234567890'))).text);
    expect(errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }]);
  });

  it("does not keep the result of an operation that also reads the project's data", async () => {
    const fragment = 'fragment F on Query { customer(customerId: "acme") { customerId } }';
    for (const query of [
      '{ __schema { queryType { name } } customer(customerId: "acme") { customerId } }',
      `{ __schema { queryType { name } } ...F } ${fragment}`,
      '{ __type(name: "Balance") { name } ... on Query { customer(customerId: "acme") { customerId } } }',
    ]) {
      const own = JSON.parse((await answer({ query })).text);
      expect(own.data.customer).toEqual({ customerId: 'acme' });
      const foreign = JSON.parse((await answer({ query }, undefined, gateway.foreignSecret)).text);
      expect(foreign.data.customer).toBeNull();
    }
  });
});

describe('a project that floods the gateway with introspection', () => {
  it('is refused once too much is waiting, and other projects are not', async () => {
    const ask = (secret: string, index: number) =>
      gateway.gateway.fetch('http://gateway/graphql', {
        method: 'POST',
        headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' },
        body: JSON.stringify({
          query: `{ __schema { types { name fields { name } } } } # ${index}`,
        }),
      });
    const many = Array.from({ length: 100 }, (_, index) => ask(gateway.secret, index));
    const other = await (await ask(gateway.foreignSecret, 1_000)).json();
    expect(other.data.__schema.types.length).toBeGreaterThan(0);
    const statuses = new Set((await Promise.all(many)).map(({ status }) => status));
    expect(statuses).toEqual(new Set([200, 503]));
  });
});

it('a result over the limit is refused every time', async () => {
  const small = await startTestGateway({ operationBounds: { resultBytesMax: 50_000 } });
  try {
    for (let time = 0; time < 2; time += 1) {
      const { errors } = await small.execute(getIntrospectionQuery());
      expect(errors).toMatchObject([{ extensions: { code: 'RESULT_TOO_LARGE' } }]);
    }
  } finally {
    await small.close();
  }
});
