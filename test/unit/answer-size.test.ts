/** What the executor counts while it puts an answer together is what the answer takes. */
import { Buffer } from 'node:buffer';
import { buildSchema, type GraphQLSchema, getIntrospectionQuery, parse, validate } from 'graphql';
import { describe, expect, it } from 'vitest';
import { type ExecuteOptions, executeOperation } from '../../src/http/execute.js';
import { schema } from '../../src/schema/index.js';
import { documentOf } from '../support/fuzz/documents.js';
import { mockSchema } from '../support/fuzz/mock-schema.js';
import type { MockContext } from '../support/fuzz/mock-world.js';
import { variablesOf } from '../support/fuzz/variables.js';
import { PLAIN_VOCABULARY } from '../support/fuzz/vocabulary.js';
import { randomOf, seedOf } from '../support/random/random.js';

const TREE = buildSchema(`
  type Query { node: Node, nodes: [Node], lists: [[Node]], text: String, texts: [String], flag: Kind }
  type Mutation { node: Node, other: Node }
  type Node { node: Node, text: String, named: Named }
  interface Named { name: String }
  type Person implements Named { name: String }
  enum Kind { GOOD BAD }
`);

/** Runs it and compares. */
async function sizesOf(options: Omit<ExecuteOptions, 'answerSize'>) {
  let counted = 0;
  const add = (bytes: number) => {
    counted += bytes;
  };
  const { data, errors } = await executeOperation({ ...options, answerSize: { add } });
  return { counted, taken: Buffer.byteLength(JSON.stringify(data ?? null)), errors };
}

const long = 'x'.repeat(250);
const ALIASES = Array.from({ length: 50 }, (_, at) => `a${at}_${long}: __typename`).join(' ');

/** Without numbers, whose size is estimated. The end of the answer is counted as well. */
describe('the size of an answer is counted to the byte:', () => {
  const node = { text: 'some text', node: null, named: { __typename: 'Person', name: 'n' } };
  const later = async () => node;
  it.each<[string, string, object]>([
    ['names of types', `{ ${ALIASES} node { ${ALIASES} } }`, { node }],
    ['names of types in a mutation', `mutation { node { ${ALIASES} } other { text } }`, { node }],
    ['names of an abstract type', '{ node { named { a: __typename name } } }', { node }],
    ['tiny objects', '{ nodes { text } }', { nodes: Array(50).fill({ text: '' }) }],
    ['objects that come later', '{ nodes { text named { name } } }', { nodes: [later(), later()] }],
    ['objects without a field', '{ nodes { node { text } } }', { nodes: Array(50).fill({}) }],
    ['lists of lists', '{ lists { text } }', { lists: [[node, null], [node], null] }],
    ['a list of leaves', '{ texts }', { texts: ['a', 'bc', null, ''] }],
    ['absent values', '{ text node { text } nodes { text } flag }', {}],
    ['a value of an enum', '{ flag }', { flag: 'GOOD' }],
    ['__proto__', '{ __proto__: node { __proto__: text } }', { node }],
    ['the schema', '{ __schema { types { kind name fields { name type { name } } } } }', {}],
  ])('%s', async (_what, document, rootValue) => {
    const options = { schema: TREE, document: parse(document), rootValue };
    expect(validate(TREE, options.document)).toEqual([]);
    const { counted, taken, errors } = await sizesOf(options);
    expect(errors).toBeUndefined();
    expect(counted).toBe(taken + 1);
  });
});

it('the whole schema is counted to within a tenth', async () => {
  const document = parse(getIntrospectionQuery());
  const { counted, taken } = await sizesOf({ schema, document });
  expect(Math.abs(counted / taken - 1)).toBeLessThan(0.1);
});

const DOCUMENTS = 500;
const TIMEOUT_MS = 60_000;

it(
  'no answer takes much more than is counted, whatever is requested and however it resolves',
  async () => {
    const mocked: GraphQLSchema = mockSchema(schema);
    const seed = seedOf('answer size');
    const vocabulary = PLAIN_VOCABULARY;
    const all = { counted: 0, taken: 0 };
    let answered = 0;
    for (let at = 0; at < DOCUMENTS; at += 1) {
      const random = randomOf(seed + at);
      const { text, operations } = documentOf({ schema: mocked, random, vocabulary });
      const document = parse(text);
      if (validate(mocked, document).length > 0) continue;
      for (const operation of operations) {
        const contextValue: MockContext = { seed: seed + at, calls: [] };
        const variableValues = JSON.parse(
          variablesOf(operation, { random, vocabulary, oddOnceIn: 0 }),
        );
        const names = { operationName: operation.name, variableValues, contextValue };
        const { counted, taken } = await sizesOf({ schema: mocked, document, ...names });
        // Nothing was executed.
        if (taken === 'null'.length) continue;
        answered += 1;
        all.counted += counted;
        all.taken += taken;
        expect(counted, `TEST_SEED=${seed + at} ${text}`).toBeGreaterThan(taken / 6);
      }
    }
    expect(answered).toBeGreaterThan(DOCUMENTS / 3);
    expect(all.counted).toBeGreaterThan(0.9 * all.taken);
  },
  TIMEOUT_MS,
);

it('nothing is begun below an object for which there is no room', async () => {
  const refusal = new Error('no room');
  const begun: string[] = [];
  let left = 1_000;
  const add = (bytes: number) => {
    left -= bytes;
    if (left < 0) throw refusal;
  };
  const rootValue = {
    nodes: Array.from({ length: 5 }, (_, at) => ({ text: () => begun.push(`${at}`) && 'text' })),
  };
  const document = parse(`{ nodes { text a_${long}: __typename } }`);
  const result = await executeOperation({
    schema: TREE,
    document,
    rootValue,
    answerSize: { add },
  });
  expect(begun).toEqual(['0', '1', '2']);
  expect(result.errors?.map(({ path, originalError }) => [path, originalError])).toEqual([
    [['nodes', 3], refusal],
    [['nodes', 4], refusal],
  ]);
});
