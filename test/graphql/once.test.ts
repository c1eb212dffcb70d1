/** An operation that fails unexpectedly is answered, through either adapter, and is not run again. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ExecuteOptions, executeOperation } from '../../src/http/execute.js';
import { createFetchAdapter } from '../../src/http/fetch-adapter.js';
import { type Listener, listen } from '../../src/http/listener.js';
import { createNodeAdapter } from '../../src/http/node-adapter.js';
import { createPipeline } from '../../src/http/pipeline.js';
import type { Context } from '../../src/schema/context.js';
import type { Execution } from '../../src/schema/execution.js';
import { startTestGateway, type TestGateway } from '../support/gateway/gateway.js';
import { createLog, type TestLog } from '../support/gateway/log.js';

let gateway: TestGateway;
let listener: Listener;
let log: TestLog;
let runs: number;
/** How the operation fails. */
let execute: typeof executeOperation;
let adapter: ReturnType<typeof createFetchAdapter>;

beforeAll(async () => {
  log = createLog();
  gateway = await startTestGateway({ logger: log.logger });
  const { parts } = gateway;
  const pipeline = createPipeline({
    ...parts,
    execute: (args) => {
      runs += 1;
      return execute(args);
    },
  });
  adapter = createFetchAdapter({
    ...parts,
    pipeline,
    graphiql: false,
    requestsInFlightMax: 100,
  });
  const { handle } = createNodeAdapter({ ...parts, pipeline, others: adapter.handleAdmitted });
  listener = await listen({ handle, host: '127.0.0.1', port: 0, drainTimeoutMs: 0 });
});
afterAll(async () => {
  await listener.close();
  await gateway.close();
});

const QUERY = '{ __typename }';
const headers = () => ({
  authorization: `Bearer ${gateway.secret}`,
  'content-type': 'application/json',
  'x-request-id': 'once',
});
const post = () => ({ method: 'POST', headers: headers(), body: JSON.stringify({ query: QUERY }) });
const byAddress = `/graphql?query=${encodeURIComponent(QUERY)}`;

describe.each<[string, typeof executeOperation]>([
  [
    'throws',
    () => {
      throw new Error('unforeseen');
    },
  ],
  ['rejects', () => Promise.reject(new Error('unforeseen'))],
])('an operation that %s', (_how, fails) => {
  it.each<[string, () => Promise<Response>]>([
    ['the node adapter', () => fetch(`${listener.origin}/graphql`, post())],
    ['Yoga behind it', () => fetch(listener.origin + byAddress, { headers: headers() })],
    ['the fetch adapter', () => adapter.fetch('http://gateway/graphql', post())],
  ])('is answered 500 by %s, with an id under which the log has the cause', async (_what, ask) => {
    runs = 0;
    execute = fails;
    const before = log.lines().length;
    const response = await ask();
    expect([response.status, JSON.parse(await response.text())]).toEqual([
      500,
      {
        errors: [
          {
            message: 'Unexpected error.',
            extensions: { code: 'INTERNAL_SERVER_ERROR', requestId: 'once' },
          },
        ],
      },
    ]);
    expect(runs).toBe(1);
    expect(log.lines().slice(before)).toMatchObject([
      { level: 'error', requestId: 'once', err: { message: 'unforeseen' } },
      { level: 'info', outcome: 'INTERNAL_SERVER_ERROR' },
    ]);
  });
});

/** As much as is encoded at once, and so much that it is encoded in steps. */
describe.each([0, 1_000_000])('a result of %i bytes that cannot be encoded', (bytes) => {
  it.each<[string, string, () => unknown]>([
    ['since it would be too long for a text', 'RESULT_TOO_LARGE', () => 'x'.padEnd(2 ** 30)],
    ['by mistake', 'INTERNAL_SERVER_ERROR', () => JSON.parse('a mistake')],
  ])('%s is answered, and what was carried out is named', async (_why, code, toJSON) => {
    const before = log.lines().length;
    execute = async (args) => {
      const { execution } = contextOf(args);
      execution.add(bytes);
      execution.finish('written');
      return { data: { written: { toJSON } } };
    };
    const response = await fetch(`${listener.origin}/graphql`, post());
    expect(JSON.parse(await response.text())).toMatchObject({
      errors: [
        {
          message: expect.stringContaining('carried out "written"'),
          extensions: { code, carriedOut: ['written'] },
        },
      ],
    });
    const isMistake = code === 'INTERNAL_SERVER_ERROR';
    const errors = log
      .lines()
      .slice(before)
      .filter(({ level }) => level === 'error');
    expect(errors).toHaveLength(Number(isMistake));
  });
});

it('what an operation has left running stops once it is answered', async () => {
  const seen: (Error | null)[] = [];
  const executions: Execution[] = [];
  execute = (args) => {
    const { execution } = contextOf(args);
    executions.push(execution);
    seen.push(execution.stopped);
    return executeOperation(args);
  };
  const response = await fetch(`${listener.origin}/graphql`, post());
  expect(await response.json()).toEqual({ data: { __typename: 'Query' } });
  expect(seen).toEqual([null]);
  expect(executions).toMatchObject([{ stopped: { extensions: { code: 'OPERATION_ENDED' } } }]);
});

/** The pipeline creates a context for every operation. */
function contextOf({ contextValue }: ExecuteOptions): Context {
  return contextValue as Context;
}
