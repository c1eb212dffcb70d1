import { Buffer } from 'node:buffer';
import { knownJsonBytes } from '../platform/json-bytes.js';
import type { Steps } from '../platform/steps.js';

/** What a step writes: much less than a slice of the event loop's time should take. */
const STEP_CHARACTERS = 32 * 1024;

/** A value that is known to be no larger is written at once, which is much faster than member by member. */
const BYTES_AT_ONCE_MAX = 64 * 1024;

/** An object or array of which a part has been written. */
interface Open {
  /** Null for an array. */
  readonly keys: readonly string[] | null;
  readonly values: Readonly<Record<string, unknown>> | readonly unknown[];
  readonly length: number;
  next: number;
  isEmpty: boolean;
}

/** Writes the same text as `JSON.stringify`, in UTF-8; null as soon as it is larger than allowed. */
export function* jsonInSteps(root: object, bytesMax: number): Steps<Buffer | null> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  let text = startOf(root);
  const open: Open[] = [opened(root)];
  for (let top = open.at(-1); top !== undefined; top = open.at(-1)) {
    if (top.next === top.length) {
      text += top.keys === null ? ']' : '}';
      open.pop();
    } else {
      text += partOf(top, open);
    }
    if (text.length < STEP_CHARACTERS && open.length > 0) continue;
    const chunk = Buffer.from(text);
    text = '';
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes > bytesMax) return null;
    if (open.length > 0) yield;
  }
  return Buffer.concat(chunks, bytes);
}

/** The text of the next member, or the beginning of it if it is an object or array, which is then on top. */
function partOf(top: Open, open: Open[]): string {
  const key = top.keys?.[top.next];
  const value = key === undefined ? memberAt(top, top.next) : memberOf(top, key);
  top.next += 1;
  const text = isOpen(value) ? startOf(value) : (JSON.stringify(value) ?? null);
  // As `JSON.stringify` does: left out of an object, null in an array.
  if (text === null && key !== undefined) return '';
  const comma = top.isEmpty ? '' : ',';
  top.isEmpty = false;
  if (isOpen(value)) open.push(opened(value));
  return `${comma}${key === undefined ? '' : `${JSON.stringify(key)}:`}${text ?? 'null'}`;
}

function memberAt({ values }: Open, index: number): unknown {
  return (values as readonly unknown[])[index];
}

function memberOf({ values }: Open, key: string): unknown {
  return (values as Readonly<Record<string, unknown>>)[key];
}

/** Whether its members are written one by one. */
function isOpen(value: unknown): value is object {
  if (typeof value !== 'object' || value === null || convertsItself(value)) return false;
  const bytes = knownJsonBytes(value);
  return bytes === undefined || bytes > BYTES_AT_ONCE_MAX;
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
