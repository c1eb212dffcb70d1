/**
 * Tollgate compared with Tollgate that has graphql-js as its executor: the same answers over HTTP, through either
 * adapter, and the same rows, on every run of a document.
 */
import { parse, validate } from 'graphql';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { schema } from '../../src/schema/index.js';
import { documentOf, type FuzzOperation } from '../support/fuzz/documents.js';
import { ask, rowsOf, startTwins, TWIN_VOCABULARY, type Twins } from '../support/fuzz/twins.js';
import { variablesOf } from '../support/fuzz/variables.js';
import { type Random, randomOf, seedOf } from '../support/random/random.js';

const DOCUMENTS = 400;
const ROWS_EVERY = 20;

/** From here on, documents may delete customers, of which afterwards little is left to compare. */
const DELETING_FROM = 350;
const TIMEOUT_MS = 10 * 60_000;

/** One operation in this many runs more often than the number of runs after which another executor once took over. */
const OFTEN_ONCE_IN = 40;
const OFTEN_RUNS = 25;
const RUNS = 3;

let twins: Twins;

beforeAll(async () => {
  twins = await startTwins();
});
afterAll(() => twins.close());

it(
  'answers and rows match those of graphql-js',
  async () => {
    const seed = seedOf('execute fuzz over HTTP');
    const tally = { answered: 0, refused: 0, mutations: 0, written: 0 };
    let before = await rowsOf(twins.ours);
    for (let index = 0; index < DOCUMENTS; index += 1) {
      const random = randomOf(seed + index);
      const made = documentOf({ schema, random, vocabulary: TWIN_VOCABULARY });
      if (validate(schema, parse(made.text)).length > 0) continue;
      if (index < DELETING_FROM && made.text.includes('deleteCustomer')) continue;
      for (const operation of made.operations) {
        const where = `TEST_SEED=${seed + index} ${made.text}`;
        for (const answer of await expectEqual(made.text, operation, random, where)) {
          tally.answered += Number(answer.startsWith('200 {"data":{'));
          tally.refused += Number(answer.includes('"errors":'));
        }
        tally.mutations += Number(operation.isMutation);
      }
      if (index % ROWS_EVERY === 0 || index === DOCUMENTS - 1) {
        const where = `TEST_SEED=${seed} up to ${index}`;
        const rows = await rowsOf(twins.ours);
        expect(rows, where).toEqual(await rowsOf(twins.reference));
        tally.written += Number(rows.join() !== before.join());
        before = rows;
      }
    }
    expect(tally.answered).toBeGreaterThan(DOCUMENTS / 2);
    expect(tally.refused).toBeGreaterThan(DOCUMENTS / 4);
    expect(tally.mutations).toBeGreaterThan(DOCUMENTS / 10);
    expect(tally.written).toBeGreaterThan(1);
  },
  TIMEOUT_MS,
);

it('the comparison of rows detects a value that only one of the two has written', async () => {
  // One of its own: generated documents may have deleted any other.
  const request = (verb: 'create' | 'update', members: string) => ({
    query: `mutation ($input: Customers${verb === 'create' ? 'Create' : 'Update'}Input!) {
      ${verb}Customer(input: $input) { __typename } }`,
    operationName: null,
    variables: `{"input":{"customerId":"compared",${members}}}`,
  });
  const update = (members: string) => request('update', members);
  const given = request('create', '"email":"a@example.com","name":"Globex"');
  await Promise.all([ask(twins.ours, given, 'node'), ask(twins.reference, given, 'node')]);
  const [found, expected] = await Promise.all([
    ask(twins.ours, update('"name":"Globex"'), 'node'),
    ask(twins.reference, update('"name":"Globex","email":null'), 'node'),
  ]);
  expect(found).toBe(expected);
  expect(await rowsOf(twins.ours)).not.toEqual(await rowsOf(twins.reference));
});

/** Asks both, with different variables each time. */
async function expectEqual(
  query: string,
  operation: FuzzOperation,
  random: Random,
  where: string,
): Promise<string[]> {
  const answers: string[] = [];
  const runs = random.once(OFTEN_ONCE_IN) ? OFTEN_RUNS : RUNS;
  for (let run = 0; run < runs; run += 1) {
    const oddOnceIn = run === 0 ? 0 : 15;
    const variables = variablesOf(operation, { random, vocabulary: TWIN_VOCABULARY, oddOnceIn });
    const request = { query, operationName: operation.name, variables };
    const [found, expected] = await Promise.all([
      ask(twins.ours, request, run % 2 === 0 ? 'node' : 'fetch'),
      ask(twins.reference, request, 'node'),
    ]);
    expect(found, `${where} ${variables}`).toBe(expected);
    answers.push(found);
  }
  return answers;
}
