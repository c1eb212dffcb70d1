/**
 * How connections end when a server shuts down, or when others need their places: never by a reset, whatever their
 * clients have sent or are sending.
 */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { Reply } from '../../src/http/incoming.js';
import { type Listener, listen } from '../../src/http/listener.js';
import { createNodeAdapter } from '../../src/http/node-adapter.js';
import { createLogger } from '../../src/platform/logger.js';

const HEAD = 'POST / HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n';
const CALL = `${HEAD}Content-Length: 4\r\n\r\nbody`;

/** More than what the kernel keeps for a connection, so that a client has to be read to the end. */
const LARGE = 8_000_000;

const LONGER_THAN_A_TEST_MS = 600_000;

let listener: Listener | undefined;
afterEach(() => listener?.close());

type Answer = (text: string) => void;

/** A server that counts the calls that it carries out, and answers them at once. */
async function serve(
  onCall: (answer: Answer) => void = (answer) => answer('x'),
  connectionsMax = 10_000,
) {
  let carriedOut = 0;
  const { handle, closeConnections } = createNodeAdapter({
    pipeline: {
      admit: () => null,
      serves: () => true,
      answer: (incoming, { next, fail }) => {
        carriedOut += 1;
        const reply = (body: string): Reply => ({
          status: 200,
          headers: { 'Content-Length': String(body.length) },
          body,
        });
        const read = () => onCall((text) => next(reply(text)));
        incoming.readBody(LARGE, { next: read, fail, received: () => true });
      },
    },
    others: () => undefined,
    logger: createLogger({ level: 'silent', readable: false }),
  });
  listener = await listen({
    handle,
    host: '127.0.0.1',
    port: 0,
    announceMs: LONGER_THAN_A_TEST_MS,
    drainTimeoutMs: LONGER_THAN_A_TEST_MS,
    connectionsMax,
  });
  const { origin, disconnected } = listener;
  const leave = () => {
    closeConnections();
    return disconnected();
  };
  return { origin, leave, carriedOut: () => carriedOut };
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
    ['a call with a large body', `${HEAD}Content-Length: ${LARGE}\r\n\r\n${'x'.repeat(LARGE)}`],
  ])(
    'ends without a reset if its client sends %s meanwhile, which is not carried out',
    async (_what, sent) => {
      const { origin, leave, carriedOut } = await serve();
      const client = await peer(origin);
      await answered(client);
      const gone = leave();
      await once(client.socket, 'end');
      if (sent !== '') client.socket.write(sent);
      client.socket.end();
      expect(await client.ended).toBeNull();
      await gone;
      expect(carriedOut()).toBe(1);
    },
  );

  it('does not stay if its client never ends it', { timeout: 60_000 }, async () => {
    const { origin, leave } = await serve();
    const client = await peer(origin);
    await answered(client);
    await leave();
    client.socket.destroy();
  });
});

it('a client that has sent more than is answered gets the last answer, and no reset', async () => {
  const calls: Answer[] = [];
  const { origin, leave, carriedOut } = await serve((answer) => calls.push(answer));
  const client = await peer(origin);
  client.socket.write(CALL);
  await expect.poll(() => calls.length).toBe(1);
  const gone = leave();
  calls.pop()?.('the last answer');
  client.socket.write(`${HEAD}Content-Length: ${LARGE}\r\n\r\n`);
  client.socket.end('x'.repeat(LARGE));
  expect(await client.ended).toBeNull();
  expect(client.text()).toContain('the last answer');
  await gone;
  expect(carriedOut()).toBe(1);
});

describe('with places for ten connections', () => {
  const PLACES = 10;

  it('clients that are idle make room, the longest idle first, and none that waits for an answer', async () => {
    const waiting: Answer[] = [];
    let isSlow = true;
    const { origin } = await serve((answer) => {
      if (isSlow) waiting.push(answer);
      else answer('x');
    }, PLACES);
    const busy = await peer(origin);
    busy.socket.write(CALL);
    await expect.poll(() => waiting.length).toBe(1);
    isSlow = false;
    const asking = await peer(origin);
    await answered(asking);
    asking.socket.write(CALL.slice(0, 30));
    const idle: Peer[] = [];
    const endedOnes: Peer[] = [];
    for (let count = 0; count < 30; count += 1) {
      const client = await peer(origin);
      client.socket.on('end', () => {
        endedOnes.push(client);
        client.socket.end();
      });
      await answered(client);
      idle.push(client);
      // Until it has happened, the next one would be a matter of speed.
      await expect.poll(() => endedOnes.length).toBe(Math.max(0, idle.length - 7));
    }
    expect(endedOnes).toEqual(idle.slice(0, -7));
    expect(await Promise.all(endedOnes.map(({ ended }) => ended))).toEqual(
      endedOnes.map(() => null),
    );
    waiting.pop()?.('at last');
    await expect.poll(() => busy.text()).toContain('at last');
    asking.socket.write(CALL.slice(30));
    await expect.poll(() => asking.text().split('HTTP/1.1 200').length - 1).toBe(2);
    for (const { socket } of [busy, asking, ...idle]) socket.destroy();
  });

  it('a call that crosses the end of its connection is not carried out', async () => {
    const { origin, carriedOut } = await serve(undefined, PLACES);
    const clients: Peer[] = [];
    for (let count = 0; count < PLACES; count += 1) clients.push(await peer(origin));
    const [first] = clients;
    await once(first?.socket as Socket, 'end');
    first?.socket.end(CALL);
    expect(await first?.ended).toBeNull();
    expect(carriedOut()).toBe(0);
    for (const { socket } of clients) socket.destroy();
  });

  it('clients that do not notice the end make room as well', async () => {
    const { origin } = await serve(undefined, PLACES);
    const clients: Peer[] = [];
    for (let count = 0; count < 3 * PLACES; count += 1) {
      const client = await peer(origin);
      await answered(client);
      clients.push(client);
    }
    for (const { socket } of clients) socket.destroy();
  });
});
