import type { Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { monotonicMs } from '../platform/clock.js';
import { Aged, AgeList } from './age-list.js';

/** A client that has been silent for this long has no request on its way. */
const SILENT_MS = 1_000;

/** How long a client may take to end a connection that has been ended here. */
const LINGER_MS = 2_000;

/** Clients that arrive faster than they can be accepted must not keep a port open forever. */
const ACCEPTING_MS_MAX = 500;

/** With so many of the places taken, those that have been idle the longest are closed to leave the others to new clients. */
const TAKEN_SHARE_MAX = 0.9;

/**
 * How many connections are examined at a time. While the last tenth of the places is taken, all are examined
 * at least once, so that no new client finds none as long as enough of them are idle.
 */
const EXAMINED_MAX = 16;

/** Listed by when its last request began, or since it is open if there was none. */
class Connection extends Aged<Connection> {
  readonly socket: Socket;
  /** Called after each answer; one function for all of them. */
  readonly onAnswered: () => void;
  /** The answer that was begun last; those before it have been sent. */
  response: ServerResponse | null = null;
  /** The one before it, unless that had been sent: the client has sent its next request already. */
  previous: ServerResponse | null = null;
  /** All bytes of both directions, null before the first look, and since when there were no others. */
  bytes: number | null = null;
  silentSince = monotonicMs();
  /** What had been received when the last answer had been sent and its request read: more is another request. */
  #bytesBefore = 0;
  #isRead = true;

  constructor(socket: Socket, onAnswered: () => void) {
    super();
    this.socket = socket;
    this.onAnswered = onAnswered;
  }

  answered(): void {
    this.#bytesBefore = this.socket.bytesRead;
    this.#isRead = this.response?.req.complete ?? true;
  }

  /** Whether no request is in progress, and nothing of one has been received. */
  isIdle(): boolean {
    const { response, socket } = this;
    if (response !== null && !(response.writableFinished && response.req.complete)) return false;
    if (this.#isRead) return socket.bytesRead === this.#bytesBefore;
    // A request that was refused before its body had arrived, which it has by now.
    this.answered();
    return false;
  }
}

/**
 * The connections of a server, to close those that are idle. Node's own `closeIdleConnections` also closes those with a request
 * on its way: its client sees a reset, and does not know whether anything was done.
 */
export class Connections {
  readonly #open = new Map<Socket, Connection>();
  /** All but those that were closed to make room. */
  readonly #listed = new AgeList<Connection>();
  /** Those that were, and whose clients have not closed their direction yet. */
  readonly #ending = new Set<Socket>();
  readonly #placesMax: number;
  #accepted = 0;
  #isLeaving = false;

  /** `placesMax` is how many connections the server accepts. */
  constructor(server: Server, placesMax: number) {
    this.#placesMax = placesMax;
    server.on('connection', (socket) => {
      this.#accepted += 1;
      const connection = new Connection(socket, () => {
        connection.answered();
        this.#makeRoom();
      });
      this.#open.set(socket, connection);
      this.#listed.add(connection);
      socket.on('close', () => this.#forget(connection));
      if (this.#isLeaving) endGently(socket);
      this.#makeRoom();
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
      // A late request on a connection that has been ended is not carried out.
      if (this.#listed.delete(connection)) this.#listed.add(connection);
      response.on('finish', connection.onAnswered);
      this.#makeRoom();
    });
    server.on('drop', () => this.#makeRoom());
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

  #forget(connection: Connection): void {
    this.#open.delete(connection.socket);
    this.#listed.delete(connection);
    this.#ending.delete(connection.socket);
  }

  #isCrowded(): boolean {
    return this.#open.size - this.#ending.size > Math.floor(this.#placesMax * TAKEN_SHARE_MAX);
  }

  /** Called whenever one is opened or may have become idle. One that is busy is examined again after all others. */
  #makeRoom(): void {
    for (let examined = 0; examined < EXAMINED_MAX && this.#isCrowded(); examined += 1) {
      const connection = this.#listed.first;
      if (connection === null) break;
      this.#listed.delete(connection);
      if (connection.isIdle()) {
        this.#ending.add(connection.socket);
        endInSteps(connection.socket);
      } else this.#listed.add(connection);
    }
    if (this.#open.size < this.#placesMax) return;
    // Clients that have not noticed the end of their connections must not keep their places now.
    const [slow] = this.#ending;
    slow?.destroy();
  }

  /**
   * Closes connections that wait for their client once nothing has moved for that long. Not with the timeout of Node's server, which
   * resets timers with every packet of every connection.
   */
  limitStuck(timeoutMs: number): void {
    for (const [socket, connection] of this.#open) {
      // Between requests, Node does this.
      const isAnswered = connection.response?.writableFinished ?? false;
      if (isAnswered || !waitsForClient(connection)) continue;
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
