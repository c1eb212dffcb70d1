import type { Instant } from '../../domain/interval.js';
import { invalidInput, type Refusal } from '../../domain/refusal.js';
import { done, type Result, refuse, type VerbContext } from '../verb.js';
import { manage } from '../write/gates.js';
import { projectMeant } from './admin.js';
import { lackedBy, noProject, projectRequired, scopesNotHeld } from './given.js';
import { NARROWED_SCOPES } from './scopes.js';
import { newTokenSecret, OVERLAP_MAX_MS, type ReplacedSecret } from './token-secrets.js';

const MINUTE_MS = 60_000;

export const SECRET_OVERLAP_MINUTES_MAX = OVERLAP_MAX_MS / MINUTE_MS;

/** As long as a token lives at most. */
export const SECRET_OVERLAP_MINUTES_DEFAULT = 60;

export interface RotateTokenSecretInput {
  /** Null for the caller's own project. */
  readonly projectId: string | null;
  /** How long tokens of the former secret are accepted. */
  readonly overlapMinutes: number;
  /** Whether the present secret ends at once, and the one before it stays accepted. */
  readonly discardPresent: boolean;
}

export interface RotatedTokenSecret extends ReplacedSecret {
  readonly projectId: string;
  /** Returned only once. */
  readonly secret: string;
}

/** Gives a project another secret for its customer tokens. The former one stays accepted for the overlap. */
export async function rotateTokenSecret(
  ctx: VerbContext,
  { projectId: given, overlapMinutes, discardPresent }: RotateTokenSecretInput,
): Promise<Result<RotatedTokenSecret>> {
  const { caller, store } = ctx;
  const meant = projectMeant(caller, given);
  if (meant.kind === 'NOT_GIVEN') return refuse(projectRequired());
  if (meant.kind === 'NONE') return refuse(noProject(given));
  // With the secret and a publishable key, which is known to everyone, all is open that tokens open, for any customer.
  const lacking = lackedBy(caller, NARROWED_SCOPES);
  if (lacking.length > 0) return refuse(scopesNotHeld(lacking));
  const { projectId } = meant;
  const { expiresAt: end = null } = caller;
  if (end !== null) return refuse(outlivesKey(projectId, end));
  const rotation = { overlapMs: overlapMinutes * MINUTE_MS, discardPresent };
  const secret = newTokenSecret();
  const rotated = await manage(ctx, () => store.tokenSecrets.rotate(projectId, secret, rotation));
  if (rotated === 'NO_PROJECT') return refuse(noProject(projectId));
  if ('inOverlapUntil' in rotated) return refuse(inOverlap(overlapMinutes, rotated.inOverlapUntil));
  return done({ projectId, secret, formerUntil: rotated.formerUntil });
}

function outlivesKey(projectId: string, end: Instant): Refusal {
  const message =
    `its token secret would outlive the key that was sent, which expires at ${new Date(end).toISOString()}, and no key can ` +
    'give what it lacks: use a key that does not expire, or an admin key';
  return invalidInput([
    { path: 'projectId', value: JSON.stringify(projectId), rule: 'key_end', message },
  ]);
}

function inOverlap(overlapMinutes: number, until: Instant): Refusal {
  const message =
    `tokens of the former secret are accepted until ${new Date(until).toISOString()}, and would be refused at once: ` +
    'rotate after that; with discardPresent if the present secret was lost; or with 0 to end both now';
  return invalidInput([
    {
      path: 'overlapMinutes',
      value: JSON.stringify(overlapMinutes),
      rule: 'in_overlap',
      message,
    },
  ]);
}
