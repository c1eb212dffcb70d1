/** The words that generated documents and variables are made of. */
import { type Random, randomOf } from '../random.js';

/** Strings by the name of the field or argument that takes them. */
export type Vocabulary = Readonly<Record<string, readonly [string, ...string[]]>>;

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
  customerId: ['acme', 'globex', 'nobody'],
  featureId: ['messages', 'credits', 'none'],
  entityId: ['seat-1', 'seat-2'],
  email: ['a@example.com', 'no address'],
  name: ['BalancesTrackInput', 'ErrorCode', 'Nothing', 'Query'],
};

export function stringFor(name: string, vocabulary: Vocabulary, random: Random): string {
  const words = Object.hasOwn(vocabulary, name) ? vocabulary[name] : undefined;
  return words !== undefined && !random.once(12) ? random.pick(words) : random.pick(ODD_STRINGS);
}

const TIMES = ['2026-01-31T10:15:30Z', '2020-02-29T00:00:00.5+01:00', 'yesterday'] as const;

export function timeFor(random: Random): string {
  return random.pick(TIMES);
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
