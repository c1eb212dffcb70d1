import { SECRET_STARTS } from '../meter/access/key-kinds.js';
import { isSecret, type ListedKey, PREFIX_CHARS, storedHashes } from '../meter/access/keys.js';
import { sha256Hex } from '../platform/digest.js';
import type { OpenStore } from '../store/store.js';
import { CommandError } from './run.js';

/** How much of what was given a message repeats at most. */
export const NAME_CHARS_SHOWN_MAX = 200;

/** The key that a user means, by its id, its prefix or its secret. */
export async function keyGiven(store: OpenStore, given: string): Promise<ListedKey> {
  const [key, ...others] = await keysOf(store, given);
  const start = startOf(given);
  if (key === undefined) {
    throw new CommandError(`No key begins with "${start}". See \`npm run keys -- list\`.`);
  }
  if (others.length > 0) {
    const ids = [key, ...others].map(({ id, name }) => `${id} (${name})`).join(', ');
    throw new CommandError(`Several keys begin with "${start}"; give the id of one: ${ids}.`);
  }
  return key;
}

/** By id, by prefix, or by the whole secret, which is at hand if it has leaked. */
async function keysOf(store: OpenStore, given: string): Promise<ListedKey[]> {
  if (isSecret(given)) return store.apiKeys.find(storedHashes(sha256Hex(given)));
  const start = given.replace(/\.*$/, '');
  if (looksSecret(start) && start.length !== PREFIX_CHARS) {
    throw new CommandError(
      `"${startOf(given)}" is neither a whole key nor its first ${PREFIX_CHARS} characters. Give these, as ` +
        '`npm run keys -- list` shows them, the id of the key, or all of it.',
    );
  }
  return store.apiKeys.find(start);
}

/** What a message may show of it: no more than the list of keys does. */
function startOf(given: string): string {
  const charsMax = looksSecret(given) ? PREFIX_CHARS : NAME_CHARS_SHOWN_MAX;
  return given.length <= charsMax ? given : `${given.slice(0, charsMax)}...`;
}

function looksSecret(text: string): boolean {
  return Object.values(SECRET_STARTS).some((start) => text.startsWith(start));
}
