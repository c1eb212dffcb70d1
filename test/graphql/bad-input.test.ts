/** Bad input gets a clear typed answer and writes nothing. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { QUOTE_CHARS_MAX } from '../../src/schema/input/limits.js';
import { BAD_INPUTS, Json, Literal, type Sent } from '../support/client/bad-inputs.js';
import { startTestGateway, type TestGateway } from '../support/gateway/gateway.js';
import { setUp } from '../support/gateway/set-up.js';

let gateway: TestGateway;

beforeAll(async () => {
  gateway = await startTestGateway();
  await setUp(gateway, {
    features: [{ featureId: 'messages', eventNames: ['chat'] }],
    customers: [{ customerId: 'acme', entities: ['seat'] }],
    balances: [{ customerId: 'acme', featureId: 'messages', granted: 100 }],
  });
  await setUp(
    gateway,
    {
      features: [{ featureId: 'theirs', eventNames: ['their-chat'] }],
      customers: [{ customerId: 'theirs', entities: ['their-seat'] }],
      balances: [],
    },
    gateway.foreignSecret,
  );
});
afterAll(() => gateway.close());

const ANSWER = `{
  __typename
  ... on Error { code message }
  ... on InvalidInputError { issues { path value rule message } }
}`;

const QUERY = `mutation Track($input: BalancesTrackInput!) {
  answer: trackBalance(input: $input) ${ANSWER}
}`;

/** The same input as the only item of a batch. */
const BATCH = `mutation Track($input: BalancesTrackInput!) {
  answer: trackBalances(inputs: [$input]) ${ANSWER}
}`;

let calls = 0;

function bodyOf(document: string, sent: Sent): string {
  if (sent instanceof Literal) {
    const query = document.replace(/\(\$input.*?\)/, '').replace('$input', () => sent.text);
    return JSON.stringify({ query });
  }
  calls += 1;
  const good = { customerId: 'acme', featureId: 'messages', idempotencyKey: `key-${calls}` };
  const json = sent instanceof Json ? sent.text : JSON.stringify({ ...good, ...sent });
  return `{"query":${JSON.stringify(document)},"variables":{"input":${json}}}`;
}

const rows = BAD_INPUTS.map(([title, sent, expected, value]) => ({ title, sent, expected, value }));

describe.each([
  { mutation: 'trackBalance', document: QUERY },
  { mutation: 'trackBalances', document: BATCH },
])('$mutation refuses', ({ document }) => {
  it.each(rows)('$title', async ({ sent, expected, value }) => {
    const response = await gateway.send({ body: bodyOf(document, sent) });
    const { data, errors } = JSON.parse(await response.text());
    expect(response.status).toBeLessThan(500);
    if (data?.answer === undefined) {
      expect(errors[0].extensions.code).toBe(expected);
      expect(errors[0].message.length).toBeLessThan(2_000);
      return;
    }
    expect(errors).toBeUndefined();
    const { code, issues } = [data.answer].flat()[0];
    if (code !== 'INVALID_INPUT') return expect(code).toBe(expected);
    expect(`${issues[0].path} ${issues[0].rule}`).toBe(expected);
    expect(issues[0].value).toEqual(value ?? expect.any(String));
    expect(issues[0].value.length).toBeLessThanOrEqual(QUOTE_CHARS_MAX);
  });

  it('at least 60 kinds of bad input', () => {
    expect(BAD_INPUTS.length).toBeGreaterThanOrEqual(60);
    expect(new Set(BAD_INPUTS.map(([title]) => title)).size).toBe(BAD_INPUTS.length);
  });
});

describe('after all bad input', () => {
  it.each([
    ['events', 'SELECT * FROM events'],
    ['idempotency keys', 'SELECT * FROM idempotency_keys'],
    ['ledger entries other than the grant', "SELECT * FROM ledger_entries WHERE kind <> 'GRANT'"],
    [
      'customers other than those set up',
      "SELECT * FROM customers WHERE id NOT IN ('acme', 'theirs')",
    ],
  ])('there are no %s', async (_what, query) => {
    expect(await gateway.sql(query)).toEqual([]);
  });

  it('no prototype is polluted', () => {
    const polluted: Record<string, unknown> = {};
    expect([polluted['a'], polluted['x'], polluted['value']]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });

  it('a valid call succeeds', async () => {
    const { data } = await gateway.execute(QUERY, {
      input: { customerId: 'acme', featureId: 'messages', entityId: 'seat' },
    });
    expect(data).toEqual({ answer: { __typename: 'TrackBalancePayload' } });
  });
});
