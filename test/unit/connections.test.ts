/** An inactive connection is closed if its client is the cause or its place is needed, and only then. */
import { EventEmitter } from 'node:events';
import type { Server } from 'node:http';
import { describe, expect, it } from 'vitest';
import { Connections } from '../../src/http/connections.js';

const TIMEOUT_MS = 60_000;
const KEEP_ALIVE_MS = 65_000;

class FakeSocket extends EventEmitter {
  timeout = 0;
  bytesRead = 0;
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
  const connections = new Connections(server as Server, 10);
  const socket = new FakeSocket();
  server.emit('connection', socket);
  const request = () => {
    const state = { writableEnded: false, writableFinished: false, req: { complete: true } };
    const response = Object.assign(new EventEmitter(), state);
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

/** A server for a hundred connections, of which ninety may stay. */
function serveHundred() {
  const server = new EventEmitter();
  new Connections(server as Server, 100);
  const open = (count: number) =>
    Array.from({ length: count }, () => {
      const socket = new FakeSocket();
      server.emit('connection', socket);
      return socket;
    });
  const begin = (socket: FakeSocket) => {
    const response = Object.assign(new EventEmitter(), {
      writableEnded: false,
      writableFinished: false,
      req: { complete: true },
    });
    socket.bytesRead += 100;
    server.emit('request', { socket }, response);
    return () => {
      Object.assign(response, { writableEnded: true, writableFinished: true });
      response.emit('finish');
    };
  };
  const answer = (socket: FakeSocket) => begin(socket)();
  return { server, open, begin, answer };
}

const ended = (sockets: readonly FakeSocket[]) =>
  sockets.filter(({ writableEnded }) => writableEnded);

const close = (sockets: readonly FakeSocket[]) => {
  for (const socket of sockets) socket.emit('close');
};

describe('when nine tenths of the places are taken', () => {
  it('the connections that have been idle the longest are ended, as many as there are too many', () => {
    const { open, answer } = serveHundred();
    const sockets = open(90);
    for (const socket of sockets) answer(socket);
    const [first, second, third] = sockets as [FakeSocket, FakeSocket, FakeSocket];
    answer(first);
    expect(ended(sockets)).toEqual([]);
    sockets.push(...open(2));
    expect(ended(sockets)).toEqual([second, third]);
    close(sockets);
  });

  it('one that has sent nothing yet is ended like any other that is idle', () => {
    const { open } = serveHundred();
    const sockets = open(91);
    expect(ended(sockets)).toEqual([sockets[0]]);
    close(sockets);
  });

  it('none is ended that is being answered, or has sent something since', () => {
    const { open, begin, answer } = serveHundred();
    const busy = open(90);
    const [asking, askingAgain, ...asked] = busy as [FakeSocket, FakeSocket, ...FakeSocket[]];
    // The begin of a first request, and that of another one.
    asking.bytesRead = 5;
    answer(askingAgain);
    askingAgain.bytesRead += 5;
    for (const socket of asked) begin(socket);
    const idle = open(9);
    expect(ended(busy)).toEqual([]);
    expect(ended(idle)).not.toEqual([]);
    close([...busy, ...idle]);
  });

  it('one is ended as soon as it has been answered, without another that is opened', () => {
    const { open, begin } = serveHundred();
    const sockets = open(90);
    for (const socket of sockets) begin(socket);
    sockets.push(...open(1).map((socket) => Object.assign(socket, { bytesRead: 1 })));
    const finishes = sockets.map(begin);
    expect(ended(sockets)).toEqual([]);
    for (const finish of finishes) finish();
    expect(ended(sockets)).toHaveLength(1);
    close(sockets);
  });

  it('one whose request was refused before its body arrived is idle once that has arrived', () => {
    const { server, open } = serveHundred();
    const [refused] = open(1) as [FakeSocket];
    const req = { complete: false };
    const response = Object.assign(new EventEmitter(), { writableFinished: true, req });
    refused.bytesRead = 100;
    server.emit('request', { socket: refused }, response);
    response.emit('finish');
    const busy = open(89).map((socket) => Object.assign(socket, { bytesRead: 5 }));
    busy.push(...open(1));
    Object.assign(busy.at(-1) as FakeSocket, { bytesRead: 5 });
    const look = () => {
      for (let turn = 0; turn < 6; turn += 1) server.emit('drop');
    };
    look();
    expect(refused.writableEnded).toBe(false);
    Object.assign(refused, { bytesRead: 8_000 });
    req.complete = true;
    look();
    look();
    expect(refused.writableEnded).toBe(true);
    expect(ended(busy)).toEqual([]);
    close([refused, ...busy]);
  });

  it('a bounded number is examined at a time', () => {
    const { open } = serveHundred();
    const sockets = open(90);
    let examined = 0;
    for (const socket of sockets) {
      Object.defineProperty(socket, 'bytesRead', {
        get: () => {
          examined += 1;
          return 5;
        },
      });
    }
    sockets.push(...open(1));
    expect(examined).toBe(16);
    close(sockets);
  });

  it('a client that does not notice the end loses its place to one that would find none', () => {
    const { open, begin } = serveHundred();
    const idle = open(8);
    const sockets = open(92);
    expect(ended([...idle, ...sockets])).toHaveLength(10);
    expect(sockets.concat(idle).filter(({ isDestroyed }) => isDestroyed)).toEqual([idle[0]]);
    for (const socket of sockets) begin(socket);
    close([...idle, ...sockets]);
  });
});
