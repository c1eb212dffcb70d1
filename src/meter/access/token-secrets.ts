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

export interface TokenSecretRotation {
  /** How long the former secret is accepted. */
  readonly overlapMs: number;
  /** Whether the present secret ends at once and the one before it stays the former: the present one has arrived nowhere. */
  readonly discardPresent: boolean;
}

/** Nothing is replaced while the former secret is accepted: it would end, and the tokens that it has signed with it. */
export interface StillInOverlap {
  readonly inOverlapUntil: Instant;
}

/** `store/` implements it. */
export interface TokenSecrets {
  /** Makes this the project's secret. The present one becomes the former, for so long; an earlier former one ends. */
  replace(projectId: string, secret: string, overlapMs: number): Promise<ReplacedSecret>;
  /** The same, unless a former secret that is not meant to end would. */
  rotate(
    projectId: string,
    secret: string,
    rotation: TokenSecretRotation,
  ): Promise<ReplacedSecret | StillInOverlap | 'NO_PROJECT'>;
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
  const secret = newTokenSecret();
  return { secret, ...(await tokenSecrets.replace(projectId, secret, overlapMs)) };
}

export function newTokenSecret(): string {
  return `${SECRET_START}${randomText(SECRET_BYTES)}`;
}
