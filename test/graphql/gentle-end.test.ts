/** How connections end when a server shuts down: never by a reset, whatever their clients have sent or are sending. */
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { connect, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { ExchangeTracker } from '../../src/http/exchange-tracker.js';
import { type Listener, listen } from '../../src/http/listener.js';

const CALL = 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nbody';

/** More than what the kernel keeps for a connection, so that a client has to be read to the end. */
const LARGE = 8_000_000;

let listener: Listener | undefined;
afterEach(() => listener?.close());

/** A server that counts the calls that it carries out, and answers them at once. */
async function serve(answer: (response: ServerResponse) => void = (response) => response.end('x')) {
  const exchanges = new ExchangeTracker();
  let carriedOut = 0;
  listener = await listen({
    handle: (request, response) => {
      request.resume();
      const { socket } = request;
      if (!exchanges.canAnswer({ socket, response, end: () => undefined })) return;
      carriedOut += 1;
      answer(response);
    },
    host: '127.0.0.1',
    port: 0,
    announceMs: 60_000,
    drainTimeoutMs: 60_000,
  });
  return { ...listener, exchanges, carriedOut: () => carriedOut };
}

interface Peer {
  readonly socket: Socket;
  readonly text: () => string;
  /** How the connection has ended for it: null without an error. */
  readonly ended: Promise<string | null>;
}

/** A client that goes on sending after the server has closed its direction, as one does whose call crosses the end. */
async function peer(origin: string): Promise<Peer> {
  const { hostname, port } = new URL(origin);
  const socket = connect({ port: Number(port), host: hostname, allowHalfOpen: true });
  let text = '';
  let failure: string | null = null;
  socket.setEncoding('latin1').on('data', (part) => {
    text += part;
  });
  socket.on('error', (error) => {
    failure = 'code' in error ? String(error.code) : error.message;
  });
  const ended = new Promise<string | null>((resolve) => {
    socket.on('close', () => resolve(failure));
  });
  await once(socket, 'connect');
  return { socket, text: () => text, ended };
}

async function answered(client: Peer, times = 1): Promise<void> {
  client.socket.write(CALL);
  await expect.poll(() => client.text().split('HTTP/1.1 200').length - 1).toBe(times);
}

describe('a kept connection that is idle', () => {
  it.each([
    ['nothing', ''],
    ['a call', CALL],
    ['the begin of a call', CALL.slice(0, 30)],
    [
      'a call with a large body',
      `POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${LARGE}\r\n\r\n${'x'.repeat(LARGE)}`,
    ],
  ])(
    'ends without a reset if its client sends %s meanwhile, which is not carried out',
    async (_what, sent) => {
      const { origin, disconnected, carriedOut } = await serve();
      const client = await peer(origin);
      await answered(client);
      const gone = disconnected();
      await once(client.socket, 'end');
      if (sent !== '') client.socket.write(sent);
      client.socket.end();
      expect(await client.ended).toBeNull();
      await gone;
      expect(carriedOut()).toBe(1);
    },
  );

  it('does not stay if its client never ends it', async () => {
    const { origin, disconnected } = await serve();
    const client = await peer(origin);
    await answered(client);
    await disconnected();
    client.socket.destroy();
  });
});

it('a client that has sent more than is answered gets the last answer, and no reset', async () => {
  const responses: ServerResponse[] = [];
  const { origin, disconnected, exchanges, carriedOut } = await serve((response) =>
    responses.push(response),
  );
  const client = await peer(origin);
  client.socket.write(CALL);
  await expect.poll(() => responses.length).toBe(1);
  exchanges.closeConnections();
  const gone = disconnected();
  const [response] = responses;
  if (response !== undefined) response.shouldKeepAlive = false;
  response?.end('the last answer');
  client.socket.write(`POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${LARGE}\r\n\r\n`);
  client.socket.end('x'.repeat(LARGE));
  expect(await client.ended).toBeNull();
  expect(client.text()).toContain('the last answer');
  await gone;
  expect(carriedOut()).toBe(1);
});
