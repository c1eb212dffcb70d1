/** The loops of the load generator, against a `node:http` server. */
import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { ClosedLoop, type LoopOptions, OpenLoop } from '../bench/load/loop.js';
import { Recorder } from '../bench/load/recorder.js';
import type { LoadOrder } from '../bench/protocol.js';
import { reserveAndCapture, track } from '../bench/requests.js';

const SECRET = 'tg_sk_secret';

describe('the load', () => {
  let close: (() => void) | undefined;
  afterEach(() => close?.());

  const listen = async (handle: (...of: [...Parameters<RequestListener>, string]) => void) => {
    const server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => handle(request, response, Buffer.concat(chunks).toString()));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    close = () => server.closeAllConnections() ?? server.close();
    return portOf(server);
  };

  const portOf = (server: Server) => {
    const address = server.address();
    return address !== null && typeof address === 'object' ? address.port : 0;
  };

  const order = (port: number, more: Partial<LoadOrder> = {}): LoadOrder => ({
    kind: 'LOAD',
    warmUpMs: 0,
    warmUpRequests: 0,
    measureMs: 0,
    requestsMax: null,
    ports: [port],
    secret: SECRET,
    path: '/graphql',
    bodyAfter: null,
    ...track('plain', { featureId: 'api_calls' }),
    status: 200,
    success: '"ok":true',
    successes: 1,
    operations: 1,
    connections: 5,
    customers: { count: 100, stride: 1 },
    routing: 'ANY',
    keyStart: 0,
    offeredPerSecond: null,
    ...more,
  });

  /** Runs a loop until it has had this many answers, then stops it. */
  const runUntil = async (
    answers: number,
    open: (options: LoopOptions) => ClosedLoop | OpenLoop,
    loadOrder: LoadOrder,
  ) => {
    const recorder = new Recorder({ operations: 1, refusalsAreFine: true });
    let enough: () => void = () => undefined;
    let seen = 0;
    const loop = open({
      order: loadOrder,
      recorder,
      isWarmingUp: () => false,
      onAnswer: () => {
        seen += 1;
        if (seen >= answers) enough();
      },
    });
    recorder.start(performance.now());
    const wanted = new Promise<void>((resolve) => {
      enough = resolve;
    });
    await loop.begin();
    await wanted;
    await loop.stop();
    recorder.stop(performance.now());
    return recorder.result(loop.unsent());
  };

  it('has one request in flight on each connection, and counts every answer', async () => {
    let [handled, inFlight, most] = [0, 0, 0];
    const port = await listen((_request, response) => {
      handled += 1;
      inFlight += 1;
      most = Math.max(most, inFlight);
      setImmediate(() => {
        inFlight -= 1;
        response.end('{"ok":true}');
      });
    });
    const result = await runUntil(500, (options) => new ClosedLoop(options), order(port));
    expect(most).toBeLessThanOrEqual(5);
    expect(result).toMatchObject({ operations: handled, failures: 0 });
    expect(handled).toBeGreaterThanOrEqual(500);
  });

  it('sends what follows a request on its connection, for the same customer and with the same key', async () => {
    const pairs = new Map<string, { customerIds: string[]; verbs: string[] }>();
    const port = await listen((_request, response, body) => {
      const { query, variables } = JSON.parse(body);
      const { reservationId, customerId } = variables.input;
      const [verb] = /reserveBalance|captureReservation/.exec(query) ?? [''];
      const sent = pairs.get(reservationId) ?? { customerIds: [], verbs: [] };
      sent.customerIds.push(customerId);
      sent.verbs.push(verb);
      pairs.set(reservationId, sent);
      response.end('{"ok":true}');
    });
    const { body, bodyAfter = '' } = reserveAndCapture('plain', { featureId: 'api_calls' });
    const run = (options: LoopOptions) => new ClosedLoop(options);
    await runUntil(200, run, order(port, { body, bodyAfter }));
    const whole = [...pairs.values()].filter(({ verbs }) => verbs.length > 1);
    expect(whole.length).toBeGreaterThanOrEqual(95);
    // The last one of each connection may have been sent alone.
    expect(pairs.size - whole.length).toBeLessThanOrEqual(5);
    for (const { customerIds, verbs } of whole) {
      expect(verbs).toEqual(['reserveBalance', 'captureReservation']);
      expect(new Set(customerIds).size).toBe(1);
    }
    expect(new Set(whole.map(({ customerIds }) => customerIds[0])).size).toBeGreaterThan(20);
  });

  it('assembles answers that arrive in pieces, however large', async () => {
    const large = `{"fill":"${'x'.repeat(300_000)}","ok":true}`;
    const port = await listen((_request, response) => response.end(large));
    const result = await runUntil(20, (options) => new ClosedLoop(options), order(port));
    expect(result.failures).toBe(0);
  });

  it('distinguishes refusals and failures from successes, and reports a failure', async () => {
    let handled = 0;
    const port = await listen((_request, response) => {
      handled += 1;
      if (handled % 3 === 0) response.end('{"errors":[{"extensions":{"code":"OVERLOADED"}}]}');
      else response.end(handled % 3 === 1 ? '{"ok":true}' : '{"errors":"odd"}');
    });
    const one = order(port, { connections: 1 });
    const result = await runUntil(30, (options) => new ClosedLoop(options), one);
    expect(result.latencies.count).toBeGreaterThanOrEqual(10);
    expect(result.refusals.count).toBeGreaterThanOrEqual(10);
    expect(result.failures).toBeGreaterThanOrEqual(10);
    expect(result.failure).toContain('{"errors":"odd"}');
  });

  it('fails at once if nothing listens, instead of waiting for a connection', async () => {
    const port = await listen(() => undefined);
    close?.();
    const run = runUntil(1, (options) => new ClosedLoop(options), order(port));
    await expect(run).rejects.toThrow('A connection could not be opened');
  });

  it('counts a connection that is lost during a request as a failure', async () => {
    let handled = 0;
    const port = await listen((request, response) => {
      handled += 1;
      if (handled === 5) request.socket.destroy();
      else response.end('{"ok":true}');
    });
    const result = await runUntil(40, (options) => new ClosedLoop(options), order(port));
    expect(result.failures).toBe(1);
    expect(result.failure).toContain('A connection was lost');
  });

  it('opens another connection if the server has closed an idle one', async () => {
    const server = createServer();
    const opened = async (count: number) => {
      for (let left = count; left > 0; left -= 1) await once(server, 'connection');
    };
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    close = () => server.closeAllConnections() ?? server.close();
    const recorder = new Recorder({ operations: 1, refusalsAreFine: true });
    // A rate so low that nothing is ever due.
    const loop = new OpenLoop(
      {
        order: order(portOf(server), { connections: 3 }),
        recorder,
        isWarmingUp: () => false,
        onAnswer: () => undefined,
      },
      1e-6,
    );
    await Promise.all([loop.begin(), opened(3)]);
    const again = opened(3);
    server.closeAllConnections();
    await again;
    await loop.stop();
    expect(recorder.failures).toBe(0);
  });

  it('in an open loop measures from when a request was due, so that waiting is included', async () => {
    // The first request is held until many more have become due on the one connection.
    const held: (() => void)[] = [];
    let handled = 0;
    const port = await listen((_request, response) => {
      handled += 1;
      const respond = () => response.end('{"ok":true}');
      if (handled > 1) respond();
      else held.push(respond);
    });
    const offered = { connections: 1, offeredPerSecond: 1_000 };
    const open = (options: LoopOptions) => {
      const loop = new OpenLoop(options, 1_000);
      const timer = setInterval(() => {
        if (loop.unsent() < 50) return;
        clearInterval(timer);
        held.pop()?.();
      }, 1);
      return loop;
    };
    const result = await runUntil(40, open, order(port, offered));
    // The 20th request was due some 20 ms after the first and answered with it, after 50 ms or more.
    expect(result.latencies.p50Ms).toBeGreaterThan(5);
  });
});
