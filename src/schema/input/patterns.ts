/** The patterns of ids and keys, as sources of regular expressions. */
import { ID_CHARS_MAX } from './limits.js';

/** Chosen by the caller: customers, entities, features. Printable ASCII without the space. */
export const ID = `[!-~]{1,${ID_CHARS_MAX}}`;

/** Made by us: customer keys, balances, events. */
export const UUID = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}';

/** The number of a ledger entry. */
export const SEQ = '[1-9][0-9]{0,14}';

/** Matches the parts, with colons between them, and nothing else. */
export function pattern(...parts: readonly string[]): RegExp {
  return new RegExp(`^${parts.map((part) => `(${part})`).join(':')}$`);
}
