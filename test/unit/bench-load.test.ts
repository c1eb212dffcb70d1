import { createServer, type RequestListener } from 'node:http';
import * as fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { chooser } from '../bench/load/choose.js';
import { ClosedLoop, type LoopOptions, OpenLoop } from '../bench/load/loop.js';
import { Recorder } from '../bench/load/recorder.js';
import { requestBytes, writeDigits } from '../bench/load/request-pattern.js';
import { type Expected, verdictOn } from '../bench/load/response.js';
import type { LoadOrder } from '../bench/protocol.js';
import { track, trackBatch, trackWithKey } from '../bench/requests.js';
import { always } from '../support/always.js';

const SECRET = 'tg_sk_secret';

interface Sent {
  readonly query: string;
  readonly variables: { readonly input: Record<string, unknown>; readonly inputs: object[] };
}

const bodyOf = (bytes: Buffer): Sent => {
  const text = bytes.toString();
  const body = text.slice(text.indexOf('\r\n\r\n') + 4);
  const [, length] = /Content-Length: (\d+)/.exec(text) ?? [];
  expect(Number(length)).toBe(Buffer.byteLength(body));
  return JSON.parse(body);
};

describe('a request', () => {
  it('is valid whatever customer and key are written over its slots', async () => {
    const { body } = trackWithKey('plain', { featureId: 'api_calls' });
    const numbers = fc.tuple(
      fc.integer({ min: 0, max: 9_999_999 }),
      fc.integer({ min: 0, max: 9_999_999_999 }),
    );
    await always(200, numbers, ([customer, key]) => {
      const { bytes, customerSlots, keySlots } = requestBytes({ secret: SECRET, body });
      for (const slot of customerSlots) writeDigits(bytes, slot, 7, customer);
      for (const slot of keySlots) writeDigits(bytes, slot, 10, key);
      expect(bodyOf(bytes).variables.input).toMatchObject({
        customerId: `plain-${String(customer).padStart(7, '0')}`,
        idempotencyKey: `request-${String(key).padStart(10, '0')}`,
      });
    });
  });

  it('of a batch has a slot for each of its items', () => {
    const { body } = trackBatch('plain', { featureId: 'api_calls' }, 1_000);
    expect(requestBytes({ secret: SECRET, body }).customerSlots).toHaveLength(1_000);
  });
});

describe('whom requests are about', () => {
  const { body } = trackWithKey('plain', { featureId: 'api_calls' });
  const range = { count: 12, stride: 3 } as const;

  /** The customers of so many requests on each of four connections. */
  const chosen = (routing: LoadOrder['routing'], warmingUp: boolean, count: number) => {
    const choose = chooser(
      { customers: range, ports: [1, 2], routing, keyStart: 7 },
      () => warmingUp,
    );
    const request = requestBytes({ secret: SECRET, body });
    return Array.from({ length: count }, (_, index) => {
      choose(request, index % 4);
      const { input } = bodyOf(request.bytes).variables;
      return {
        connection: index % 4,
        customer: Number(String(input['customerId']).slice(-7)),
        key: String(input['idempotencyKey']),
      };
    });
  };

  it('is everybody once before anybody twice, while warming up', () => {
    const all = Array.from({ length: range.count }, (_, index) => index * range.stride);
    for (const routing of ['ANY', 'OWN'] as const) {
      const customers = chosen(routing, true, range.count).map(({ customer }) => customer);
      expect(customers.toSorted((a, b) => a - b)).toEqual(all);
    }
  });

  it('is only customers of the range afterwards', () => {
    for (const { customer } of chosen('ANY', false, 500)) {
      expect(customer % range.stride).toBe(0);
      expect(customer).toBeLessThan(range.count * range.stride);
    }
  });

  it('is always the same gateway for one customer, where gateways have their own', () => {
    const gatewayOf = new Map<number, number>();
    for (const { connection, customer } of chosen('OWN', false, 500)) {
      const gateway = connection % 2;
      expect(gatewayOf.get(customer) ?? gateway).toBe(gateway);
      gatewayOf.set(customer, gateway);
    }
  });

  it('is never twice under one key', () => {
    expect(new Set(chosen('ANY', false, 500).map(({ key }) => key)).size).toBe(500);
  });
});

const EXPECTED: Expected = { success: Buffer.from('"ok":true'), successes: 1 };

const answer = (status: string, body: string) =>
  `HTTP/1.1 ${status}\r\nDate: today\r\ncontent-Length: ${Buffer.byteLength(body)}\r\nX: y\r\n\r\n${body}`;

const verdict = (text: string, expected = EXPECTED) => {
  const bytes = Buffer.from(text);
  return verdictOn(bytes, bytes.length, expected);
};

describe('an answer', () => {
  it('is complete with its last byte and not before, wherever it is cut', () => {
    const whole = answer('200 OK', '{"data":{"ok":true}}');
    for (let length = 0; length < whole.length; length += 1) {
      expect(verdict(whole.slice(0, length))).toBe('INCOMPLETE');
    }
    expect(verdict(whole)).toBe('SUCCESS');
  });

  it('in chunks is complete with the last chunk', () => {
    const whole =
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nb\r\n{"ok":true}\r\n0\r\n\r\n';
    expect(verdict(whole.slice(0, -5))).toBe('INCOMPLETE');
    expect(verdict(whole)).toBe('SUCCESS');
  });

  it('is good with as many successes as were asked for, neither less nor more', () => {
    const three = { ...EXPECTED, successes: 3 };
    const body = (count: number) => answer('200 OK', `[${'{"ok":true}'.repeat(count)}]`);
    expect([2, 3, 4].map((count) => verdict(body(count), three))).toEqual([
      'FAILED',
      'SUCCESS',
      'FAILED',
    ]);
  });

  it('is no good under another status, whatever it holds', () => {
    expect(verdict(answer('500 Oops', '{"ok":true}'))).toBe('FAILED');
  });

  it('that says OVERLOADED is a refusal, by any status', () => {
    const body = '{"errors":[{"extensions":{"code":"OVERLOADED"}}]}';
    expect(verdict(answer('200 OK', body))).toBe('REFUSED');
    expect(verdict(answer('503 Service Unavailable', body))).toBe('REFUSED');
  });
});

describe('the load', () => {
  let close: (() => void) | undefined;
  afterEach(() => close?.());

  const listen = async (handle: RequestListener) => {
    const server = createServer((request, response) => {
      request.resume().on('end', () => handle(request, response));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    close = () => server.closeAllConnections() ?? server.close();
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
    ...track('plain', { featureId: 'api_calls' }),
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

  /** Runs a loop until there have been so many answers, and then stops it. */
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

  it('has one request under way on each connection, and counts every answer', async () => {
    let [handled, underWay, most] = [0, 0, 0];
    const port = await listen((_request, response) => {
      handled += 1;
      underWay += 1;
      most = Math.max(most, underWay);
      setImmediate(() => {
        underWay -= 1;
        response.end('{"ok":true}');
      });
    });
    const result = await runUntil(500, (options) => new ClosedLoop(options), order(port));
    expect(most).toBeLessThanOrEqual(5);
    expect(result).toMatchObject({ operations: handled, failures: 0 });
    expect(handled).toBeGreaterThanOrEqual(500);
  });

  it('gathers answers that come in pieces, however large', async () => {
    const large = `{"fill":"${'x'.repeat(300_000)}","ok":true}`;
    const port = await listen((_request, response) => response.end(large));
    const result = await runUntil(20, (options) => new ClosedLoop(options), order(port));
    expect(result.failures).toBe(0);
  });

  it('tells refusals and failures apart from successes, and shows a failure', async () => {
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

  it('in an open loop counts from when a request was due, so that waiting is not forgotten', async () => {
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
    // The 20th was due some 20 ms after the first and answered when that was, at 50 ms or later.
    expect(result.latencies.p50Ms).toBeGreaterThan(5);
  });
});
