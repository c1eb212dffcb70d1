import type { Duplex } from 'node:stream';
import type { ForNeighbours } from '../meter/neighbours/for-neighbours.js';
import { FrameError, FrameReader, frameOf } from './frames.js';
import { Outbox } from './outbox.js';
import {
  ANSWER,
  ASK,
  HELLO,
  HELLO_TEXT,
  LEAVE_TEXT,
  PING,
  PONG_TEXT,
  PROTOCOL,
} from './protocol.js';

/** Answers that one neighbour has not read; it is blocked, and asks again where it can. */
const UNREAD_CHARS_MAX = 32 * 1024 * 1024;

export interface ReceptionOptions {
  readonly forNeighbours: ForNeighbours;
  /** One was turned away because of what it sent. */
  readonly onRefused: (reason: string) => void;
}

/** Takes the commands of neighbours, each on a connection of its own. */
export class Reception {
  readonly #options: ReceptionOptions;
  readonly #sockets = new Set<Duplex>();
  #isLeaving = false;
  #left: (() => void) | null = null;

  constructor(options: ReceptionOptions) {
    this.#options = options;
  }

  /** A neighbour has connected. */
  readonly receive = (socket: Duplex): void => {
    const reader = new FrameReader();
    const outbox = new Outbox(socket, ANSWER);
    let isGreeted = false;
    this.#sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.#sockets.delete(socket);
      if (this.#sockets.size === 0) this.#left?.();
    });
    socket.on('data', (piece: Buffer) => {
      try {
        for (const [kind, what] of reader.read(piece)) {
          if (socket.destroyed) return;
          if (kind === HELLO && what === PROTOCOL) isGreeted = true;
          else if (kind === PING && isGreeted) socket.write(frameOf(PONG_TEXT));
          else if (kind === ASK && isGreeted && Array.isArray(what))
            this.#decide(what, outbox, socket);
          else throw new FrameError('a message that is not of this protocol');
        }
      } catch (error) {
        this.#options.onRefused(error instanceof Error ? error.message : 'unreadable');
        socket.destroy();
      }
    });
    socket.write(frameOf(HELLO_TEXT));
    if (this.#isLeaving) socket.write(frameOf(LEAVE_TEXT));
  };

  /** Asks all of them to send no more. Resolves once they have their answers, or after a while. */
  async leave(waitMaxMs: number): Promise<void> {
    this.#isLeaving = true;
    if (this.#sockets.size === 0) return;
    const left = new Promise<void>((resolve) => {
      this.#left = resolve;
    });
    for (const socket of this.#sockets) if (socket.writable) socket.write(frameOf(LEAVE_TEXT));
    const timer = setTimeout(() => this.close(), waitMaxMs);
    await left;
    clearTimeout(timer);
  }

  /** At once: what was asked is decided, but no longer answered. */
  close(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  #decide(asked: readonly unknown[], outbox: Outbox, socket: Duplex): void {
    for (const one of asked) {
      if (!Array.isArray(one)) throw new FrameError('a command that is not a list');
      const [number, ...told] = one;
      if (!Number.isSafeInteger(number)) throw new FrameError('a command without a number');
      this.#options.forNeighbours.decide(told, (answer) => {
        outbox.add(`${number},${answer}`);
        if (outbox.waiting > UNREAD_CHARS_MAX) socket.destroy();
      });
    }
  }
}
