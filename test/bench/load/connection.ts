/**
 * One connection of the load generator: one request at a time, on a raw socket. All connections read into the same
 * buffer, which is safe because an answer is examined before anything else is read. The rare answer that arrives in pieces
 * is assembled in a separate buffer.
 */
import { connect, type Socket } from 'node:net';
import type { RequestBytes } from './request-pattern.js';
import { type Expected, type Verdict, verdictOn } from './response.js';

const SHARED_BYTES = 64 * 1024;

const shared = Buffer.allocUnsafeSlow(SHARED_BYTES);

/** The events of a connection. */
export interface ConnectionEvents {
  onConnect(connection: Connection): void;
  onAnswer(connection: Connection, verdict: Verdict, answer: Buffer): void;
  /** The server has closed it, or it was lost. */
  onLost(connection: Connection, reason: string): void;
}

export class Connection {
  readonly request: RequestBytes;
  /** What follows each request; null if nothing does. */
  readonly after: RequestBytes | null;
  /** Whether that is the next one to send. */
  isAfterDue = false;
  /** Its number among the connections, which determines its gateway. */
  readonly index: number;
  /** When the request in flight was sent or, in an open loop, due. */
  since = 0;
  /** Whether a request is in flight. */
  busy = false;
  readonly #expected: Expected;
  readonly #events: ConnectionEvents;
  readonly #socket: Socket;
  #pieces: Buffer | null = null;
  #gathered = 0;
  #closing = false;

  constructor(options: {
    readonly port: number;
    readonly index: number;
    readonly request: RequestBytes;
    readonly after: RequestBytes | null;
    readonly expected: Expected;
    readonly events: ConnectionEvents;
  }) {
    this.index = options.index;
    this.request = options.request;
    this.after = options.after;
    this.#expected = options.expected;
    this.#events = options.events;
    this.#socket = connect({
      host: '127.0.0.1',
      port: options.port,
      noDelay: true,
      onread: { buffer: shared, callback: (bytes) => this.#read(bytes) },
    });
    this.#socket.on('connect', () => this.#events.onConnect(this));
    this.#socket.on('error', (error) => this.#lose(error.message));
    this.#socket.on('close', () => this.#lose('closed by the server'));
  }

  /** Sends the current bytes of the request. */
  send(since: number): void {
    this.isAfterDue = this.after !== null;
    this.#write(this.request, since);
  }

  sendAfter(after: RequestBytes, since: number): void {
    this.isAfterDue = false;
    this.#write(after, since);
  }

  #write({ bytes }: RequestBytes, since: number): void {
    this.since = since;
    this.busy = true;
    this.#socket.write(bytes);
  }

  close(): void {
    this.#closing = true;
    this.#socket.destroy();
  }

  #lose(reason: string): void {
    if (this.#closing) return;
    this.close();
    this.#events.onLost(this, reason);
  }

  #read(bytes: number): boolean {
    if (this.#pieces === null) {
      const verdict = verdictOn(shared, bytes, this.#expected);
      if (verdict === 'INCOMPLETE') this.#gather(bytes);
      else this.#answered(verdict, shared.subarray(0, bytes));
      return true;
    }
    const pieces = this.#gather(bytes);
    const verdict = verdictOn(pieces, this.#gathered, this.#expected);
    if (verdict === 'INCOMPLETE') return true;
    const answer = pieces.subarray(0, this.#gathered);
    this.#pieces = null;
    this.#gathered = 0;
    this.#answered(verdict, answer);
    return true;
  }

  #answered(verdict: Verdict, answer: Buffer): void {
    this.busy = false;
    this.#events.onAnswer(this, verdict, answer);
  }

  /** Doubles the size, so that a long answer is copied only a few times. */
  #gather(bytes: number): Buffer {
    let pieces = this.#pieces ?? Buffer.allocUnsafe(2 * SHARED_BYTES);
    if (this.#gathered + bytes > pieces.length) {
      const larger = Buffer.allocUnsafe(2 * (this.#gathered + bytes));
      pieces.copy(larger, 0, 0, this.#gathered);
      pieces = larger;
    }
    shared.copy(pieces, this.#gathered, 0, bytes);
    this.#gathered += bytes;
    this.#pieces = pieces;
    return pieces;
  }
}
