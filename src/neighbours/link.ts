import type { Duplex } from 'node:stream';
import type { Asked, Neighbour } from '../meter/neighbours/neighbour.js';
import { FrameReader, frameOf } from './frames.js';
import { Outbox } from './outbox.js';
import { ANSWER, ASK, HELLO, HELLO_TEXT, LEAVE, PING_TEXT, PROTOCOL } from './protocol.js';

export interface LinkOptions {
  /** Begins a connection; an error is told by the stream. */
  readonly connect: () => Duplex;
  readonly monotonicMs: () => number;
  /** The connection could not be opened, or is lost. Not called for further attempts until there has been one. */
  readonly onLost: (reason: string) => void;
}

/** One that has said nothing for so long is asked whether it is there. */
const PING_AFTER_MS = 1_000;

/** One that has said nothing for so long although it was to, is sent nothing more until it does. */
export const SUSPECT_AFTER_MS = 3_000;

/** What one was sent that has said nothing for so long is lost. Until then it may only be busy. */
export const SILENT_MAX_MS = 15_000;

/** If this gateway itself was blocked for so long, it has not read what has arrived. */
const BLOCKED_MS = 1_000;

/** What may wait to be sent to one neighbour; what is beyond that is decided here. */
const WAITING_CHARS_MAX = 8 * 1024 * 1024;

/** A longer command is not sent. */
const COMMAND_CHARS_MAX = 1024 * 1024;

type State = 'CLOSED' | 'CONNECTING' | 'READY' | 'LEAVING';

/** The connection on which this gateway sends its commands to one neighbour. */
export class Link implements Neighbour {
  readonly #options: LinkOptions;
  readonly #asked = new Map<number, Asked>();
  #state: State = 'CLOSED';
  #socket: Duplex | null = null;
  #outbox: Outbox | null = null;
  #number = 0;
  #heardAt = 0;
  #tickedAt = 0;
  #isSuspect = false;
  #isTold = false;

  constructor(options: LinkOptions) {
    this.#options = options;
    this.#tickedAt = options.monotonicMs();
  }

  /** Whether it takes commands. */
  get isReady(): boolean {
    return this.#state === 'READY' && !this.#isSuspect;
  }

  /** Whether there is a connection, or will be. */
  get isOpen(): boolean {
    return this.#state !== 'CLOSED';
  }

  send(told: string, asked: Asked): boolean {
    const outbox = this.#outbox;
    if (!this.isReady || outbox === null) return false;
    if (told.length > COMMAND_CHARS_MAX || outbox.waiting > WAITING_CHARS_MAX) return false;
    // From now on an answer is due.
    if (this.#asked.size === 0) this.#heardAt = this.#options.monotonicMs();
    this.#number += 1;
    this.#asked.set(this.#number, asked);
    outbox.add(`${this.#number},${told}`);
    return true;
  }

  /** Opens the connection if there is none, and gives up one that is silent. To be called a few times a second. */
  tick(): void {
    const now = this.#options.monotonicMs();
    const blockedMs = now - this.#tickedAt;
    if (blockedMs >= BLOCKED_MS) this.#heardAt += blockedMs;
    this.#tickedAt = now;
    if (this.#state === 'CLOSED') {
      this.#connect();
      return;
    }
    if (this.#state !== 'CONNECTING' && this.#asked.size === 0) return;
    const silentMs = now - this.#heardAt;
    this.#isSuspect = silentMs >= SUSPECT_AFTER_MS;
    if (silentMs >= SILENT_MAX_MS) this.#lose('it does not answer');
    else if (silentMs >= PING_AFTER_MS && this.#state !== 'CONNECTING') this.#say(PING_TEXT);
  }

  /** Sends nothing more, and closes the connection once everything is answered. */
  leave(): void {
    if (this.#state === 'CONNECTING') this.close();
    if (this.#state === 'READY') this.#state = 'LEAVING';
    this.#endIfDone();
  }

  /** At once. */
  close(): void {
    if (this.#state !== 'CLOSED') this.#lose(null);
  }

  #connect(): void {
    const { connect, monotonicMs } = this.#options;
    const socket = connect();
    const reader = new FrameReader();
    this.#state = 'CONNECTING';
    this.#heardAt = monotonicMs();
    this.#socket = socket;
    this.#outbox = new Outbox(socket, ASK);
    const lose = (reason: string) => {
      if (this.#socket === socket) this.#lose(reason);
    };
    socket.on('error', ({ message }) => lose(message));
    socket.on('end', () => lose('it has closed the connection'));
    socket.on('close', () => lose('it has closed the connection'));
    socket.on('data', (piece: Buffer) => {
      if (this.#socket !== socket) return;
      try {
        for (const message of reader.read(piece)) this.#hear(message);
      } catch (error) {
        lose(error instanceof Error ? error.message : 'it cannot be understood');
      }
    });
    this.#say(HELLO_TEXT);
  }

  #hear([kind, what]: readonly unknown[]): void {
    this.#heardAt = this.#options.monotonicMs();
    this.#isSuspect = false;
    if (kind === ANSWER && Array.isArray(what)) for (const answer of what) this.#answered(answer);
    if (kind === HELLO && this.#state === 'CONNECTING') {
      if (what === PROTOCOL) {
        this.#state = 'READY';
        this.#isTold = false;
      } else {
        this.#lose('it speaks another protocol, as another release may');
      }
    }
    if (kind === LEAVE) this.leave();
    this.#endIfDone();
  }

  #answered([number, ...answer]: readonly unknown[]): void {
    const asked = this.#asked.get(Number(number));
    if (asked === undefined) throw new Error('it has answered what it was not asked');
    this.#asked.delete(Number(number));
    asked.answered(answer);
  }

  #endIfDone(): void {
    if (this.#state !== 'LEAVING' || this.#asked.size > 0) return;
    this.#lose(null);
    // It goes away as was to be expected, so that it cannot be reached is no news.
    this.#isTold = true;
  }

  #say(text: string): void {
    if (this.#socket?.writable) this.#socket.write(frameOf(text));
  }

  /** The reason is null if this gateway wants it so. */
  #lose(reason: string | null): void {
    const socket = this.#socket;
    this.#state = 'CLOSED';
    this.#socket = null;
    this.#outbox = null;
    this.#isSuspect = false;
    socket?.on('error', () => undefined);
    socket?.destroy();
    if (reason !== null && !this.#isTold) {
      this.#isTold = true;
      this.#options.onLost(reason);
    }
    const asked = [...this.#asked.values()];
    this.#asked.clear();
    for (const one of asked) one.lost();
  }
}
