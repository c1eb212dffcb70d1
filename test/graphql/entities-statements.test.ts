/** `_entities` takes a constant number of statements, however many representations there are, and changes none of these. */
import { GraphQLError, parse, validate } from 'graphql';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { executeOperation } from '../../src/http/execute.js';
import { EVERY_SCOPE } from '../../src/meter/access/scopes.js';
import { customerScope } from '../../src/meter/customer-key.js';
import { createAccountCache } from '../../src/meter/write/account-cache.js';
import { wallClockMs } from '../../src/platform/clock.js';
import { uuidOf } from '../../src/platform/id.js';
import { Execution } from '../../src/schema/execution.js';
import { tollgateSubgraph } from '../../src/schema/federation.js';
import { encodeGlobalId } from '../../src/schema/global-id.js';
import { DEFAULT_PREFIXES } from '../../src/schema/subgraph/names.js';
import { connect } from '../support/database/connections.js';
import { createStore, type TestStore } from '../support/database/store.js';
import {
  CREDIT_SYSTEMS,
  CUSTOMERS,
  FIRST,
  fillWideProject,
  type NodeIds,
} from '../support/database/wide-project.js';
import { readQueueOn } from '../support/meter/read-queue.js';

const { schema } = tollgateSubgraph(DEFAULT_PREFIXES);

let test: TestStore;
let nodeIds: NodeIds;
const queries = vi.spyOn(pg.Pool.prototype, 'query');

beforeAll(async () => {
  test = await createStore();
  const client = await connect(test.database.url);
  const sql = (text: string, values: readonly unknown[] = []) => client.query(text, [...values]);
  nodeIds = await fillWideProject(sql, test.projectId, wallClockMs()).finally(() => client.end());
});
afterAll(() => {
  queries.mockRestore();
  return test.close();
});
beforeEach(() => {
  queries.mockClear();
});

async function run(fields: string, representations: readonly object[]) {
  queries.mockClear();
  const document = parse(
    `query ($representations: [_Any!]!) { _entities(representations: $representations) { __typename ${fields} } }`,
  );
  expect(validate(schema, document)).toEqual([]);
  const contextValue = {
    caller: { projectId: test.projectId, scopes: EVERY_SCOPE },
    readQueue: readQueueOn(test.store),
    writeQueue: { accounts: createAccountCache({ balancesMax: 0 }) },
    execution: new Execution({
      resultBytesMax: Number.MAX_SAFE_INTEGER,
      tooLarge: () => new GraphQLError('too large'),
      take: () => null,
    }),
  };
  const variableValues = { representations: representations.map((one) => frozen(one)) };
  const { data, errors } = await executeOperation({
    schema,
    document,
    variableValues,
    contextValue,
  });
  expect(errors).toBeUndefined();
  const found = data?.['_entities'] as readonly unknown[];
  return {
    found: found.filter((one) => one !== null).length,
    statements: queries.mock.calls.length,
  };
}

/** Writing on it would throw. */
function frozen<T extends object>(value: T): T {
  for (const member of Object.values(value)) {
    if (typeof member === 'object' && member !== null) frozen(member);
  }
  return Object.freeze(value);
}

const OF_EACH_TYPE = 250;

/** Those that exist, and others up to the number. */
function mixed(count: number): object[] {
  const numbers = Array.from({ length: count }, (_, n) => n);
  const id = (name: string, type: string, n: number) => ({
    __typename: `Tollgate${name}`,
    id: nodeIds[name]?.[n] ?? encodeGlobalId(name, `${absent(n)}:${type}`),
  });
  const absent = (n: number) => customerScope(test.projectId, `absent ${n}`).customerKey;
  return numbers.flatMap((n) => [
    { __typename: 'Customer', customerId: CUSTOMERS[n] ?? `absent${n}` },
    {
      __typename: 'TollgateCustomerEntity',
      customer: { customerId: CUSTOMERS[n] ?? `absent${n}` },
      entityId: FIRST.entityId,
    },
    { __typename: 'TollgateFeature', featureId: CREDIT_SYSTEMS[n] ?? `absent${n}` },
    id('UsageEvent', uuidOf(n, '7000'.padEnd(20, '8')), n),
  ]);
}

const THOUSAND = 4 * OF_EACH_TYPE;

describe.each<[string, string, number]>([
  ['only their types', '', 4],
  ['what is in their rows', '... on Customer { email } ... on TollgateFeature { name }', 4],
  [
    'what the rows lead to',
    `... on Customer { balances { feature { name } breakdown { id } } }
      ... on TollgateCustomerEntity { customer { name } balances { remaining } }
      ... on TollgateFeature { creditCosts { feature { name } } }
      ... on TollgateUsageEvent { entity { name } deductions { balance { remaining } } }`,
    11,
  ],
])('%s', (_what, fields, statements) => {
  it('takes no more statements for a thousand than for four', async () => {
    const few = await run(fields, mixed(1));
    const many = await run(fields, mixed(OF_EACH_TYPE));
    expect(few.found).toBe(4);
    expect(many.found).toBeGreaterThan(200);
    expect(mixed(OF_EACH_TYPE)).toHaveLength(THOUSAND);
    // What two levels read of one kind may be read together.
    expect(Math.max(few.statements, many.statements)).toBeLessThanOrEqual(statements);
  });
});

describe('a thousand of one type', () => {
  it.each([
    ['Customer', 1, (n: number) => ({ customerId: `c${n}` })],
    // A row may be so large that a statement requests 714 of these, and 250 of those.
    ['TollgateFeature', 2, (n: number) => ({ featureId: `f${n}` })],
    ['TollgateUsageEvent', 4, (n: number) => ({ id: encodeGlobalId('UsageEvent', idsOf(n)) })],
    ['TollgateBalance', 1, (n: number) => ({ id: encodeGlobalId('Balance', idsOf(n)) })],
  ])('%s takes %i statements', async (name, statements, key) => {
    const thousand = Array.from({ length: THOUSAND }, (_, n) => ({ __typename: name, ...key(n) }));
    expect((await run('', thousand)).statements).toBe(statements);
  });

  function idsOf(n: number): string {
    const key = customerScope(test.projectId, `${n}`).customerKey;
    return `${key}:${key}`;
  }
});

it('what cannot exist takes none', async () => {
  const representations = [
    { __typename: 'Customer', customerId: 'a b' },
    { __typename: 'Customer', id: 'x' },
    { __typename: 'Customer', customerId: 'c000', id: nodeIds['Customer']?.[1] },
  ];
  expect(await run('', representations)).toEqual({ found: 0, statements: 0 });
});
