import { sha256Hex } from '../../platform/digest.js';
import type { Caller } from '../verb.js';

/**
 * The text under which an idempotency key is stored. Those of calls with a customer token are in a space of their own, for each customer and
 * for each of its entities, so that a customer neither replays nor blocks a call of the project's server. No server has a reason to choose such a text
 * itself, and customers, who do not choose the digest, cannot choose one of a server's. Its length does not depend on the key's.
 */
export function storedKeyOf({ only }: Pick<Caller, 'only'>, key: string): string {
  return only === undefined ? key : `${TOKEN_SPACE}${sha256Hex(`${only.entityId ?? ''} ${key}`)}`;
}

const TOKEN_SPACE = 'customer-token:';
