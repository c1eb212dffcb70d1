import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

export interface TrackedExchange {
  readonly socket: Socket;
  readonly response: ServerResponse;
  /** It is over, however it ended; called once. */
  end(): void;
}

interface Connection {
  /** A list, because there is hardly ever more than one, and they end in this order. */
  readonly open: TrackedExchange[];
  /** The answer that is to close the connection. */
  last: ServerResponse | null;
}

/**
 * Knows the exchanges of `node:http` that are not over. Node says nothing about the end of an answer that still waited behind
 * another one of its connection when that was closed, so connections are watched, too.
 */
export class ExchangeTracker {
  readonly #connections = new Map<Socket, Connection>();
  #isClosing = false;

  /** False for a request that must not be carried out, because its connection closes before it could be answered. */
  canAnswer({ socket, response }: TrackedExchange): boolean {
    if (socket.writableEnded || socket.destroyed) return false;
    return !this.#isClosing || closeAfter(this.#connectionOf(socket), response);
  }

  /** Whether an answer that is written now leaves at once, and with it all there is to know about the exchange. */
  isNext({ socket }: TrackedExchange): boolean {
    return !this.#isClosing && (this.#connections.get(socket)?.open.length ?? 0) === 0;
  }

  add(exchange: TrackedExchange): void {
    const { open } = this.#connectionOf(exchange.socket);
    open.push(exchange);
    exchange.response.on('close', () => {
      if (remove(open, exchange)) exchange.end();
    });
  }

  /** From now on, connections are closed after the last answer that is on its way. */
  closeConnections(): void {
    this.#isClosing = true;
    for (const connection of this.#connections.values()) {
      for (const { response } of connection.open) closeAfter(connection, response);
    }
  }

  #connectionOf(socket: Socket): Connection {
    const known = this.#connections.get(socket);
    if (known !== undefined) return known;
    const connection: Connection = { open: [], last: null };
    this.#connections.set(socket, connection);
    socket.on('close', () => {
      this.#connections.delete(socket);
      for (const exchange of connection.open.splice(0)) exchange.end();
    });
    return connection;
  }
}

/** False for one that is not there any more. */
function remove(open: TrackedExchange[], exchange: TrackedExchange): boolean {
  const index = open.indexOf(exchange);
  if (index === 0) open.shift();
  else if (index > 0) open.splice(index, 1);
  return index >= 0;
}

/** Lets this answer close the connection instead of the one before it; false where that has been sent as the last. */
function closeAfter(connection: Connection, response: ServerResponse): boolean {
  const { last } = connection;
  if (last?.headersSent === true) return false;
  if (last !== null) last.shouldKeepAlive = true;
  if (!response.headersSent) {
    response.shouldKeepAlive = false;
    connection.last = response;
  }
  return true;
}
