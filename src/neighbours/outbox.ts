import type { Duplex } from 'node:stream';
import { frameOf } from './frames.js';

/** A frame has about so many characters at most, besides the last part of it. */
const FRAME_CHARS_MAX = 1024 * 1024;

/** What is said to a neighbour in one turn of the event loop, in one frame. */
export class Outbox {
  readonly #socket: Duplex;
  readonly #head: string;
  #parts: string[] = [];
  #chars = 0;

  /** Each frame is a list that begins with the kind. */
  constructor(socket: Duplex, kind: string) {
    this.#socket = socket;
    this.#head = JSON.stringify(kind);
  }

  /** The text of a list, without its brackets. */
  add(part: string): void {
    if (this.#parts.length === 0) setImmediate(() => this.#flush());
    this.#parts.push(part);
    this.#chars += part.length;
    if (this.#chars > FRAME_CHARS_MAX) this.#flush();
  }

  /** What has not been passed to the operating system. */
  get waiting(): number {
    return this.#chars + this.#socket.writableLength;
  }

  #flush(): void {
    if (this.#parts.length === 0) return;
    const frame = frameOf(`[${this.#head},[[${this.#parts.join('],[')}]]]`);
    this.#parts = [];
    this.#chars = 0;
    if (this.#socket.writable) this.#socket.write(frame);
  }
}
