/** Of a text that is too long, rules examine no more than its beginning: a list may have a thousand of them. */
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { decodeGlobalId } from '../../src/schema/global-id.js';
import * as rules from '../../src/schema/input/rules.js';

const LONG = 1_900_000;
const EXAMINED_MAX = 65_536;

/** The longest text that anything has gone through. */
let longest: number;

beforeEach(() => {
  longest = 0;
  const look = (text: unknown) => {
    longest = Math.max(longest, String(text).length);
  };
  const { exec } = RegExp.prototype;
  vi.spyOn(RegExp.prototype, 'exec').mockImplementation(function (this: RegExp, text) {
    look(text);
    return exec.call(this, text);
  });
  const { from, byteLength } = Buffer;
  vi.spyOn(Buffer, 'from').mockImplementation(((text: string, encoding: BufferEncoding) => {
    look(text);
    return Reflect.apply(from, Buffer, [text, encoding]);
  }) as typeof Buffer.from);
  vi.spyOn(Buffer, 'byteLength').mockImplementation((text) => {
    look(text);
    return byteLength.call(Buffer, text);
  });
  const iterate = String.prototype[Symbol.iterator];
  vi.spyOn(String.prototype, Symbol.iterator).mockImplementation(function (this: string) {
    look(this);
    return iterate.call(this);
  });
});
afterEach(() => {
  vi.restoreAllMocks();
});

const x = 'x'.repeat(LONG);

it.each([
  ['an id', rules.id, x],
  ['an event name', rules.eventName, x],
  ['event names', rules.eventNames, [x]],
  ['a display name', rules.name, x],
  ['an e-mail address', rules.email, `a@${x}`],
  ['an idempotency key', rules.idempotencyKey, x],
  ['an instant', rules.instant, `2026-01-31T10:15:30.${'1'.repeat(LONG)}Z`],
  ['a time zone', rules.timeZone, x],
  ['properties', rules.properties, { a: x }],
  ['a key of properties', rules.properties, { [x]: 1 }],
  ['metadata', rules.metadata, { a: [x] }],
])('%s', (_what, { schema }, value) => {
  const { success } = schema.safeParse(value);
  expect(success).toBe(false);
  expect(longest).toBeLessThanOrEqual(EXAMINED_MAX);
});

it('a global id', () => {
  expect(() => decodeGlobalId(x)).toThrow();
  expect(longest).toBeLessThanOrEqual(EXAMINED_MAX);
});
