import { ExactNumber } from '../schema/input/exact-number.js';

/** Deeper values are in no request that can be valid. */
const DEPTH_MAX = 100;

/** JSON whose text is the same for the same values: the members of each object are in order. Null if it is too deep. */
export function stableJson(value: unknown): string | null {
  try {
    return written(value, 0);
  } catch (error) {
    if (error === TOO_DEEP) return null;
    throw error;
  }
}

const TOO_DEEP = new Error('too deep');

function written(value: unknown, depth: number): string {
  if (depth > DEPTH_MAX) throw TOO_DEEP;
  if (value instanceof ExactNumber) return value.text;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map((item) => written(item, depth + 1)).join()}]`;
  const members = Object.keys(value)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${written(Reflect.get(value, key), depth + 1)}`);
  return `{${members.join()}}`;
}
