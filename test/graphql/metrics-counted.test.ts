/** What the pipeline counts: by the name of trusted documents alone, and each request once. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestGateway, type TestGateway } from '../support/gateway/gateway.js';

const TRUSTED = 'query Trusted { __typename }';
const LARGE = 'query Large { __schema { types { name description fields { name description } } } }';
/** Its answer takes twice as many bytes as characters, which only its JSON shows. */
const ESCAPED = `query Escaped {
  ${Array.from({ length: 15 }, (_, n) => `c${n}: customer(customerId: "quoted") { name }`).join('\n')}
}`;
const QUOTED = `mutation ($name: String) {
  createCustomer(input: { customerId: "quoted", name: $name }) { __typename } }`;

const MANIFEST = new Map([
  ['escaped', ESCAPED],
  ['trusted', TRUSTED],
  ['large', LARGE],
]);

let gateway: TestGateway;

beforeAll(async () => {
  gateway = await startTestGateway({
    manifest: MANIFEST,
    operationBounds: { resultBytesMax: 4_096 },
  });
  const { status } = await send({ query: QUOTED, variables: { name: '"'.repeat(200) } });
  expect(status).toBe(200);
});
afterAll(() => gateway.close());

/** Name, kind, result and how often, of what was counted meanwhile. */
async function counted(work: () => Promise<unknown>): Promise<string[]> {
  const counts = () =>
    new Map(
      gateway.gateway
        .figures()
        .operations.series()
        .flatMap(({ name, kind, results }) =>
          [...results].map(([result, count]) => [`${name} ${kind} ${result}`, count] as const),
        ),
    );
  const before = counts();
  await work();
  return [...counts()].flatMap(([key, count]) => {
    const grown = count - (before.get(key) ?? 0);
    return grown === 0 ? [] : [`${key} ${grown}`];
  });
}

const send = (body: object | string) => gateway.send({ body });

describe('an operation is counted', () => {
  it.each<[string, object | string, string]>([
    ['a trusted document by its id', { documentId: 'trusted' }, 'Trusted query OK 1'],
    ['a trusted document by its text', { query: TRUSTED }, 'Trusted query OK 1'],
    [
      'another document with a trusted name',
      { query: 'query Trusted { a: __typename }' },
      '(other) query OK 1',
    ],
    ['a document without a name', { query: '{ __typename }' }, '(other) query OK 1'],
    [
      'a mutation that is a typed refusal',
      {
        query: `mutation Trusted { trackBalance(input: { customerId: "none", featureId: "f", value: 1 }) {
          __typename } }`,
      },
      '(other) mutation OK 1',
    ],
    ['an answer that is too large', { documentId: 'large' }, 'Large query RESULT_TOO_LARGE 1'],
    [
      'an answer whose JSON is too large',
      { documentId: 'escaped' },
      'Escaped query RESULT_TOO_LARGE 1',
    ],
    [
      'a schema that is too large',
      { query: '{ __schema { types { name fields { name } } } }' },
      '(other) query RESULT_TOO_LARGE 1',
    ],
    ['a body that is not JSON', '{', '(none) none BAD_REQUEST 1'],
    ['an unknown id', { documentId: 'no' }, '(none) none PERSISTED_DOCUMENT_NOT_FOUND 1'],
    ['a document that cannot be parsed', { query: '{' }, '(none) none GRAPHQL_PARSE_FAILED 1'],
    [
      'an operation that the document does not have',
      { query: TRUSTED, operationName: 'Nothing' },
      '(none) none OPERATION_RESOLUTION_FAILURE 1',
    ],
  ])('%s', async (_, body, expected) => {
    expect(await counted(() => send(body))).toEqual([expected]);
  });

  it('with each answer of a schema that is cached, too', async () => {
    const query = '{ __schema { queryType { name } } }';
    const twice = async () => {
      await send({ query });
      await send({ query });
    };
    expect(await counted(twice)).toEqual(['(other) query OK 2']);
  });
});

describe('documents', () => {
  it('are counted by where they were found', async () => {
    const found = () => new Map(gateway.gateway.figures().operations.documents.entries());
    const before = found();
    const query = 'query Once { b: __typename }';
    for (const body of [{ query }, { query }, { query }, { documentId: 'trusted' }]) {
      await send(body);
    }
    const after = found();
    const grown = (['read', 'cached', 'trusted'] as const).map(
      (name) => (after.get(name) ?? 0) - (before.get(name) ?? 0),
    );
    expect(grown).toEqual([1, 2, 1]);
  });
});

describe('requests in flight', () => {
  it('are none once all are answered, and those beyond the limit are counted as shed', async () => {
    const small = await startTestGateway({ requestsInFlightMax: 1 });
    const figures = () => small.gateway.figures();
    const shedAtAdmission = () => [...figures().shed.entries()].reduce((sum, [, n]) => sum + n, 0);
    let sent = 0;
    // Whether requests meet depends on how fast the machine is.
    while (shedAtAdmission() === 0) {
      const answers = await Promise.all(
        Array.from({ length: 50 }, () =>
          small.send({ body: { query: '{ customers(first: 1) { nodes { customerId } } }' } }),
        ),
      );
      await Promise.all(answers.map((answer) => answer.text()));
      expect(answers.filter(({ status }) => status === 503 || status === 200)).toHaveLength(50);
      sent += 50;
    }
    const ok = figures()
      .operations.series()
      .reduce((sum, { results }) => sum + [...results.values()].reduce((a, b) => a + b, 0), 0);
    expect(ok + shedAtAdmission()).toBe(sent);
    expect(figures().inFlightMax).toBe(1);
    await small.close();
    expect(figures().inFlight).toBe(0);
  });
});
