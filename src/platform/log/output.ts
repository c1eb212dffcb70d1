/** Where lines of the log go: without waiting for those who read them. */
import type { LogFigures } from './log-figures.js';
import type { Sink } from './sink.js';

/**
 * The memory that lines may take until they are written. If what reads them is slow or has stopped, further ones are dropped and counted:
 * neither calls nor memory depend on it.
 */
export const BUFFER_BYTES_MAX = 1024 * 1024;

/** Lines of operations may take this part of it, so that there is room for errors. */
const INFO_PART = 3 / 4;

/** How a line begins that is neither a warning nor an error. */
const INFO_HEAD = '{"level":"info"';

interface Chunk {
  text: string;
  bytes: number;
  lines: number;
}

export interface OutputOptions {
  readonly sink: Sink;
  readonly figures: LogFigures;
  /** The most that is written at once, unless a single line is longer. */
  readonly writeBytesMax: number;
  /** Called with the number of lines that were dropped, once there is room again. */
  readonly onDropped: (lines: number) => void;
}

export class Output {
  readonly #options: OutputOptions;
  readonly #chunks: Chunk[] = [];
  #writing: Chunk | null = null;
  #isScheduled = false;
  #bytes = 0;
  #dropped = 0;

  constructor(options: OutputOptions) {
    this.#options = options;
  }

  /** Takes a line with its end. */
  write(line: string): void {
    const bytes = Buffer.byteLength(line);
    const part = line.startsWith(INFO_HEAD) ? INFO_PART : 1;
    if (this.#bytes + bytes > BUFFER_BYTES_MAX * part) {
      this.#drop(1);
      return;
    }
    this.#bytes += bytes;
    const last = this.#chunks.at(-1);
    if (last !== undefined && last.bytes + bytes <= this.#options.writeBytesMax) {
      last.text += line;
      last.bytes += bytes;
      last.lines += 1;
    } else {
      this.#chunks.push({ text: line, bytes, lines: 1 });
    }
    if (this.#writing !== null || this.#isScheduled) return;
    // At the end of the turn, so that the lines of one turn are written together.
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      this.#next();
    });
  }

  /** Writes what is left at the end of the process, as far as it is read within a moment. */
  flush(): void {
    const { sink } = this.#options;
    const left = this.#chunks.splice(0);
    if (this.#writing !== null && sink.isPending()) left.unshift(this.#writing);
    this.#writing = null;
    sink.writeNow(left.map(({ text }) => text).join(''));
  }

  #next(): void {
    if (this.#writing !== null) return;
    const chunk = this.#chunks.shift();
    if (chunk === undefined) return;
    this.#writing = chunk;
    this.#options.sink.write(chunk.text, (error) => {
      if (this.#writing !== chunk) return;
      this.#writing = null;
      this.#bytes -= chunk.bytes;
      if (error) this.#drop(chunk.lines);
      else this.#tellDropped();
      this.#next();
    });
  }

  #drop(lines: number): void {
    this.#dropped += lines;
    this.#options.figures.omitted.add('dropped', lines);
  }

  #tellDropped(): void {
    if (this.#dropped === 0 || this.#bytes > BUFFER_BYTES_MAX / 2) return;
    const dropped = this.#dropped;
    this.#dropped = 0;
    this.#options.onDropped(dropped);
  }
}
