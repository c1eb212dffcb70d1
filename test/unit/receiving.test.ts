/** Slow bodies occupy nothing but their connection. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Incoming } from '../../src/http/incoming.js';
import { RECEIVING_BYTES_MAX, Receiving } from '../../src/http/receiving.js';

let inFlight: number;
let receiving: Receiving;
let texts: string[];

const MIB = 1024 * 1024;
const SMALL = 16 * 1024;
const SLOW_MS = 250;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'performance'] });
  [inFlight, texts] = [0, []];
  receiving = new Receiving({
    bodyBytesMax: 2 * MIB,
    monotonicMs: () => performance.now(),
    admission: {
      begin: () => {
        inFlight += 1;
      },
      end: () => {
        inFlight -= 1;
      },
    },
  });
});
afterEach(() => {
  vi.useRealTimers();
});

interface Sent {
  /** Its body has arrived, or is too large. */
  readonly arrive: (body?: Buffer | null) => void;
  /** So many of its bytes have been received. Whether more of it is wanted. */
  readonly received: (bytes: number) => boolean;
  /** It has been answered, or its client has disconnected. */
  readonly end: () => void;
}

/** An admitted request. */
function send(projectId: string, length: number | null): Sent {
  const ends: (() => void)[] = [];
  let arrive: Sent['arrive'] = () => undefined;
  let received: Sent['received'] = () => true;
  inFlight += 1;
  const incoming: Incoming = {
    method: 'POST',
    path: '/graphql',
    search: '',
    requestId: 'request-1',
    header: (name) => {
      if (name === 'content-type') return 'application/json';
      return name === 'content-length' && length !== null ? String(length) : undefined;
    },
    readBody: (_bytesMax, { next, ...then }) => {
      received = then.received;
      arrive = (body = Buffer.from('{}')) => next(body);
    },
    onEnd: (callback) => ends.push(callback),
  };
  const end = () => {
    inFlight -= 1;
    for (const callback of ends.splice(0)) callback();
  };
  try {
    receiving.read(incoming, projectId, {
      next: (text) => texts.push(text),
      fail: (error) => texts.push(String(error)),
    });
  } catch (error) {
    end();
    throw error;
  }
  return { arrive, received, end };
}

describe('a place among the requests in flight', () => {
  it('is kept for a body that arrives soon', () => {
    const { arrive, end } = send('p', 2);
    vi.advanceTimersByTime(SLOW_MS - 1);
    expect(inFlight).toBe(1);
    arrive();
    vi.advanceTimersByTime(10 * SLOW_MS);
    expect({ inFlight, texts }).toEqual({ inFlight: 1, texts: ['{}'] });
    end();
    expect(inFlight).toBe(0);
  });

  it('is not occupied by a slow body until it has arrived', () => {
    const many = Array.from({ length: 1_000 }, () => send('p', 2));
    vi.advanceTimersByTime(2 * SLOW_MS);
    expect(inFlight).toBe(0);
    for (const { arrive } of many) arrive();
    expect(inFlight).toBe(1_000);
    expect(texts).toHaveLength(1_000);
    for (const { end } of many) end();
    expect(inFlight).toBe(0);
  });

  it('is freed once by a client that disconnects before its body has arrived', () => {
    const [soon, late] = [send('p', 2), send('p', 2)];
    soon.end();
    vi.advanceTimersByTime(2 * SLOW_MS);
    const other = send('p', 2);
    late.end();
    expect(inFlight).toBe(1);
    other.arrive();
    other.end();
    expect(inFlight).toBe(0);
  });

  it('is freed by each slow body after its own delay', () => {
    send('p', 2);
    vi.advanceTimersByTime(SLOW_MS - 50);
    send('p', 2);
    vi.advanceTimersByTime(60);
    expect(inFlight).toBe(1);
    vi.advanceTimersByTime(SLOW_MS);
    expect(inFlight).toBe(0);
  });
});

describe('memory for bodies', () => {
  const OF_PROJECT = RECEIVING_BYTES_MAX / 2 / (2 * MIB);
  const overloaded = expect.objectContaining({ code: 'OVERLOADED' });
  const fill = (projectId: string) =>
    Array.from({ length: OF_PROJECT }, () => send(projectId, 2 * MIB));

  it('is divided among projects, and is limited for large bodies only', () => {
    const [first] = fill('a');
    expect(() => send('a', SMALL + 1)).toThrow(overloaded);
    expect(() => send('a', SMALL)).not.toThrow();
    expect(() => fill('b')).not.toThrow();
    // A project may always have a sixty-fourth of it.
    for (let body = 0; body < 2; body += 1) expect(() => send('c', 2 * MIB)).not.toThrow();
    expect(() => send('c', SMALL + 1)).toThrow(overloaded);
    first?.arrive();
    expect(() => send('a', 2 * MIB)).toThrow(overloaded);
  });

  it('is taken by a body of undeclared length once it turns out to be large', () => {
    const [first] = fill('a');
    const small = send('a', null);
    expect(small.received(SMALL)).toBe(true);
    small.arrive();
    expect(texts).toEqual(['{}']);
    const large = send('a', null);
    expect(large.received(SMALL)).toBe(true);
    expect(large.received(SMALL + 1)).toBe(false);
    expect(texts[1]).toMatch(/UnavailableError: The gateway has more calls waiting/);
    first?.arrive();
    const next = send('a', null);
    expect(next.received(SMALL + 1)).toBe(true);
    expect(next.received(2 * MIB)).toBe(true);
    expect(() => send('a', 2 * MIB)).toThrow(overloaded);
    next.end();
    expect(next.received(2 * MIB)).toBe(false);
    expect(() => send('a', 2 * MIB)).not.toThrow();
  });

  it('is freed once bodies have arrived, are refused, or their clients have disconnected', () => {
    for (let time = 0; time < 3; time += 1) {
      const many = fill('a');
      for (const [n, { arrive, end }] of many.entries()) {
        if (n % 3 === 0) arrive();
        if (n % 3 === 1) arrive(null);
        end();
      }
    }
    expect(inFlight).toBe(0);
    expect(() => fill('a')).not.toThrow();
  });
});
