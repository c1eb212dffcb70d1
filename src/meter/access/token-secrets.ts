import type { Instant } from '../../domain/interval.js';
import { randomText } from '../../platform/secret.js';
import type { CustomerScope } from '../store.js';

const SECRET_START = 'tg_ts_';
const SECRET_BYTES = 32;

/** How long tokens of the former secret are accepted at most, in milliseconds. */
export const OVERLAP_MAX_MS = 7 * 86_400_000;

/** Until when tokens that the former secret has signed are accepted; null if there was none. */
export interface ReplacedSecret {
  readonly formerUntil: Instant | null;
}

/** `store/` implements it. */
export interface TokenSecrets {
  /** Makes this the project's secret. The present one becomes the former, for so long; an earlier former one ends. */
  replace(projectId: string, secret: string, overlapMs: number): Promise<ReplacedSecret>;
  /** Those whose signatures are accepted now, by the database's clock: the present one first. */
  valid(projectId: string): Promise<string[]>;
  /** Whether the customer has been deleted: its tokens are not accepted any more. */
  isDeleted(scope: CustomerScope): Promise<boolean>;
}

/** A new secret for the project's customer tokens. It is returned only once: gateways only use it. */
export async function createTokenSecret(
  tokenSecrets: TokenSecrets,
  { projectId, overlapMs }: { readonly projectId: string; readonly overlapMs: number },
): Promise<ReplacedSecret & { readonly secret: string }> {
  const secret = `${SECRET_START}${randomText(SECRET_BYTES)}`;
  return { secret, ...(await tokenSecrets.replace(projectId, secret, overlapMs)) };
}
