import { Buffer } from 'node:buffer';

/** The most that one frame may have: a neighbour that announces more is not one. */
export const FRAME_BYTES_MAX = 16 * 1024 * 1024;

const HEAD_BYTES = 4;

/** Its length in four bytes, then JSON in UTF-8. */
export function frameOf(text: string): Buffer {
  const length = Buffer.byteLength(text);
  const frame = Buffer.allocUnsafe(HEAD_BYTES + length);
  frame.writeUInt32BE(length, 0);
  frame.write(text, HEAD_BYTES);
  return frame;
}

/** Thrown if what has arrived cannot be a frame. */
export class FrameError extends Error {
  override readonly name = 'FrameError';
}

/** Puts frames together again from the pieces in which they arrive. */
export class FrameReader {
  #pieces: Buffer[] = [];
  #bytes = 0;
  /** Of the frame that is arriving, with its head; null while that is not known. */
  #wanted: number | null = null;

  /** The frames that are complete now. */
  *read(piece: Buffer): Generator<readonly unknown[]> {
    this.#pieces.push(piece);
    this.#bytes += piece.length;
    while (this.#isComplete()) yield parsed(this.#take());
  }

  #isComplete(): boolean {
    if (this.#wanted === null) {
      if (this.#bytes < HEAD_BYTES) return false;
      const length = this.#joined().readUInt32BE(0);
      if (length > FRAME_BYTES_MAX) throw new FrameError(`a frame of ${length} bytes`);
      this.#wanted = HEAD_BYTES + length;
    }
    return this.#bytes >= this.#wanted;
  }

  #take(): Buffer {
    const all = this.#joined();
    const end = this.#wanted ?? all.length;
    this.#pieces = end < all.length ? [all.subarray(end)] : [];
    this.#bytes -= end;
    this.#wanted = null;
    return all.subarray(HEAD_BYTES, end);
  }

  #joined(): Buffer {
    const [first] = this.#pieces;
    if (first !== undefined && this.#pieces.length === 1) return first;
    const all = Buffer.concat(this.#pieces);
    this.#pieces = [all];
    return all;
  }
}

function parsed(bytes: Buffer): readonly unknown[] {
  let message: unknown;
  try {
    message = JSON.parse(bytes.toString('utf8'));
  } catch (cause) {
    throw new FrameError('a frame that is not JSON', { cause });
  }
  if (!Array.isArray(message)) throw new FrameError('a frame that is not a list');
  return message;
}
