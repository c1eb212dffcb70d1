import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, Server } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { CONNECTION_LIMITS, type Listener, listen } from '../../src/http/listener.js';
import { openRaw } from '../support/client/raw-http.js';

let listener: Listener | undefined;
afterEach(() => listener?.close());

/** What waits for this long fails its test. */
const LONGER_THAN_A_TEST_MS = 600_000;

/** A server whose requests the test answers itself. */
async function start(drainTimeoutMs: number, announceMs = 0) {
  const waiting: ServerResponse[] = [];
  const arrivals: (() => void)[] = [];
  listener = await listen({
    handle: (_request, response) => {
      waiting.push(response);
      for (const arrived of arrivals.splice(0)) arrived();
    },
    host: '127.0.0.1',
    port: 0,
    announceMs,
    drainTimeoutMs,
  });
  const { origin, close } = listener;
  const arrived = () => new Promise<void>((resolve) => arrivals.push(resolve));
  return { origin, close, waiting, arrived };
}

describe('closing', () => {
  it('answers what is in flight and accepts nothing new', async () => {
    const { origin, close, waiting, arrived } = await start(10_000);
    const first = arrived();
    const answer = fetch(origin);
    await first;
    const closed = close();
    await expect(fetch(origin)).rejects.toThrow();
    waiting[0]?.end('done');
    expect(await (await answer).text()).toBe('done');
    await closed;
  });

  it('answers a call on a connection kept open after the port has closed', async () => {
    const { origin, close, waiting, arrived } = await start(10_000, 60_000);
    const client = openRaw(origin);
    const call = async () => {
      const here = arrived();
      client.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
      await here;
      waiting.pop()?.end('done');
    };
    await call();
    await client.received(/done/);
    const closed = close();
    await expect(fetch(origin)).rejects.toThrow();
    await call();
    expect(await client.received(/done[\s\S]*done/)).toContain('HTTP/1.1 200 OK');
    client.socket.destroy();
    await closed;
  });

  it('does not wait for idle connections', async () => {
    const { origin, close, waiting, arrived } = await start(LONGER_THAN_A_TEST_MS);
    const first = arrived();
    const answer = fetch(origin, { headers: { connection: 'keep-alive' } });
    await first;
    waiting[0]?.end('done');
    await (await answer).text();
    await close();
  });

  it('cuts off requests that take too long', async () => {
    const { origin, close, arrived } = await start(100);
    const first = arrived();
    const answer = fetch(origin);
    await first;
    await Promise.all([close(), expect(answer).rejects.toThrow()]);
  });
});

describe('a client that is too slow', () => {
  const LIMITS = {
    ...CONNECTION_LIMITS,
    headersTimeout: 200,
    requestTimeout: 400,
    timeout: 1_000,
    connectionsCheckingInterval: 50,
  };

  /** A server whose answers exceed any buffer between it and its client. */
  async function serve(onResponse: (response: ServerResponse) => void = () => undefined) {
    listener = await listen({
      handle: (request, response) => {
        onResponse(response);
        request.resume();
        request.on('end', () => response.end('x'.repeat(50_000_000)));
      },
      host: '127.0.0.1',
      port: 0,
      drainTimeoutMs: 0,
      limits: LIMITS,
    });
    return openRaw(listener.origin);
  }

  it.each([
    ['its head', 'POST / HTTP/1.1\r\nHost: a\r\n'],
    ['its body', 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc'],
  ])('with %s gets 408 and is cut off', async (_what, sent) => {
    const client = await serve();
    client.write(sent);
    expect(await client.closed()).toMatch(/^HTTP\/1\.1 408 /);
  });

  it('to read its answer is cut off', async () => {
    let close: () => void = () => undefined;
    const closed = new Promise<void>((resolve) => {
      close = resolve;
    });
    const client = await serve((response) => response.on('close', close));
    client.socket.pause();
    client.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    await closed;
  });

  it('is cut off after a minute at most', () => {
    expect(CONNECTION_LIMITS).toEqual({
      headersTimeout: 10_000,
      requestTimeout: 30_000,
      timeout: 60_000,
      keepAliveTimeout: 620_000,
      connectionsCheckingInterval: 5_000,
      maxHeaderSize: 16 * 1024,
    });
  });
});

/** The limits that are properties of a Node server; `timeout` is set on connections instead. */
const CONNECTION_TIMEOUTS = {
  headersTimeout: CONNECTION_LIMITS.headersTimeout,
  requestTimeout: CONNECTION_LIMITS.requestTimeout,
  keepAliveTimeout: CONNECTION_LIMITS.keepAliveTimeout,
};

describe('listening', () => {
  it('reports its origin', async () => {
    const { origin } = await start(0);
    expect(origin).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  });

  it('rejects if the port is taken', async () => {
    const other = createServer().listen({ host: '127.0.0.1', port: 0 });
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const options = { handle: () => undefined, host: '127.0.0.1', port, drainTimeoutMs: 0 };
    await expect(listen(options)).rejects.toThrow('EADDRINUSE');
    other.close();
  });

  it('limits its connections, and queues those that arrive at once', async () => {
    const listening = vi.spyOn(Server.prototype, 'listen');
    await start(0);
    const [server] = listening.mock.contexts;
    const [options] = listening.mock.calls[0] ?? [];
    listening.mockRestore();
    expect(server).toMatchObject({
      maxConnections: 10_000,
      keepAlive: true,
      // In seconds, as Node keeps it.
      keepAliveInitialDelay: 60,
      ...CONNECTION_TIMEOUTS,
    });
    expect(options).toMatchObject({ backlog: 4_096 });
  });

  it('refuses headers beyond 16 KiB', async () => {
    const { origin } = await start(0);
    const response = await fetch(origin, { headers: { a: 'x'.repeat(17_000) } });
    expect(response.status).toBe(431);
  });

  it('refuses a message that two servers could read differently', async () => {
    const { origin } = await start(0);
    const socket = connect(Number(new URL(origin).port), '127.0.0.1');
    socket.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n');
    socket.write('Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n');
    const [bytes] = await once(socket, 'data');
    expect(String(bytes)).toMatch(/^HTTP\/1\.1 400 /);
  });
});
