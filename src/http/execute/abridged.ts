/** Copies of invalid variables, in which graphql-js finds the same errors, and nothing long that they could repeat. */
import {
  type GraphQLInputObjectType,
  type GraphQLInputType,
  isInputObjectType,
  isListType,
  isNonNullType,
} from 'graphql';
import { ExactNumber } from '../../schema/input/exact-number.js';
import { ECHO_CHARS_MAX } from '../echo.js';
import { inspect } from './inspect.js';

/** Of an object or a list as an error shows it, at least. */
export const SHOWN_CHARS_MAX = 4_000;

/** The value, of which an error says the same after its quotations have been cut. No more unknown members are kept. */
export function abridged(value: unknown, type: GraphQLInputType, unknownMax: number): unknown {
  if (isNonNullType(type)) return abridged(value, type.ofType, unknownMax);
  if (typeof value === 'string') return abridgedText(value);
  if (typeof value !== 'object' || value === null) return value;
  if (isListType(type)) {
    return Array.isArray(value)
      ? value.map((item) => abridged(item, type.ofType, unknownMax))
      : abridged(value, type.ofType, unknownMax);
  }
  if (isInputObjectType(type) && !Array.isArray(value)) return membersOf(value, type, unknownMax);
  // A scalar tells from its class what it is.
  return value instanceof ExactNumber ? value : shownAs(value, Array.isArray(value) ? [] : {});
}

function membersOf(given: object, type: GraphQLInputObjectType, unknownMax: number): object {
  const fields = type.getFields();
  const members = {};
  let unknown = 0;
  for (const [name, value] of Object.entries(given)) {
    const field = Object.hasOwn(fields, name) ? fields[name] : undefined;
    if (field !== undefined) define(members, name, abridged(value, field.type, unknownMax));
    else if (unknown < unknownMax) {
      unknown += 1;
      define(members, abridgedText(name), null);
    }
  }
  return shownAs(given, members);
}

/** In an error the copy is shown as the original is, which is written once for all errors. */
function shownAs(original: object, copy: object): object {
  let text: string | undefined;
  const toJSON = () => {
    text ??= inspect(pruned(original, { chars: SHOWN_CHARS_MAX }, 0));
    return text;
  };
  return Object.defineProperty(copy, 'toJSON', { value: toJSON });
}

/** As `inspect` of graphql-js shows them. */
const ITEMS_SHOWN = 10;
const LEVELS_SHOWN = 2;

/** What `inspect` would show of the value, except for what is beyond that many characters. */
function pruned(value: unknown, left: { chars: number }, level: number): unknown {
  if (value instanceof ExactNumber) {
    const text = abridgedText(value.text);
    left.chars -= text.length;
    return new ExactNumber(text);
  }
  if (typeof value !== 'object' || value === null) {
    const shown = typeof value === 'string' ? abridgedText(value) : value;
    left.chars -= String(shown).length;
    return shown;
  }
  if (level >= LEVELS_SHOWN) return prunedBelow(value);
  if (Array.isArray(value)) {
    const items = value.slice(0, ITEMS_SHOWN).map((item) => pruned(item, left, level + 1));
    // The number of the others is shown.
    items.length = value.length;
    return items;
  }
  const members = {};
  for (const [key, member] of Object.entries(value)) {
    if (left.chars <= 0) break;
    const name = abridgedText(key);
    left.chars -= name.length;
    define(members, name, pruned(member, left, level + 1));
  }
  return members;
}

/** Of what is nested too deep to be shown, only whether there is something in it. */
function prunedBelow(value: object): object {
  const isEmpty = Object.keys(value).length === 0;
  if (Array.isArray(value)) return isEmpty ? [] : [0];
  return isEmpty ? {} : { nested: 0 };
}

/** More of its beginning and its end than an error repeats. */
function abridgedText(text: string): string {
  if (text.length <= 3 * ECHO_CHARS_MAX) return text;
  return `${text.slice(0, ECHO_CHARS_MAX)}…${text.slice(-ECHO_CHARS_MAX)}`;
}

/** An assignment to `__proto__` would set the prototype. */
export function define(members: object, name: string, value: unknown): void {
  Object.defineProperty(members, name, {
    configurable: true,
    enumerable: true,
    writable: true,
    value,
  });
}
