/** Numbers over HTTP are read from their text, whatever a double makes of it. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestGateway, type TestGateway } from '../support/gateway/gateway.js';
import { setUp } from '../support/gateway/set-up.js';

let gateway: TestGateway;

beforeAll(async () => {
  gateway = await startTestGateway();
  await setUp(gateway, {
    features: [
      { featureId: 'messages' },
      { featureId: 'huge' },
      {
        featureId: 'credits',
        type: 'CREDIT_SYSTEM',
        creditCosts: [{ featureId: 'huge', cost: 1_000_000_000 }],
      },
    ],
    customers: [{ customerId: 'acme' }, { customerId: 'other' }],
    balances: [
      { customerId: 'acme', featureId: 'messages', unlimited: true },
      { customerId: 'acme', featureId: 'credits', unlimited: true },
      { customerId: 'other', featureId: 'messages', granted: 10 },
    ],
  });
});
afterAll(() => gateway.close());

const TRACK = `mutation Track($input: BalancesTrackInput!) {
  trackBalance(input: $input) {
    __typename
    ... on TrackBalancePayload { value replayed event { id properties } }
    ... on Error { code message }
    ... on InvalidInputError { issues { path value rule } }
  }
}`;

let keys = 0;

/** Sends the input in a variable, or as a literal in the document. */
async function send(members: string, how: 'variable' | 'literal') {
  keys += 1;
  const input = `"customerId":"acme","featureId":"messages","idempotencyKey":"n${keys}",${members}`;
  const literal = `{${input.replaceAll(/"(\w+)":/g, '$1:')}}`;
  const query = TRACK.replace('($input: BalancesTrackInput!)', '').replace('$input', literal);
  const body =
    how === 'literal'
      ? JSON.stringify({ query })
      : `{"query":${JSON.stringify(TRACK)},"variables":{"input":{${input}}}}`;
  const response = await gateway.send({ body });
  return JSON.parse(await response.text());
}

describe.each(['variable', 'literal'] as const)('as a %s', (how) => {
  it.each([
    ['0.30000000000000004', '0.3'],
    ['25.000000000000004', '25'],
    ['7.000000000000001', '7'],
    ['0.9999999999999999', '1'],
    ['123456789012345.67', '123456789012345.67'],
    ['999999999999999.1234567891', '999999999999999.1234567891'],
    ['1.00000000000000000000', '1'],
    ['-0.30000000000000004', '-0.3'],
    ['1e-10', '0.0000000001'],
  ])('the value %s is stored as %s', async (written, stored) => {
    const { data } = await send(`"value":${written}`, how);
    expect(data.trackBalance).toMatchObject({ __typename: 'TrackBalancePayload' });
    const rows = await gateway.sql(
      'SELECT trim_scale(value)::text AS value FROM events WHERE idempotency_key = $1',
      [`n${keys}`],
    );
    expect(rows).toEqual([{ value: stored }]);
  });

  it.each([
    ['0.3333333333333333', 'must have at most 10 decimals: round it, to 0.3333333333 here'],
    ['-0.12345678905', 'must have at most 10 decimals: round it, to -0.1234567891 here'],
    ['1e-11', 'must have at most 10 decimals: the smallest amount is 0.0000000001'],
  ])('the value %s has too many decimals and is refused with advice', async (written, advice) => {
    const { data } = await send(`"value":${written}`, how);
    expect(data.trackBalance).toEqual({
      __typename: 'InvalidInputError',
      code: 'INVALID_INPUT',
      message: `value: ${advice}`,
      issues: [{ path: 'value', value: written, rule: 'decimals' }],
    });
  });

  it('properties keep numbers that a double can hold', async () => {
    const held = '{"a":9007199254740992,"b":[0.30000000000000004,1e22,5e-324],"c":1.50}';
    const { data } = await send(`"properties":${held}`, how);
    expect(data.trackBalance.event.properties).toEqual(JSON.parse(held));
  });

  it.each(['9007199254740993', '-1524831183200260097', '0.1234567890123456789', '1e-400'])(
    'the property %s is refused with its path',
    async (number) => {
      const { data } = await send(`"properties":{"a":[1,{"id":${number}}]}`, how);
      expect(data.trackBalance).toMatchObject({
        code: 'INVALID_INPUT',
        message: expect.stringMatching(/^properties\.a\.1\.id: .* send it as a string$/),
        issues: [{ path: 'properties.a.1.id', value: number, rule: 'exact' }],
      });
    },
  );
});

describe('a number that no double can hold', () => {
  const N = '1524831183200260097';
  const post = async (query: string, variables: string) => {
    const body = `{"query":${JSON.stringify(query)},"variables":${variables}}`;
    const response = await gateway.send({ body });
    return JSON.parse(await response.text());
  };

  it.each(['JSON', 'Float'])(
    'is detected in a variable of type %s inside a literal',
    async (type) => {
      const query = `mutation ($n: ${type}) { trackBalance(input: {
      customerId: "acme", featureId: "messages", properties: { a: { id: $n } }
    }) { ... on InvalidInputError { issues { path value rule } } } }`;
      const { data } = await post(query, `{"n":${N}}`);
      expect(data.trackBalance.issues).toEqual([
        { path: 'properties.a.id', value: N, rule: 'exact' },
      ]);
    },
  );

  it('is refused in the metadata of a customer', async () => {
    const query = `mutation ($input: CustomersCreateInput!) { createCustomer(input: $input) {
      ... on InvalidInputError { issues { path value rule } } } }`;
    const { data } = await post(query, `{"input":{"customerId":"c","metadata":{"id":${N}}}}`);
    expect(data.createCustomer.issues).toEqual([{ path: 'metadata.id', value: N, rule: 'exact' }]);
  });

  it('is read from its text in a credit cost', async () => {
    const query = `mutation ($input: FeaturesCreateInput!) { createFeature(input: $input) {
      ... on CreateFeaturePayload { feature { featureId } } ... on Error { message } } }`;
    const { data } = await post(
      query,
      `{"input":{"featureId":"c1","name":"c","type":"CREDIT_SYSTEM","creditCosts":[
        {"featureId":"messages","cost":123456789.1234567891}]}}`,
    );
    expect(data.createFeature).toEqual({ feature: { featureId: 'c1' } });
    const rows = await gateway.sql(
      `SELECT trim_scale(cost)::text AS cost FROM credit_costs WHERE credit_system_id = 'c1'`,
    );
    expect(rows).toEqual([{ cost: '123456789.1234567891' }]);
  });

  it.each([
    [
      'an object with required fields',
      'mutation ($input: BalancesCreateInput!) { createBalance(input: $input) { __typename } }',
      '{"input":NUMBER}',
    ],
    [
      'an object without required fields',
      'mutation ($r: BalanceRolloverInput) { createBalance(input: {customerId: "acme", featureId: "messages", granted: 1, resetInterval: DAY, rollover: $r}) { __typename } }',
      '{"r":NUMBER}',
    ],
    ['an Int', 'query ($n: Int) { customers(first: $n) { edges { cursor } } }', '{"n":NUMBER}'],
    ['a String', 'query ($id: String!) { customer(customerId: $id) { id } }', '{"id":NUMBER}'],
    ['a Boolean', 'query ($s: Boolean!) { __typename @skip(if: $s) }', '{"s":NUMBER}'],
  ])(
    'is refused as the value of %s, and the message quotes it',
    async (_what, query, variables) => {
      const { data, errors } = await post(query, variables.replace('NUMBER', N));
      expect(data ?? null).toBeNull();
      expect(errors[0].message).toContain(N);
      expect(errors[0].extensions.code).toMatch(/^(BAD_USER_INPUT|GRAPHQL_VALIDATION_FAILED)$/);
    },
  );

  it.each([
    ['9007199254740993', 'non 32-bit signed integer'],
    ['-9007199254740993.000', 'non 32-bit signed integer'],
    ['1e400', 'non 32-bit signed integer'],
    ['1e15', 'non 32-bit signed integer'],
    ['2147483648', 'non 32-bit signed integer'],
    ['1234567890.123456789', 'non-integer'],
    ['1e-400', 'non-integer'],
    ['1.5', 'non-integer'],
  ])('is refused as an Int with the right reason: %s', async (number, what) => {
    const query = 'query ($n: Int) { customers(first: $n) { edges { cursor } } }';
    const { errors } = await post(query, `{"n":${number}}`);
    expect(errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }]);
    expect(errors[0].message).toContain(`Int cannot represent ${what} value: `);
  });

  it('is accepted as an ID, as in a document', async () => {
    const literal = await post(`{ node(id: ${N}) { id } }`, '{}');
    const variable = await post('query ($id: ID!) { node(id: $id) { id } }', `{"id":${N}}`);
    for (const { errors } of [literal, variable]) {
      expect(errors).toMatchObject([
        { extensions: { issues: [{ path: 'id', rule: 'global_id', value: JSON.stringify(N) }] } },
      ]);
    }
    const other = await post('query ($id: ID!) { node(id: $id) { id } }', '{"id":1e400}');
    expect(other.errors[0].message).toContain('ID cannot represent value: 1e400');
  });

  it.each(['variables', 'operationName', 'extensions'])(
    'is refused as the %s of a request',
    async (member) => {
      const response = await gateway.send({ body: `{"query":"{ __typename }","${member}":${N}}` });
      expect(response.status).toBe(400);
    },
  );

  it('is refused as a body', async () => {
    expect((await gateway.send({ body: N })).status).toBe(400);
  });
});

describe('under an idempotency key', () => {
  it('0.1 + 0.2 and 0.3 are the same value', async () => {
    const call = async (value: number) =>
      (
        await gateway.execute(TRACK, {
          input: { customerId: 'acme', featureId: 'messages', value, idempotencyKey: 'sum' },
        })
      ).data.trackBalance;
    expect(await call(0.1 + 0.2)).toMatchObject({ value: 0.3, replayed: false });
    expect(await call(0.3)).toMatchObject({ value: 0.3, replayed: true });
    expect(await call(0.3000000001)).toMatchObject({ code: 'IDEMPOTENCY_CONFLICT' });
  });
});

describe('a total that no column can hold', () => {
  const TRACKS = `mutation ($inputs: [BalancesTrackInput!]!) { trackBalances(inputs: $inputs) {
    __typename ... on InvalidInputError { issues { path rule } message } } }`;
  const huge = { customerId: 'acme', featureId: 'huge', value: 1e15 };

  it('is refused event by event, and other calls are not affected', async () => {
    const results: { __typename: string }[] = [];
    for (let n = 0; n < 10; n += 1) {
      const inputs = [
        ...Array(1_000).fill(huge),
        { customerId: 'other', featureId: 'messages', value: 0.1 },
      ].slice(-1_000);
      const { data, errors } = await gateway.execute(TRACKS, { inputs });
      expect(errors).toEqual([]);
      expect(data.trackBalances.at(-1).__typename).toBe('TrackBalancePayload');
      results.push(...data.trackBalances.slice(0, -1));
    }
    const refused = results.filter(({ __typename }) => __typename === 'InvalidInputError');
    expect(refused).toEqual([]);
    const { data } = await gateway.execute(TRACKS, {
      inputs: [...Array(20).fill(huge), { ...huge, value: 1 }],
    });
    const types = data.trackBalances.map(({ __typename }: { __typename: string }) => __typename);
    // 9,999 times 10^24 is less than 10^28: nine more fit, and so does a value that is small enough.
    expect(types).toEqual([
      ...Array(9).fill('TrackBalancePayload'),
      ...Array(11).fill('InvalidInputError'),
      'TrackBalancePayload',
    ]);
    expect(data.trackBalances[9]).toMatchObject({
      issues: [{ path: 'value', rule: 'sum' }],
      message: expect.stringMatching(/at most 9{28}\.9{10} can be counted\. Track a smaller value/),
    });
  });

  it('does not use up a key', async () => {
    const input = { ...huge, idempotencyKey: 'too much' };
    const { data } = await gateway.execute(TRACK, { input });
    expect(data.trackBalance).toMatchObject({ code: 'INVALID_INPUT' });
    const again = await gateway.execute(TRACK, { input: { ...input, value: 1 } });
    expect(again.data.trackBalance).toMatchObject({ replayed: false });
  });
});
