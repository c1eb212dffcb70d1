/** Long documents are parsed one at a time, each in its own turn, project by project, so that none blocks the event loop. */

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Incoming, Reply } from '../../src/http/incoming.js';
import { DOCUMENT_CHARS_MAX } from '../../src/http/limits.js';
import { createPipeline } from '../../src/http/pipeline.js';
import type { PipelineOptions } from '../../src/http/stages.js';
import { EVERY_SCOPE } from '../../src/meter/access/scopes.js';
import type { Caller } from '../../src/meter/verb.js';
import { createLogger } from '../../src/platform/logger.js';
import { GATEWAY_CONFIG } from '../support/gateway/limits.js';

/** The operations that were executed, as project and name, and the answers. */
let executed: string[];
let answers: { readonly name: string; readonly reply: Reply }[];
let pipeline: ReturnType<typeof createPipeline>;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'setImmediate', 'performance'] });
  [executed, answers] = [[], []];
  pipeline = createPipeline({
    ...PARTS,
    config: GATEWAY_CONFIG,
    authenticate: (projectId) => ({ projectId, scopes: EVERY_SCOPE }),
    execute: ({ contextValue, operationName }) => {
      const { caller } = contextValue as { readonly caller: Caller };
      executed.push(`${caller.projectId} ${operationName}`);
      return { data: operationName === 'Large' ? { text: 'x'.repeat(600 * 1_024) } : {} };
    },
    logger: createLogger({ level: 'silent', readable: false }),
  });
});
afterEach(() => {
  vi.useRealTimers();
});

const IDLE = { isOverloaded: () => false };
// Only resolvers use the store, and none is called.
const UNUSED = { store: {}, writeQueue: IDLE, readQueue: IDLE } as unknown;
const PARTS = UNUSED as Pick<PipelineOptions, 'store' | 'writeQueue' | 'readQueue'>;

const short = (name: string) => `query ${name} { customer(customerId: "a") { name } }`;
const long = (name: string, chars = 1_025) => short(name).padEnd(chars, ' ');

/** Sends it; the returned function ends the exchange. */
function send(projectId: string, name: string, query: string, variables = {}): () => void {
  const ends: (() => void)[] = [];
  const body = Buffer.from(JSON.stringify({ query, variables }));
  const headers = new Map([
    ['authorization', `Bearer ${projectId}`],
    ['content-type', 'application/json'],
  ]);
  const incoming: Incoming = {
    method: 'POST',
    path: '/graphql',
    search: '',
    requestId: 'request-1',
    header: (header) => headers.get(header),
    readBody: (_bytesMax, { next }) => next(body),
    onEnd: (callback) => ends.push(callback),
  };
  pipeline.answer(incoming, {
    next: (reply) => answers.push({ name, reply }),
    fail: (error) => expect.unreachable(String(error)),
  });
  return () => {
    for (const end of ends) end();
  };
}

/** One turn of the event loop. */
const turn = () => vi.advanceTimersToNextTimer();

const codesOf = (name: string) =>
  answers
    .filter((answer) => answer.name === name)
    .map(({ reply }) => JSON.parse(String(reply.body)).errors?.[0].extensions.code ?? 'OK');

describe('a document', () => {
  it('that is short is parsed at once', () => {
    send('a', 'A', short('A'));
    expect(executed).toEqual(['a A']);
  });

  it('that is long waits for a turn', () => {
    for (const name of ['A', 'B']) send('a', name, long(name));
    expect(executed).toEqual([]);
    turn();
    expect(executed).toEqual(['a A']);
    turn();
    expect(executed).toEqual(['a A', 'a B']);
  });

  it('that has been parsed does not wait again', () => {
    send('a', 'A', long('A'));
    turn();
    send('b', 'A', long('A'));
    expect(executed).toEqual(['a A', 'b A']);
  });

  it.each([
    ['cached takes one turn for all', 1_025, [100]],
    ['not cached, being too long, takes a turn for each', 32 * 1_024 + 1, [1, 2]],
  ])('that is sent by a hundred clients and is %s', (_how, chars, counts) => {
    for (let n = 0; n < 100; n += 1) send('a', 'A', long('A', chars));
    for (const count of counts) {
      turn();
      expect(executed).toHaveLength(count);
    }
  });

  it('is read for the others if the first client has disconnected', () => {
    const [end] = Array.from({ length: 100 }, () => send('a', 'A', long('A')));
    end?.();
    turn();
    expect(executed).toHaveLength(99);
  });

  it.each([
    ['one character more', DOCUMENT_CHARS_MAX + 1, ['QUERY_TOO_COMPLEX']],
    ['exactly the limit', DOCUMENT_CHARS_MAX, []],
  ])('is refused at once only if it is over the limit: %s', (_how, chars, codes) => {
    send('a', 'A', long('A', chars));
    expect(codesOf('A')).toEqual(codes);
    vi.runAllTimers();
    expect(executed).toEqual(codes.length === 0 ? ['a A'] : []);
  });

  it('is not executed for a client that has disconnected before its turn', () => {
    const end = send('a', 'A', long('A'));
    send('a', 'B', long('B'));
    end();
    vi.runAllTimers();
    expect(executed).toEqual(['a B']);
  });
});

describe('an introspection', () => {
  const introspection = (name: string) => `query ${name} { __schema { queryType { name } } }`;

  it.each([
    ['cached runs once for all', 'Small', [1, 1, 1]],
    ['too large to be cached runs in a turn for each', 'Large', [1, 2, 3]],
  ])('that many clients send and whose result is %s', (_how, name, counts) => {
    for (let n = 0; n < 50; n += 1) send('a', name, introspection(name));
    for (const count of counts) {
      turn();
      expect(executed).toHaveLength(count);
    }
    vi.runAllTimers();
    expect(codesOf(name)).toEqual(Array.from({ length: 50 }, () => 'OK'));
  });

  it('runs for the others if the first client has disconnected', () => {
    const [end] = Array.from({ length: 100 }, () => send('a', 'A', introspection('A')));
    end?.();
    turn();
    expect(executed).toHaveLength(1);
    expect(codesOf('A')).toEqual(Array.from({ length: 99 }, () => 'OK'));
  });

  it('whose result is cached is answered at once', () => {
    send('a', 'A', introspection('A'));
    vi.runAllTimers();
    send('b', 'A', introspection('A'));
    expect(codesOf('A')).toEqual(['OK', 'OK']);
    expect(executed).toHaveLength(1);
  });
});

describe('a long document with conditions', () => {
  const query = `query A($a: Boolean!, $b: Boolean!) { customer(customerId: "a") {
    name @include(if: $a) email @skip(if: $b) } }`.padEnd(1_025, ' ');
  const sendWith = (a: boolean, b: boolean) => send('a', 'A', query, { a, b });

  it('waits for a turn with each combination of them, once', () => {
    sendWith(true, true);
    vi.runAllTimers();
    expect(executed).toHaveLength(1);
    sendWith(true, true);
    expect(executed).toHaveLength(2);
    sendWith(true, false);
    expect(executed).toHaveLength(2);
    vi.runAllTimers();
    expect(executed).toHaveLength(3);
    sendWith(true, false);
    expect(executed).toHaveLength(4);
  });
});

describe('projects', () => {
  it('take turns, however many one of them sends', () => {
    for (let n = 0; n < 50; n += 1) send('a', `A${n}`, long(`A${n}`));
    for (const name of ['B0', 'B1']) send('b', name, long(name));
    for (let n = 0; n < 4; n += 1) turn();
    expect(executed).toEqual(['a A0', 'b B0', 'a A1', 'b B1']);
  });

  it('have fewer waiting documents the longer they are', () => {
    for (let n = 0; n < 70; n += 1) send('a', n < 64 ? 'A' : 'late', long(`A${n}`, 128 * 1_024));
    expect(codesOf('late')).toEqual(Array.from({ length: 6 }, () => 'OVERLOADED'));
  });

  it('have a limited number of waiting documents, beyond which they get OVERLOADED', () => {
    for (let n = 0; n < 300; n += 1) send('a', n < 256 ? 'A' : 'late', long(`A${n}`));
    expect(codesOf('late')).toEqual(Array.from({ length: 44 }, () => 'OVERLOADED'));
    expect(answers[0]?.reply).toMatchObject({ status: 503, headers: { 'Retry-After': '1' } });
    send('b', 'B', long('B'));
    vi.runAllTimers();
    expect(executed).toHaveLength(257);
    expect(codesOf('B')).toEqual(['OK']);
  });
});
