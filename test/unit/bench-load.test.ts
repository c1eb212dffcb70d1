import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ANY_ENTITY_ID, API_CALLS } from '../bench/fill/families.js';
import { chooser } from '../bench/load/choose.js';
import { requestBytes, writeDigits } from '../bench/load/request-pattern.js';
import { type Expected, verdictOn } from '../bench/load/response.js';
import type { LoadOrder } from '../bench/protocol.js';
import { checkMany, track, trackBatch, trackWithKey } from '../bench/requests.js';
import { always } from '../support/random/always.js';

const SECRET = 'tg_sk_secret';

interface Sent {
  readonly query: string;
  readonly variables: { readonly input: Record<string, unknown>; readonly inputs: object[] };
}

const bodyOf = (bytes: Buffer): Sent => {
  const text = bytes.toString();
  const body = text.slice(text.indexOf('\r\n\r\n') + 4);
  const [, length] = /content-length: (\d+)/.exec(text) ?? [];
  expect(Number(length)).toBe(Buffer.byteLength(body));
  return JSON.parse(body);
};

describe('a request', () => {
  it('is valid whatever customer and key are written into its slots', async () => {
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

it('of a request that checks several features, a customer is the same for all of them', () => {
  const { body } = checkMany('wide', ['a', 'b', 'c'], 4);
  const request = requestBytes({ secret: SECRET, body });
  const customers = { count: 10_000, stride: 1 };
  chooser({ customers, ports: [1], routing: 'OWN', keyStart: 1 }, () => true)(request, 0);
  expect(bodyOf(request.bytes).variables.inputs).toEqual(
    [0, 1, 2, 3].flatMap((customer) =>
      ['a', 'b', 'c'].map((featureId) => ({ customerId: `wide-000000${customer}`, featureId })),
    ),
  );
});

describe('the customer of a request', () => {
  const { body } = trackWithKey('plain', { featureId: 'api_calls' });
  const range = { count: 12, stride: 3 } as const;

  /** The customers of this many requests on four connections. */
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

  it('is each customer once before any customer twice during the warm-up', () => {
    const all = Array.from({ length: range.count }, (_, index) => index * range.stride);
    for (const routing of ['ANY', 'OWN'] as const) {
      const customers = chosen(routing, true, range.count).map(({ customer }) => customer);
      expect(customers.toSorted((a, b) => a - b)).toEqual(all);
    }
  });

  it('is always in the range afterwards', () => {
    for (const { customer } of chosen('ANY', false, 500)) {
      expect(customer % range.stride).toBe(0);
      expect(customer).toBeLessThan(range.count * range.stride);
    }
  });

  it('comes with each of its ten entities in the warm-up, and with any later', () => {
    const { body } = track('team', { featureId: API_CALLS, entityId: ANY_ENTITY_ID });
    const request = requestBytes({ secret: SECRET, body });
    for (const [isWarmingUp, requests] of [
      [true, 120],
      [false, 5_000],
    ] as const) {
      const options = { customers: range, ports: [1], routing: 'ANY', keyStart: 0 } as const;
      const choose = chooser(options, () => isWarmingUp);
      const seen = Array.from({ length: requests }, () => {
        choose(request, 0);
        const { customerId, entityId } = bodyOf(request.bytes).variables.input;
        return `${customerId} ${entityId}`;
      });
      expect(new Set(seen).size).toBe(120);
    }
  });

  it('is always sent to the same gateway if each gateway has its own customers', () => {
    const gatewayOf = new Map<number, number>();
    for (const { connection, customer } of chosen('OWN', false, 500)) {
      const gateway = connection % 2;
      expect(gatewayOf.get(customer) ?? gateway).toBe(gateway);
      gatewayOf.set(customer, gateway);
    }
  });

  it('is never used twice with the same key', () => {
    expect(new Set(chosen('ANY', false, 500).map(({ key }) => key)).size).toBe(500);
  });
});

const EXPECTED: Expected = { status: 200, success: Buffer.from('"ok":true'), successes: 1 };

const answer = (status: string, body: string) =>
  `HTTP/1.1 ${status}\r\nDate: today\r\ncontent-Length: ${Buffer.byteLength(body)}\r\nX: y\r\n\r\n${body}`;

const verdict = (text: string, expected = EXPECTED) => {
  const bytes = Buffer.from(text);
  return verdictOn(bytes, bytes.length, expected);
};

describe('an answer', () => {
  it('is complete with its last byte and not before', () => {
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

  it('is a success with exactly as many successes as were requested', () => {
    const three = { ...EXPECTED, successes: 3 };
    const body = (count: number) => answer('200 OK', `[${'{"ok":true}'.repeat(count)}]`);
    expect([2, 3, 4].map((count) => verdict(body(count), three))).toEqual([
      'FAILED',
      'SUCCESS',
      'FAILED',
    ]);
  });

  it('is a failure with another status, whatever it contains', () => {
    expect(verdict(answer('500 Oops', '{"ok":true}'))).toBe('FAILED');
  });

  it('is a success with the expected status and no other', () => {
    const refused = { ...EXPECTED, status: 400 };
    expect(verdict(answer('400 Bad Request', '{"ok":true}'), refused)).toBe('SUCCESS');
    expect(verdict(answer('200 OK', '{"ok":true}'), refused)).toBe('FAILED');
    expect(verdict(answer('400 Bad Request', '{}'), refused)).toBe('FAILED');
  });

  it('that contains OVERLOADED is a refusal with any status', () => {
    const body = '{"errors":[{"extensions":{"code":"OVERLOADED"}}]}';
    expect(verdict(answer('200 OK', body))).toBe('REFUSED');
    expect(verdict(answer('503 Service Unavailable', body))).toBe('REFUSED');
  });
});
