/** Bodies on their way: a client may take half a minute to send one, and many may do so at once. */
import { UnavailableError } from '../domain/unavailable.js';
import type { Admission } from './admission.js';
import { readBody } from './body.js';
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

interface Body {
  readonly projectId: string;
  readonly bytes: number;
  readonly since: number;
  /** It is not here after a moment, and takes no place among the requests in flight until it is. */
  isSlow: boolean;
}

export class Receiving {
  readonly #options: ReceivingOptions;
  /** In the order in which they began. */
  readonly #bodies = new Set<Body>();
  readonly #bytesOf = new Map<string, number>();
  #bytes = 0;
  #isAwaited = false;

  constructor(options: ReceivingOptions) {
    this.#options = options;
  }

  /** Reads the body of an admitted request as text. Throws, or fails, with the error to answer with. */
  read(incoming: Incoming, projectId: string, { next, fail }: Then<string>): void {
    const { bodyBytesMax, monotonicMs } = this.#options;
    const bytes = Math.min(Number(incoming.header('content-length') ?? bodyBytesMax), bodyBytesMax);
    const body = { projectId, bytes: countedOf(bytes), since: monotonicMs(), isSlow: false };
    if (!this.#hasRoomFor(body)) throw new UnavailableError('OVERLOADED');
    this.#begin(body);
    incoming.onEnd(() => this.#end(body));
    readBody(incoming, bodyBytesMax, {
      next: (text) => {
        this.#end(body);
        next(text);
      },
      fail,
    });
  }

  #hasRoomFor({ projectId, bytes }: Body): boolean {
    if (bytes === 0) return true;
    const ofProject = this.#bytesOf.get(projectId) ?? 0;
    return (
      this.#bytes + bytes <= RECEIVING_BYTES_MAX && ofProject + bytes <= RECEIVING_BYTES_MAX / 2
    );
  }

  #begin(body: Body): void {
    this.#bodies.add(body);
    this.#count(body, body.bytes);
    this.#sweepLater();
  }

  #end(body: Body): void {
    if (!this.#bodies.delete(body)) return;
    this.#count(body, -body.bytes);
    // What comes of it has a place again, and gives it back as any other does.
    if (body.isSlow) this.#options.admission.begin();
  }

  #count({ projectId }: Body, bytes: number): void {
    if (bytes === 0) return;
    this.#bytes += bytes;
    const ofProject = (this.#bytesOf.get(projectId) ?? 0) + bytes;
    if (ofProject === 0) this.#bytesOf.delete(projectId);
    else this.#bytesOf.set(projectId, ofProject);
  }

  /** One timer for all, as most bodies are here within a millisecond. */
  #sweepLater(): void {
    if (this.#isAwaited) return;
    this.#isAwaited = true;
    setTimeout(this.#sweep, SLOW_MS).unref();
  }

  readonly #sweep = (): void => {
    this.#isAwaited = false;
    const latest = this.#options.monotonicMs() - SLOW_MS;
    for (const body of this.#bodies) {
      if (body.since > latest) {
        this.#sweepLater();
        return;
      }
      if (body.isSlow) continue;
      body.isSlow = true;
      this.#options.admission.end();
    }
  };
}

function countedOf(bytes: number): number {
  return bytes > LARGE_BYTES ? bytes : 0;
}
