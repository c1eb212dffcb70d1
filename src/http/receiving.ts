/** Bodies on their way: a client may take half a minute to send one, and many may do so at once. */
import { UnavailableError } from '../domain/unavailable.js';
import type { Admission } from './admission.js';
import { Aged, SweptList } from './age-list.js';
import { readBody } from './body.js';
import { ByteBudget } from './byte-budget.js';
import type { Incoming, Then } from './incoming.js';

export interface ReceivingOptions {
  readonly bodyBytesMax: number;
  readonly admission: Pick<Admission, 'begin' | 'end'>;
  readonly monotonicMs: () => number;
}

/** Declared bytes of large bodies that may be on their way at once, and half as many of one project. */
export const RECEIVING_BYTES_MAX = 256 * 1024 * 1024;

/** Others are so small that every connection may send one. */
const LARGE_BYTES = 16 * 1024;

/** Longer than the packets of a body are apart, on the way from an honest client. */
const SLOW_MS = 250;

class Body extends Aged<Body> {
  readonly projectId: string;
  /** Those that are counted. */
  bytes: number;
  readonly since: number;
  /** It is not here after a moment, and takes no place among the requests in flight until it is. */
  isSlow = false;
  isOver = false;

  constructor(projectId: string, bytes: number, since: number) {
    super();
    this.projectId = projectId;
    this.bytes = bytes;
    this.since = since;
  }
}

export class Receiving {
  readonly #options: ReceivingOptions;
  readonly #bodies = new SweptList<Body>({ sweepIntervalMs: SLOW_MS, sweep: () => this.#sweep() });
  readonly #budget = new ByteBudget(RECEIVING_BYTES_MAX);

  constructor(options: ReceivingOptions) {
    this.#options = options;
  }

  /** Reads the body of an admitted request as text. Throws, or fails, with the error to answer with. */
  read(incoming: Incoming, projectId: string, { next, fail }: Then<string>): void {
    const { bodyBytesMax, monotonicMs } = this.#options;
    const length = incoming.header('content-length');
    const bytes = Math.min(Number(length ?? 0), bodyBytesMax);
    const body = new Body(projectId, countedOf(bytes), monotonicMs());
    if (!this.#hasRoomFor(body, body.bytes)) throw new UnavailableError('OVERLOADED');
    this.#begin(body);
    incoming.onEnd(() => this.#end(body));
    readBody(incoming, bodyBytesMax, {
      // A length that was not declared may be the largest, but most such bodies are small.
      received: (received) => {
        if (body.isOver) return false;
        if (length !== undefined || body.bytes > 0 || countedOf(received) === 0) return true;
        if (this.#hasRoomFor(body, bodyBytesMax)) {
          body.bytes = bodyBytesMax;
          this.#budget.take(projectId, bodyBytesMax);
          return true;
        }
        fail(new UnavailableError('OVERLOADED'));
        return false;
      },
      next: (text) => {
        this.#end(body);
        next(text);
      },
      fail,
    });
  }

  #hasRoomFor({ projectId }: Body, bytes: number): boolean {
    return bytes === 0 || this.#budget.hasRoom(projectId, bytes);
  }

  #begin(body: Body): void {
    this.#bodies.add(body);
    this.#budget.take(body.projectId, body.bytes);
  }

  #end(body: Body): void {
    if (!this.#bodies.delete(body)) return;
    body.isOver = true;
    this.#budget.free(body.projectId, body.bytes);
    // The request takes its place in flight again, and leaves it when it ends.
    if (body.isSlow) this.#options.admission.begin();
  }

  #sweep(): void {
    const latest = this.#options.monotonicMs() - SLOW_MS;
    for (let body = this.#bodies.first; body !== null; body = body.after) {
      if (body.since > latest) return;
      if (body.isSlow) continue;
      body.isSlow = true;
      this.#options.admission.end();
    }
  }
}

function countedOf(bytes: number): number {
  return bytes > LARGE_BYTES ? bytes : 0;
}
