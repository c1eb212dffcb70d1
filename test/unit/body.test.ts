/** Which bodies are refused before they are read, and which by their content. */
import { Buffer } from 'node:buffer';
import { describe, expect, it } from 'vitest';
import { readBody } from '../../src/http/body.js';
import type { Incoming } from '../../src/http/incoming.js';
import { paramsOfBody } from '../../src/http/params.js';

const BYTES_MAX = 100;
const TYPE = { 'content-type': 'application/json' };

/** A request with these headers; `bytes` is its body, or null for one that is too large. */
function request(
  headers: Readonly<Record<string, string>>,
  bytes: Buffer | null = Buffer.from(''),
) {
  let isRead = false;
  const parts: Pick<Incoming, 'header' | 'readBody'> = {
    header: (name) => headers[name],
    readBody: (_bytesMax, then) => {
      isRead = true;
      then.next(bytes);
    },
  };
  return { incoming: parts as Incoming, isRead: () => isRead };
}

const textOf = (incoming: Incoming) =>
  new Promise<string>((next, fail) =>
    readBody(incoming, BYTES_MAX, { next, fail, received: () => true }),
  );

describe('a body', () => {
  it.each([
    [
      'whose length is announced as too large',
      { ...TYPE, 'content-length': `${BYTES_MAX + 1}` },
      /larger/,
    ],
    ['whose length is not a number', { ...TYPE, 'content-length': '1e1' }, /not a number/],
    ['of an unsupported type', { 'content-type': 'text/plain' }, /./],
    ['that is compressed', { ...TYPE, 'content-encoding': 'gzip' }, /./],
  ])('%s is refused unread', async (_what, headers, message) => {
    const { incoming, isRead } = request(headers);
    await expect(textOf(incoming)).rejects.toThrow(message);
    expect(isRead()).toBe(false);
  });

  it('of exactly the maximum size is read', async () => {
    const headers = { ...TYPE, 'content-length': `${BYTES_MAX}` };
    expect(await textOf(request(headers, Buffer.from('{}')).incoming)).toBe('{}');
  });

  it.each([
    ['that turns out to be too large', null, /larger than 100 bytes/],
    ['that is not UTF-8', Buffer.from([0x22, 0xff, 0x22]), /UTF-8/],
    ['that is cut off within a character', Buffer.from([0xe2, 0x82]), /UTF-8/],
  ])('%s is refused', async (_what, bytes, message) => {
    await expect(textOf(request(TYPE, bytes).incoming)).rejects.toThrow(message);
  });

  it.each([
    ['[]', 'Batching is not supported.'],
    ['[{"query":"{a}"}]', 'Batching is not supported.'],
    ['7', 'The body must be a JSON object.'],
    ['null', 'The body must be a JSON object.'],
  ])('%s is refused with a message about what it should be', (text, message) => {
    expect(() => paramsOfBody(request(TYPE).incoming, text)).toThrow(message);
  });
});
