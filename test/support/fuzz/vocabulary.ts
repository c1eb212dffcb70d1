/** The words that generated documents and variables are made of. */
import { type Random, randomOf } from '../random/random.js';

export interface Vocabulary {
  /** Strings, and times, by the name of the field or argument that takes them. */
  readonly strings: Readonly<Record<string, readonly [string, ...string[]]>>;
  /** Fields of inputs that are left out where they may be. */
  readonly omitted: readonly string[];
  /** How many items a list has at most, by its name; 3 if left out. */
  readonly itemsMax: Readonly<Record<string, number>>;
  /** Whether null is sent where a boolean is asked for, such as a condition. */
  readonly nullBooleans: boolean;
}

/** For every name that has none of its own. */
const ODD_STRINGS = ['', 'x', 'ünï 𝒳', 'a "quoted" \\ text', '__proto__', 'null', '7'] as const;

/** Aliases, among them names that plain objects have already or treat in their own way. */
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

/** Ids and names of things that exist nowhere: for resolvers that look nothing up. */
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

/** FNV-1a: another sequence of chance for every text. */
export function randomFor(text: string): Random {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return randomOf(hash);
}
