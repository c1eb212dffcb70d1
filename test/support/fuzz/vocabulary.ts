/** The words in generated documents and variables. */
import { type Random, randomOf } from '../random/random.js';

export interface Vocabulary {
  /** Strings and times by the name of their field or argument. */
  readonly strings: Readonly<Record<string, readonly [string, ...string[]]>>;
  /** Fields of inputs that are omitted if possible. */
  readonly omitted: readonly string[];
  /** The maximum number of items of a list, by its name; 3 by default. */
  readonly itemsMax: Readonly<Record<string, number>>;
  /** Whether null is sent for booleans, such as conditions. */
  readonly nullBooleans: boolean;
}

/** For every name without its own strings. */
const ODD_STRINGS = ['', 'x', 'ünï 𝒳', 'a "quoted" \\ text', '__proto__', 'null', '7'] as const;

/** Aliases, including names that plain objects inherit or treat specially. */
export const ALIASES = [
  'a',
  'b',
  'c',
  'data',
  'errors',
  'then',
  'toString',
  'constructor',
  'hasOwnProperty',
  '__proto__',
  '__typename',
  '_0',
] as const;

/** Keys of JSON objects. */
export const JSON_KEYS = ['a', 'b', 'c', '__proto__', 'constructor', '_1'] as const;

/** Ids and names of things that do not exist, for resolvers that look nothing up. */
export const PLAIN_VOCABULARY: Vocabulary = {
  strings: {
    customerId: ['acme', 'globex', 'nobody'],
    featureId: ['messages', 'credits', 'none'],
    entityId: ['seat-1', 'seat-2'],
    email: ['a@example.com', 'no address'],
    name: ['BalancesTrackInput', 'ErrorCode', 'Nothing', 'Query'],
  },
  omitted: [],
  itemsMax: {},
  nullBooleans: true,
};

export function stringFor(name: string, { strings }: Vocabulary, random: Random): string {
  const words = Object.hasOwn(strings, name) ? strings[name] : undefined;
  return words !== undefined && !random.once(12) ? random.pick(words) : random.pick(ODD_STRINGS);
}

/** Whether a field of an input is given, if it need not be. */
export function isGiven(name: string, { omitted }: Vocabulary, random: Random): boolean {
  return random.once(3) && !omitted.includes(name);
}

export function itemsOf(name: string, { itemsMax }: Vocabulary, random: Random): number {
  return random.whole(0, (Object.hasOwn(itemsMax, name) ? itemsMax[name] : undefined) ?? 3);
}

const TIMES = ['2026-01-31T10:15:30Z', '2020-02-29T00:00:00.5+01:00', 'yesterday'] as const;

export function timeFor(name: string, { strings }: Vocabulary, random: Random): string {
  return random.pick((Object.hasOwn(strings, name) ? strings[name] : undefined) ?? TIMES);
}

/** One of a list that is not empty. */
export function pickOf<T>(random: Random, choices: readonly T[]): T {
  const [first, ...others] = choices;
  if (first === undefined) throw new Error('there is nothing to pick');
  return random.pick([first, ...others]);
}

/** FNV-1a: a different random sequence for every text. */
export function randomFor(text: string): Random {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return randomOf(hash);
}
