import { Buffer } from 'node:buffer';
import { JsonText } from '../platform/json-text.js';
import type { Steps } from '../platform/steps.js';

/** What a step writes: much less than a slice of the event loop's time should take. */
const STEP_CHARACTERS = 32 * 1024;

/** From this length on, JSON text is copied as bytes; in a shorter one it costs more than it saves. */
const LONG_CHARACTERS = 1024;

/** An object or array of which a part has been written. */
interface Open {
  /** Null for an array. */
  readonly keys: readonly string[] | null;
  readonly values: Readonly<Record<string, unknown>> | readonly unknown[];
  readonly length: number;
  next: number;
  isEmpty: boolean;
}

/**
 * Writes the same text as `JSON.stringify`, in UTF-8; null as soon as it is larger than allowed. It is written fastest if about
 * its size is expected.
 */
export function* jsonInSteps(
  root: object,
  bytesMax: number,
  bytesExpected = 0,
): Steps<Buffer | null> {
  const output = new Output(bytesExpected);
  let text = startOf(root);
  const open: Open[] = [opened(root)];
  for (let top = open.at(-1); top !== undefined; top = open.at(-1)) {
    const long = nextLongText(top);
    if (top.next === top.length) {
      text += top.keys === null ? ']' : '}';
      open.pop();
    } else {
      text += partOf(top, open, long !== null);
    }
    if (long === null && text.length < STEP_CHARACTERS && open.length > 0) continue;
    output.write(text);
    if (long !== null) output.writeJson(long);
    text = '';
    if (output.length > bytesMax) return null;
    if (open.length > 0) yield;
  }
  return output.bytes();
}

/** By how much memory grows that turns out to be too small. */
const GROWTH = 1.5;

/** How much of it may be left over, as a part of what is used. */
const UNUSED_MAX = 1 / 8;

/** Bytes that are written one after the other into memory that grows. */
class Output {
  length = 0;
  #memory: Buffer;

  constructor(bytesExpected: number) {
    this.#memory = Buffer.allocUnsafeSlow(bytesExpected + STEP_CHARACTERS);
  }

  write(text: string): void {
    this.#makeRoomFor(text);
    this.length += this.#memory.write(text, this.length);
  }

  writeJson(json: JsonText): void {
    this.#makeRoomFor(json.text);
    this.length = json.writeTo(this.#memory, this.length);
  }

  /** A client that is slow to read them keeps the whole of their memory. */
  bytes(): Buffer {
    const unused = this.#memory.length - this.length;
    if (unused <= this.length * UNUSED_MAX) return this.#memory.subarray(0, this.length);
    const exact = Buffer.allocUnsafeSlow(this.length);
    this.#memory.copy(exact, 0, 0, this.length);
    return exact;
  }

  #makeRoomFor(text: string): void {
    const needed = this.length + Buffer.byteLength(text);
    if (needed <= this.#memory.length) return;
    const grown = Math.ceil(this.#memory.length * GROWTH);
    const larger = Buffer.allocUnsafeSlow(Math.max(needed, grown));
    this.#memory.copy(larger, 0, 0, this.length);
    this.#memory = larger;
  }
}

/** The next member, if it is copied as bytes. */
function nextLongText(top: Open): JsonText | null {
  const value = nextMember(top);
  return value instanceof JsonText && value.text.length >= LONG_CHARACTERS ? value : null;
}

/** What is written before a member that is copied, the whole text of another, or the bracket that opens it and puts it on top. */
function partOf(top: Open, open: Open[], isCopied: boolean): string {
  const key = top.keys?.[top.next];
  const value = nextMember(top);
  top.next += 1;
  const isParted = isOpen(value) && !isSmall(value);
  const text = isCopied ? '' : isParted ? startOf(value) : (JSON.stringify(value) ?? null);
  // As `JSON.stringify` does: left out of an object, null in an array.
  if (text === null && key !== undefined) return '';
  const comma = top.isEmpty ? '' : ',';
  top.isEmpty = false;
  if (isParted) open.push(opened(value));
  return `${comma}${key === undefined ? '' : `${JSON.stringify(key)}:`}${text ?? 'null'}`;
}

function nextMember({ keys, values, next }: Open): unknown {
  if (keys === null) return (values as readonly unknown[])[next];
  const key = keys[next];
  return key === undefined ? undefined : (values as Readonly<Record<string, unknown>>)[key];
}

/** Whether its members are written one by one. */
function isOpen(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !convertsItself(value);
}

/** Characters of what is written at once, where a member counts as several of them. */
const SMALL_CHARACTERS = 1024;
const MEMBER_CHARACTERS = 16;
/** How many levels are examined, so that no value is examined more than a few times. */
const SMALL_LEVELS = 3;

/** Whether `JSON.stringify` may write the whole value, which it does several times faster. */
function isSmall(value: object): boolean {
  return leftAfter(value, SMALL_CHARACTERS, SMALL_LEVELS) >= 0;
}

/** How many of these characters are left after the value; less than 0 if it is too large, too deep, or converts itself. */
function leftAfter(value: unknown, characters: number, levels: number): number {
  if (typeof value === 'string') return characters - value.length;
  if (typeof value !== 'object' || value === null) return characters;
  if (levels === 0 || convertsItself(value)) return -1;
  const members = Array.isArray(value) ? value : Object.values(value);
  let left = characters - MEMBER_CHARACTERS * members.length;
  for (let at = 0; at < members.length && left >= 0; at += 1) {
    left = leftAfter(members[at], left, levels - 1);
  }
  return left;
}

/** As `JSON.stringify` decides it: a field of a result can be called toJSON as well. */
function convertsItself(value: object): boolean {
  return 'toJSON' in value && typeof value.toJSON === 'function';
}

function startOf(value: object): string {
  return Array.isArray(value) ? '[' : '{';
}

function opened(value: object): Open {
  if (Array.isArray(value)) {
    return { keys: null, values: value, length: value.length, next: 0, isEmpty: true };
  }
  const keys = Object.keys(value);
  return { keys, values: value as Open['values'], length: keys.length, next: 0, isEmpty: true };
}
