/** An unreadable request does not cost the requests before it on its connection their answers. */
import type { ServerResponse } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Listener, listen } from '../../src/http/listener.js';
import { openRaw, type RawConnection, rawPost } from '../support/client/raw-http.js';

let listener: Listener;
let waiting: ServerResponse[];
let client: RawConnection;

beforeEach(async () => {
  waiting = [];
  listener = await listen({
    handle: (request, response) => {
      request.resume();
      waiting.push(response);
    },
    host: '127.0.0.1',
    port: 0,
    drainTimeoutMs: 5_000,
  });
  client = openRaw(listener.origin);
});
afterEach(async () => {
  client.socket.destroy();
  await listener.close();
});

const REQUEST = rawPost('{}', {});
const UNREADABLE = {
  'no request at all': 'garbage\r\n\r\n',
  'a request after one that closes': REQUEST,
  'a head with two lengths': rawPost('{}', { 'content-length': '3' }),
  'a body with a bad chunk': rawPost('zz\r\n', { 'Transfer-Encoding': 'chunked' }).replace(
    /Content-Length: \d+\r\n/,
    '',
  ),
  'a head that is too large': rawPost('{}', { 'X-Large': 'x'.repeat(20_000) }),
};

const statuses = (received: string) => received.match(/HTTP\/1\.1 \d+/g);
const arrived = (count: number) => expect.poll(() => waiting.length).toBeGreaterThanOrEqual(count);

function answer(): void {
  for (const [index, response] of waiting.entries()) response.end(`answer ${index}`);
}

describe.each(Object.entries(UNREADABLE))('%s', (what, bytes) => {
  const first = what.includes('closes') ? rawPost('{}', { Connection: 'close' }) : REQUEST;

  it.each([1, 2, 3])('after %i unanswered requests leaves their answers intact', async (count) => {
    client.write(REQUEST.repeat(count - 1) + first + bytes);
    await arrived(count);
    answer();
    const received = await client.closed();
    expect(statuses(received)?.slice(0, count)).toEqual(Array(count).fill('HTTP/1.1 200'));
    for (let index = 0; index < count; index += 1) expect(received).toContain(`answer ${index}`);
  });

  it('after an answered request closes the connection', async () => {
    client.write(first);
    await arrived(1);
    answer();
    await client.received(/answer 0/);
    if (!what.includes('closes')) client.write(bytes);
    expect(statuses(await client.closed())?.[0]).toBe('HTTP/1.1 200');
  });
});

it.each([
  ['no request at all', /^HTTP\/1\.1 400 /],
  ['a head with two lengths', /^HTTP\/1\.1 400 /],
  ['a body with a bad chunk', /^HTTP\/1\.1 400 /],
  ['a head that is too large', /^HTTP\/1\.1 431 /],
] as const)('%s is refused as the first request', async (what, refusal) => {
  client.write(UNREADABLE[what]);
  expect(await client.closed()).toMatch(refusal);
});
