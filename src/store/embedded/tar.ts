/** The little of the tar format that a backup needs, so that any tar can list and unpack it: files and folders with short names. */
import { Buffer } from 'node:buffer';

export interface TarEntry {
  /** Relative, with `/` between its parts. */
  readonly name: string;
  readonly isFolder: boolean;
  readonly bytes: number;
}

export const BLOCK_BYTES = 512;
const NAME_BYTES_MAX = 100;
const MAGIC = 'ustar\x0000';

/** Fields of a header: where they begin, and how many bytes they have. */
const NAME = [0, NAME_BYTES_MAX] as const;
const MODE = [100, 8] as const;
const SIZE = [124, 12] as const;
const MODIFIED = [136, 12] as const;
const CHECKSUM = [148, 8] as const;
const TYPE = [156, 1] as const;
const MAGIC_FIELD = [257, 8] as const;

export function headerOf({ name, isFolder, bytes }: TarEntry, timeMs: number): Buffer {
  const shown = isFolder ? `${name}/` : name;
  if (Buffer.byteLength(shown) > NAME_BYTES_MAX) throw new Error(`${name} is too long for a tar`);
  const header = Buffer.alloc(BLOCK_BYTES);
  put(header, NAME, shown);
  put(header, MODE, octal(isFolder ? 0o700 : 0o600, MODE));
  put(header, [108, 8], octal(0, MODE));
  put(header, [116, 8], octal(0, MODE));
  put(header, SIZE, octal(bytes, SIZE));
  put(header, MODIFIED, octal(Math.floor(timeMs / 1_000), MODIFIED));
  put(header, TYPE, isFolder ? '5' : '0');
  put(header, MAGIC_FIELD, MAGIC);
  put(header, CHECKSUM, `${checksumOf(header).toString(8).padStart(6, '0')}\0 `);
  return header;
}

/** What follows the content of an entry. */
export function paddingOf(bytes: number): Buffer {
  return Buffer.alloc((BLOCK_BYTES - (bytes % BLOCK_BYTES)) % BLOCK_BYTES);
}

/** Two empty blocks. */
export const END = Buffer.alloc(2 * BLOCK_BYTES);

/** Reads entries from a stream; the content of each is to be read, or skipped, before the next. Throws if it is no such tar. */
export class TarReader {
  readonly #chunks: AsyncIterator<Buffer>;
  #left: Buffer = Buffer.alloc(0);
  #contentLeft = 0;
  #paddingLeft = 0;

  constructor(chunks: AsyncIterable<Buffer>) {
    this.#chunks = chunks[Symbol.asyncIterator]();
  }

  /** Null at the end. */
  async next(): Promise<TarEntry | null> {
    while (this.#contentLeft > 0) await this.#part();
    await this.#exactly(this.#paddingLeft);
    this.#paddingLeft = 0;
    const header = await this.#exactly(BLOCK_BYTES);
    if (header.every((byte) => byte === 0)) return null;
    const entry = entryOf(header);
    this.#contentLeft = entry.bytes;
    this.#paddingLeft = paddingOf(entry.bytes).length;
    return entry;
  }

  /** Of the last entry, in parts. */
  async *content(): AsyncGenerator<Buffer> {
    while (this.#contentLeft > 0) yield await this.#part();
  }

  /** Nothing is left but empty blocks. */
  async end(): Promise<void> {
    for (;;) {
      if (this.#left.some((byte) => byte !== 0)) throw new Error('something follows its end');
      const { value, done } = await this.#chunks.next();
      if (done === true) return;
      this.#left = value;
    }
  }

  async #part(): Promise<Buffer> {
    if (this.#left.length === 0) this.#left = await this.#chunk();
    const part = this.#left.subarray(0, this.#contentLeft);
    this.#left = this.#left.subarray(part.length);
    this.#contentLeft -= part.length;
    return part;
  }

  async #exactly(bytes: number): Promise<Buffer> {
    while (this.#left.length < bytes) {
      this.#left = Buffer.concat([this.#left, await this.#chunk()]);
    }
    const taken = this.#left.subarray(0, bytes);
    this.#left = this.#left.subarray(bytes);
    return taken;
  }

  async #chunk(): Promise<Buffer> {
    const { value, done } = await this.#chunks.next();
    if (done === true) throw new Error('it ends too early');
    return value;
  }
}

type Field = readonly [start: number, bytes: number];

function entryOf(header: Buffer): TarEntry {
  const type = take(header, TYPE);
  if (Number.parseInt(take(header, CHECKSUM), 8) !== checksumOf(header)) {
    throw new Error('a header is damaged');
  }
  if (take(header, MAGIC_FIELD).slice(0, 5) !== 'ustar' || !['0', '5'].includes(type)) {
    throw new Error('it has entries of another kind');
  }
  const isFolder = type === '5';
  const name = take(header, NAME).replace(/\/$/, '');
  return { name, isFolder, bytes: Number.parseInt(take(header, SIZE), 8) };
}

/** Of all bytes, with those of the sum itself as spaces. */
function checksumOf(header: Buffer): number {
  const [start, bytes] = CHECKSUM;
  return header.reduce(
    (sum, byte, index) => sum + (index >= start && index < start + bytes ? 0x20 : byte),
    0,
  );
}

function put(header: Buffer, [start]: Field, text: string): void {
  header.write(text, start, 'utf8');
}

function take(header: Buffer, [start, bytes]: Field): string {
  return header.toString('utf8', start, start + bytes).replace(/\0.*$/s, '');
}

/** One character less than the field, which ends with a NUL. */
function octal(value: number, [, bytes]: Field): string {
  return value.toString(8).padStart(bytes - 1, '0');
}
