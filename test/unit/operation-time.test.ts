/** The time limit of an operation is for the work of the gateway, not for how long the client takes to send it. */

import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { Incoming, Reply } from '../../src/http/incoming.js';
import { createPipeline } from '../../src/http/pipeline.js';
import type { PipelineOptions } from '../../src/http/stages.js';
import { EVERY_SCOPE } from '../../src/meter/access/scopes.js';
import { createLogger } from '../../src/platform/logger.js';
import { GATEWAY_CONFIG } from '../support/gateway/limits.js';

const TIMEOUT_MS = 15_000;
/** How often operations are checked. */
const CHECK_MS = 50;

let replies: Reply[];

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'setImmediate', 'performance'] });
  replies = [];
});
afterEach(() => {
  vi.useRealTimers();
});

const IDLE = { isOverloaded: () => false };
// Only resolvers use the store, and none is called.
const UNUSED = { store: {}, writeQueue: IDLE, readQueue: IDLE } as unknown;
const PARTS = UNUSED as Pick<PipelineOptions, 'store' | 'writeQueue' | 'readQueue'>;

/** Sends a query that never ends by itself, with a body that takes this long to arrive. */
function send(bodyMs: number): void {
  const pipeline = createPipeline({
    ...PARTS,
    config: { ...GATEWAY_CONFIG, operationTimeoutMs: TIMEOUT_MS },
    authenticate: (projectId) => ({ projectId, scopes: EVERY_SCOPE }),
    execute: () => new Promise(() => undefined),
    logger: createLogger({ level: 'silent', readable: false }),
  });
  const headers = new Map([
    ['authorization', 'Bearer p'],
    ['content-type', 'application/json'],
  ]);
  const body = Buffer.from(JSON.stringify({ query: '{ customer(customerId: "a") { name } }' }));
  const incoming: Incoming = {
    method: 'POST',
    path: '/graphql',
    search: '',
    requestId: 'request-1',
    header: (name) => headers.get(name),
    readBody: (_bytesMax, { next }) => {
      setTimeout(() => next(body), bodyMs);
    },
    onEnd: () => undefined,
  };
  pipeline.answer(incoming, {
    next: (reply) => replies.push(reply),
    fail: (error) => expect.unreachable(String(error)),
  });
}

it.each([0, 1_000, 2 * TIMEOUT_MS])(
  'the time limit starts when the body has arrived, after %i ms',
  (bodyMs) => {
    send(bodyMs);
    vi.advanceTimersByTime(bodyMs + TIMEOUT_MS - 1);
    expect(replies).toEqual([]);
    vi.advanceTimersByTime(CHECK_MS + 1);
    expect(replies.map(({ body }) => JSON.parse(String(body)).errors[0].extensions.code)).toEqual([
      'OPERATION_TIMEOUT',
    ]);
  },
);
