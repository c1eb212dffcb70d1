import type { Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { monotonicMs } from '../platform/clock.js';

/** A client that has been silent for this long has no request on its way. */
const SILENT_MS = 1_000;

/** How long a client may take to end a connection that has been ended here. */
const LINGER_MS = 2_000;

/** Clients that arrive faster than they can be accepted must not keep a port open forever. */
const ACCEPTING_MS_MAX = 500;

interface Connection {
  /** The answer that was begun last; those before it have been sent. */
  response: ServerResponse | null;
  /** The one before it, unless that had been sent: the client has sent its next request already. */
  previous: ServerResponse | null;
  /** All bytes of both directions, null before the first look, and since when there were no others. */
  bytes: number | null;
  silentSince: number;
}

/**
 * The connections of a server, to close those that are idle. Node's own `closeIdleConnections` also closes those with a request
 * on its way: its client sees a reset, and does not know whether anything was done.
 */
export class Connections {
  readonly #open = new Map<Socket, Connection>();
  #accepted = 0;
  #isLeaving = false;

  constructor(server: Server) {
    server.on('connection', (socket) => {
      this.#accepted += 1;
      this.#open.set(socket, {
        response: null,
        previous: null,
        bytes: null,
        silentSince: monotonicMs(),
      });
      socket.on('close', () => this.#open.delete(socket));
      if (this.#isLeaving) endGently(socket);
    });
    // Without a listener, Node would also close connections that wait for a slow answer.
    server.on('timeout', (socket) => {
      const connection = this.#open.get(socket);
      if (connection?.response?.writableFinished === true) endInSteps(socket);
      else if (connection === undefined || waitsForClient(connection)) socket.destroy();
    });
    server.on('request', ({ socket }, response) => {
      const connection = this.#open.get(socket);
      if (connection === undefined) return;
      connection.previous = isUnsent(connection.response) ? connection.response : null;
      connection.response = response;
    });
    // Without a listener, Node would write a 400 at once, in place of an answer that the client still waits for.
    server.on('clientError', (error, socket) => this.#endAfterAnswers(error, socket as Socket));
  }

  /** Closes a connection on which no further request can be read, once those before have been answered. */
  #endAfterAnswers(error: NodeJS.ErrnoException, socket: Socket): void {
    const { response = null, previous = null } = this.#open.get(socket) ?? {};
    const last = response?.req.complete ? response : previous;
    if (socket.writable && isUnsent(last)) {
      if (last.headersSent) socket.end();
      else last.shouldKeepAlive = false;
      return;
    }
    const isAnswered = isUnsent(response) && response.headersSent;
    if (socket.writable && !isAnswered) {
      const status = REFUSALS[error.code ?? ''] ?? '400 Bad Request';
      socket.write(`HTTP/1.1 ${status}\r\nConnection: close\r\n\r\n`);
    }
    socket.destroy();
  }

  /**
   * Closes connections that wait for their client once nothing has moved for that long. Not with the timeout of Node's server, which
   * resets timers with every packet of every connection.
   */
  limitStuck(timeoutMs: number): void {
    for (const [socket, connection] of this.#open) {
      // Between requests, Node does this.
      const isIdle = connection.response?.writableFinished ?? false;
      if (isIdle || !waitsForClient(connection)) continue;
      if (socket.timeout !== timeoutMs) socket.setTimeout(timeoutMs);
    }
  }

  /** From now on, answers that close their connections do so without a reset. */
  leave(): void {
    this.#isLeaving = true;
    for (const socket of this.#open.keys()) endGently(socket);
  }

  count(): number {
    return this.#open.size;
  }

  /**
   * Resolves in a turn of the event loop in which there was no connection to accept. The system resets those that
   * wait when a port is closed, and one turn accepts one of them.
   */
  noneWaits(timeoutMs: number): Promise<void> {
    const until = monotonicMs() + Math.min(timeoutMs, ACCEPTING_MS_MAX);
    return new Promise((resolve) => {
      let before = -1;
      const look = () => {
        if (this.#accepted === before || monotonicMs() >= until) resolve();
        else setImmediate(look);
        before = this.#accepted;
      };
      look();
    });
  }

  /** Closes what has been silent since it was first asked to, for as long as that tells something, or for a shorter time. */
  closeSilent(silentMsMax: number): void {
    const now = monotonicMs();
    for (const [socket, connection] of this.#open) {
      const bytes = socket.bytesRead + socket.bytesWritten;
      const isBusy = connection.response !== null && !connection.response.writableFinished;
      if (isBusy || bytes !== connection.bytes) {
        connection.bytes = bytes;
        connection.silentSince = now;
      }
      if (!isBusy && now - connection.silentSince >= Math.min(SILENT_MS, silentMsMax)) {
        endInSteps(socket);
      }
    }
  }
}

/** Lets Node, too, end this connection gently after its last answer. */
function endGently(socket: Socket): void {
  socket.destroySoon = () => endInSteps(socket);
}

/**
 * Ends a connection in two steps. Closed at once, it would be reset if its client has sent something that is not read yet, or sends it
 * now: the client would lose an answer that is on its way, and not know whether anything was done. So only our direction is closed, and
 * what still arrives is read and dropped, until the client has closed the other one.
 */
function endInSteps(socket: Socket): void {
  if (socket.writableEnded) return;
  socket.end();
  const limit = setTimeout(() => socket.destroy(), LINGER_MS);
  socket.on('close', () => clearTimeout(limit));
}

/** What Node answers to a request that it cannot read. */
const REFUSALS: Readonly<Record<string, string>> = {
  HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
  HPE_CHUNK_EXTENSIONS_OVERFLOW: '413 Payload Too Large',
  ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout',
};

function isUnsent(response: ServerResponse | null): response is ServerResponse {
  return response !== null && !response.writableFinished;
}

/** Whether it is for its client to go on: to ask for something, or to take its answer. */
function waitsForClient({ response }: Connection): boolean {
  return response === null || response.writableEnded;
}
