import { Duplex } from 'node:stream';
import type { MessagePort } from 'node:worker_threads';

/**
 * What pg uses as its socket: one connection to the engine, over a message port. pg writes
 * complete messages and has at most one query in progress, so neither framing nor back-pressure is
 * needed here.
 */
export class SessionStream extends Duplex {
  readonly #port: MessagePort;

  constructor(port: MessagePort) {
    super();
    this.#port = port;
    port.on('message', (answer: Uint8Array) => this.push(answer));
    port.on('close', () => this.destroy());
  }

  connect(): this {
    process.nextTick(() => this.emit('connect'));
    return this;
  }

  setNoDelay(): this {
    return this;
  }

  setKeepAlive(): this {
    return this;
  }

  // The worker keeps the process alive until the database is closed, whatever its connections.
  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }

  override _read(): void {}

  override _writev(chunks: { chunk: Buffer }[], done: () => void): void {
    // A copy, because pg's buffers are slices of a shared one, which cannot be transferred.
    const messages = new Uint8Array(Buffer.concat(chunks.map(({ chunk }) => chunk)));
    this.#port.postMessage(messages, [messages.buffer]);
    done();
  }

  override _final(done: () => void): void {
    done();
    this.destroy();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#port.close();
    done(error);
  }
}
