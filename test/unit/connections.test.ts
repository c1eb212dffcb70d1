/** An inactive connection is closed if its client is the cause, and only then. */
import { EventEmitter } from 'node:events';
import type { Server } from 'node:http';
import { expect, it } from 'vitest';
import { Connections } from '../../src/http/connections.js';

const TIMEOUT_MS = 60_000;
const KEEP_ALIVE_MS = 65_000;

class FakeSocket extends EventEmitter {
  timeout = 0;
  isDestroyed = false;
  writableEnded = false;

  setTimeout(timeoutMs: number): void {
    this.timeout = timeoutMs;
  }

  destroy(): void {
    this.isDestroyed = true;
  }

  end(): void {
    this.writableEnded = true;
  }
}

function connect() {
  const server = new EventEmitter();
  const connections = new Connections(server as Server);
  const socket = new FakeSocket();
  server.emit('connection', socket);
  const request = () => {
    const response = { writableEnded: false, writableFinished: false };
    server.emit('request', { socket }, response);
    return response;
  };
  const expire = () => {
    server.emit('timeout', socket);
    return socket.isDestroyed;
  };
  return { connections, socket, request, expire };
}

it('a connection without a request is limited, and closed when its time is over', () => {
  const { connections, socket, expire } = connect();
  connections.limitStuck(TIMEOUT_MS);
  expect(socket.timeout).toBe(TIMEOUT_MS);
  expect(expire()).toBe(true);
});

it('a connection that waits for its answer is neither limited nor closed by an earlier limit', () => {
  const { connections, socket, request, expire } = connect();
  request();
  connections.limitStuck(TIMEOUT_MS);
  expect(socket.timeout).toBe(0);
  expect(expire()).toBe(false);
});

it('a connection whose client does not read its answer is limited once, and closed', () => {
  const { connections, socket, request, expire } = connect();
  request().writableEnded = true;
  connections.limitStuck(TIMEOUT_MS);
  expect(socket.timeout).toBe(TIMEOUT_MS);
  // Setting it again would extend the time.
  socket.setTimeout = () => expect.unreachable();
  connections.limitStuck(TIMEOUT_MS);
  expect(expire()).toBe(true);
});

it('a connection whose answer has been read keeps the timeout of Node between requests', () => {
  const { connections, socket, request, expire } = connect();
  Object.assign(request(), { writableEnded: true, writableFinished: true });
  socket.setTimeout(KEEP_ALIVE_MS);
  connections.limitStuck(TIMEOUT_MS);
  expect(socket.timeout).toBe(KEEP_ALIVE_MS);
  // It is ended in two steps: its client may be sending something.
  expect(expire()).toBe(false);
  expect(socket.writableEnded).toBe(true);
  socket.emit('close');
});
