/** Splits a file into lines, of which it keeps no more in memory than one chunk and one line. */
import { Buffer } from 'node:buffer';

export interface Line {
  /** The first is 1. */
  readonly number: number;
  /** Without its end, and without the byte order mark of a file; null if it is longer than `LINE_BYTES_MAX`. */
  readonly bytes: Buffer | null;
}

/** An input takes at most about 400 KiB, if each character of its properties is written as an escape. */
export const LINE_BYTES_MAX = 1024 * 1024;

const NOTHING = Buffer.alloc(0);
const NEWLINE = 0x0a;
const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf]);

/** The lines that end in each chunk, and at last the one that has no end. */
export async function* linesOf(chunks: AsyncIterable<Buffer>): AsyncGenerator<readonly Line[]> {
  const splitter = new Splitter();
  for await (const chunk of chunks) yield splitter.take(chunk);
  yield splitter.end();
}

class Splitter {
  #number = 0;
  /** What has been read of a line that has not ended yet; null if it is too long. */
  #begun: Buffer[] | null = [];
  #begunBytes = 0;

  take(chunk: Buffer): readonly Line[] {
    const lines: Line[] = [];
    let from = 0;
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, from)) {
      const part = chunk.subarray(from, end);
      // As almost all are.
      const isWhole = this.#begunBytes === 0 && part.length <= LINE_BYTES_MAX;
      lines.push(isWhole ? this.#line(part) : this.#lastOf(part));
      from = end + 1;
    }
    this.#add(chunk.subarray(from));
    return lines;
  }

  end(): readonly Line[] {
    return this.#begunBytes === 0 ? [] : [this.#lastOf(NOTHING)];
  }

  /** The line that has begun, and ends with this. */
  #lastOf(part: Buffer): Line {
    this.#add(part);
    const whole = this.#begun === null ? null : Buffer.concat(this.#begun);
    this.#begun = [];
    this.#begunBytes = 0;
    return this.#line(whole);
  }

  #add(part: Buffer): void {
    this.#begunBytes += part.length;
    if (this.#begunBytes > LINE_BYTES_MAX) this.#begun = null;
    else if (part.length > 0) this.#begun?.push(part);
  }

  #line(whole: Buffer | null): Line {
    this.#number += 1;
    return { number: this.#number, bytes: this.#number === 1 ? withoutMark(whole) : whole };
  }
}

function withoutMark(bytes: Buffer | null): Buffer | null {
  const mark = bytes?.subarray(0, BYTE_ORDER_MARK.length);
  return mark?.equals(BYTE_ORDER_MARK) ? (bytes?.subarray(BYTE_ORDER_MARK.length) ?? null) : bytes;
}
