/** What clients get and what is logged when something other than the input is wrong. */

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OPERATION_LOG } from '../../src/config/log-settings.js';
import { OPERATION_BOUNDS } from '../../src/config/operation-bounds.js';
import { createGateway } from '../../src/gateway.js';
import { EVERY_SCOPE } from '../../src/meter/access/scopes.js';
import { createWriteQueue } from '../../src/meter/write/write-queue.js';
import { monotonicMs } from '../../src/platform/clock.js';
import { openStore } from '../../src/store/store.js';
import { isThroughFetch } from '../support/gateway/adapter.js';
import { startTestGateway, type TestGateway } from '../support/gateway/gateway.js';
import { createLog, type TestLog } from '../support/gateway/log.js';
import { readQueueOn } from '../support/meter/read-queue.js';

const TRACK = `mutation Track {
  trackBalance(input: { customerId: "acme", featureId: "messages" }) { __typename }
}`;

describe('if the database cannot be reached', () => {
  const log = createLog();
  const store = openStore({
    // Nothing listens on port 1.
    address: { connectionString: 'postgresql://postgres@127.0.0.1:1/none' },
    poolMax: 2,
    readPoolMax: 2,
    acquireTimeoutMs: 500,
    statementTimeoutMs: 1_000,
    clockOffsetMs: () => 0,
    onIdleError: () => undefined,
  });
  const gateway = createGateway({
    config: {
      ...OPERATION_BOUNDS,
      ...OPERATION_LOG,
      graphiql: false,
      corsOrigins: null,
      idempotencyFallbackHeader: null,
      subgraph: null,
      trustedDocuments: 'allow',
      metricsOperations: [],
      bodyBytesMax: 100_000,
      requestsInFlightMax: 768,
    },
    store,
    writeQueue: createWriteQueue({
      store,
      lanes: 1,
      poolMax: 10,
      batchItemsMax: 10,
      batchBytesMax: 100_000,
      queueItemsMax: 10,
      queueWaitMaxMs: 60_000,
      cachedBalancesMax: 10,
      monotonicMs,
    }),
    readQueue: readQueueOn(store),
    authenticate: async () => ({
      projectId: '00000000-0000-4000-8000-000000000000',
      scopes: EVERY_SCOPE,
    }),
    isReady: () => store.ping().then(() => true),
    logger: log.logger,
  });
  afterAll(() => store.close());

  const ask = (query: string) =>
    gateway.fetch('http://gateway/graphql', {
      method: 'POST',
      headers: {
        authorization: 'Bearer tg_sk_any',
        'content-type': 'application/json',
        'x-request-id': 'request-1',
      },
      body: JSON.stringify({ query }),
    });

  it.each([
    ['a write', TRACK],
    ['a read', '{ customer(customerId: "acme") { name } }'],
  ])('%s gets a retryable 503', async (_what, query) => {
    const response = await ask(query);
    expect(response.status).toBe(503);
    expect(response.headers.get('retry-after')).toBe('1');
    const { errors } = JSON.parse(await response.text());
    expect(errors).toMatchObject([
      {
        message: expect.stringContaining('Nothing was written'),
        extensions: { code: 'DATABASE_UNAVAILABLE', retryable: true, requestId: 'request-1' },
      },
    ]);
    expect(log.lines()).toContainEqual(
      expect.objectContaining({ requestId: 'request-1', code: 'DATABASE_UNAVAILABLE' }),
    );
  });

  it('74 concurrent calls log a few short lines without a stack', async () => {
    const before = log.lines().length;
    await Promise.all(Array.from({ length: 74 }, () => ask(TRACK)));
    const logged = log.lines().slice(before);
    const warned = logged.filter(({ level }) => level !== 'info');
    // One line a second; the calls take a second or two.
    expect(warned.length).toBeLessThan(10);
    for (const line of warned) {
      expect(line).toMatchObject({ level: 'warn' });
      expect(JSON.stringify(line).length).toBeLessThan(600);
      expect(JSON.stringify(line)).not.toMatch(/stack|node_modules|\n *at /);
    }
  });

  it('the gateway is healthy but not ready', async () => {
    expect((await gateway.fetch('http://gateway/health')).status).toBe(200);
    expect((await gateway.fetch('http://gateway/ready')).status).toBe(503);
  });
});

describe('on an unexpected error', () => {
  let gateway: TestGateway;
  let log: TestLog;

  beforeAll(async () => {
    log = createLog();
    gateway = await startTestGateway({ logger: log.logger });
    await gateway.sql('ALTER TABLE customers RENAME TO people');
  });
  afterAll(() => gateway.close());

  it('the client gets a request id, under which the log has the cause', async () => {
    const query = 'query Read { customers { edges { cursor } } }';
    const headers = { 'x-request-id': 'request-2' };
    const response = await gateway.send({ body: { query }, headers });
    expect(response.status).toBe(500);
    expect(JSON.parse(await response.text())).toEqual({
      data: null,
      errors: [
        {
          message: 'Unexpected error.',
          path: ['customers'],
          locations: [{ line: 1, column: 14 }],
          extensions: { code: 'INTERNAL_SERVER_ERROR', requestId: 'request-2' },
        },
      ],
    });
    expect(log.lines()).toContainEqual(
      expect.objectContaining({
        level: 'error',
        requestId: 'request-2',
        err: expect.objectContaining({ message: expect.stringContaining('customers') }),
      }),
    );
  });

  it('a malformed request id is replaced', async () => {
    const headers = { 'x-request-id': 'a b\u00e9' };
    const response = await gateway.send({
      body: { query: '{ customers { edges { cursor } } }' },
      headers,
    });
    const { errors } = JSON.parse(await response.text());
    expect(errors[0].extensions.requestId).toMatch(/^[0-9a-f-]{36}$/);
  });
});

describe('if the log line of an operation cannot be written', () => {
  let gateway: TestGateway;
  let log: TestLog;

  beforeAll(async () => {
    log = createLog();
    gateway = await startTestGateway({ logger: log.logger });
    // As on a full disk: logging an operation fails.
    const info = log.logger.info.bind(log.logger);
    let failures = 2;
    Object.assign(log.logger, {
      info: (facts: object, message: string) => {
        failures -= 1;
        if (failures >= 0) throw new Error('no space left');
        info(facts, message);
      },
    });
  });
  afterAll(() => gateway.close());

  it.skipIf(isThroughFetch)(
    'the connection closes, the process keeps running, and the log says why',
    async () => {
      const read = { body: { query: '{ customer(customerId: "acme") { name } }' } };
      const failing = { body: { query: '{ node(id: "?") { id } }' } };
      await expect(gateway.send(read)).rejects.toThrow('fetch failed');
      await expect(gateway.send(failing)).rejects.toThrow('fetch failed');
      expect((await gateway.send(read)).status).toBe(200);
      expect(log.lines().filter(({ level }) => level === 'error')).toEqual([
        expect.objectContaining({ err: expect.objectContaining({ message: 'no space left' }) }),
        expect.objectContaining({ err: expect.objectContaining({ message: 'no space left' }) }),
      ]);
    },
  );
});
