import type { Instant } from '../../domain/interval.js';
import { invalidInput, notFound, type Refusal } from '../../domain/refusal.js';
import { wallClockMs } from '../../platform/clock.js';
import { isUuid } from '../../platform/id.js';
import { done, type Result, refuse, type VerbContext } from '../verb.js';
import { manage } from '../write/gates.js';
import { isAdmin, projectMeant } from './admin.js';
import { lackedBy, noProject, projectRequired, scopesNotHeld } from './given.js';
import { type KeyKind, KIND_SCOPES } from './key-kinds.js';
import {
  type ApiKey,
  newSecret,
  type ProjectKey,
  type Rotated,
  type RotationLimits,
  type StoredSecret,
  successorOf,
} from './keys.js';
import type { Scope } from './scopes.js';

/** Keys of a project that are valid at once. */
export const API_KEYS_MAX = 1_000;

/** Of the keys of a project that are revoked or have expired, those that stay. */
const ENDED_KEYS_MAX = 1_000;

export const KEYS_KEPT: KeysKept = { validMax: API_KEYS_MAX, endedMax: ENDED_KEYS_MAX };

/** How many keys a project has at most. */
export interface KeysKept {
  readonly validMax: number;
  /** Where there are more, those that ended first leave with the next change, a limited number at a time. */
  readonly endedMax: number;
}

/** The longest time for which a key stays valid beside the one that replaces it: 30 days. */
export const OVERLAP_MINUTES_MAX = 43_200;

/** Long enough to replace a key in all places on the next day. */
export const OVERLAP_MINUTES_DEFAULT = 1_440;

const MINUTE_MS = 60_000;

export interface ProjectKeyDraft extends StoredSecret {
  readonly projectId: string;
  readonly name: string;
  readonly scopes: readonly Scope[];
  /** Null for a key that does not expire. */
  readonly expiresAt: Instant | null;
}

export interface KeyAddress {
  readonly id: string;
  /** Null for a key of any project. */
  readonly projectId: string | null;
}

/** Keys of projects, without admin keys. `store/` implements it. */
export interface ManagedKeys {
  /** `NO_PROJECT` if there is no such project, `TOO_MANY` if it has as many valid keys as it may. */
  create(draft: ProjectKeyDraft, kept: KeysKept): Promise<ProjectKey | 'NO_PROJECT' | 'TOO_MANY'>;
  /** As `ApiKeys.rotate` does; `TOO_MANY` if the project would have more valid keys until the overlap ends. */
  rotate(
    key: Pick<ProjectKey, 'id' | 'projectId'>,
    secret: StoredSecret,
    limits: RotationLimits,
    kept: KeysKept,
  ): Promise<Rotated | 'TOO_MANY' | null>;
  find(address: KeyAddress): Promise<ProjectKey | null>;
  /** The key, revoked now or before; null if it does not exist. */
  revoke(address: KeyAddress): Promise<ProjectKey | null>;
}

export interface CreateApiKeyInput {
  /** Null for the caller's own project. */
  readonly projectId: string | null;
  readonly kind: KeyKind;
  readonly name: string;
  readonly scopes: readonly Scope[];
  readonly expiresAt: Instant | null;
}

export interface CreatedKey {
  readonly apiKey: ProjectKey;
  /** Returned only once. */
  readonly secret: string;
}

/** Creates a key of a project. Each call creates another one, since its secret could not be returned again. */
export async function createApiKey(
  ctx: VerbContext,
  input: CreateApiKeyInput,
): Promise<Result<CreatedKey>> {
  const { caller, store } = ctx;
  const { kind, name, scopes, expiresAt } = input;
  const unfit = scopes.filter((scope) => !KIND_SCOPES[kind].includes(scope));
  if (unfit.length > 0) return refuse(scopesNotOfKind(kind, unfit));
  if (expiresAt !== null && expiresAt <= wallClockMs()) return refuse(past(expiresAt));
  const meant = projectMeant(caller, input.projectId);
  if (meant.kind === 'NOT_GIVEN') return refuse(projectRequired());
  if (meant.kind === 'NONE') return refuse(noProject(input.projectId));
  const lacking = lackedBy(caller, scopes);
  if (lacking.length > 0) return refuse(scopesNotHeld(lacking));
  const { expiresAt: endMax = null } = caller;
  if (endMax !== null && (expiresAt === null || expiresAt > endMax)) {
    return refuse(afterEnd(expiresAt, endMax));
  }
  const { projectId } = meant;
  const { secret, stored } = newSecret({ projectId, scopes, kind });
  const draft = { projectId, name, scopes, expiresAt, ...stored };
  const apiKey = await manage(ctx, () => store.managedKeys.create(draft, KEYS_KEPT));
  if (apiKey === 'NO_PROJECT') return refuse(noProject(projectId));
  if (apiKey === 'TOO_MANY') return refuse(tooMany(name));
  return done({ apiKey, secret });
}

export interface RotateApiKeyInput {
  readonly id: string;
  /** How long the old secret stays valid. */
  readonly overlapMinutes: number;
}

export interface RotatedKey extends CreatedKey {
  /** As it is now. */
  readonly replaced: ProjectKey;
}

/** Creates a key in place of another, which stays valid for the overlap. A second call with the same key is refused. */
export function rotateApiKey(
  ctx: VerbContext,
  input: RotateApiKeyInput,
): Promise<Result<RotatedKey>> {
  return manage(ctx, () => rotateNow(ctx, input));
}

async function rotateNow(
  { caller, store }: VerbContext,
  { id, overlapMinutes }: RotateApiKeyInput,
): Promise<Result<RotatedKey>> {
  const key = isUuid(id) ? await store.managedKeys.find(addressFor(caller, id)) : null;
  if (key === null) return refuse(notFound('API_KEY_NOT_FOUND', id));
  // The answer has the secret of a key with these scopes.
  const lacking = lackedBy(caller, key.scopes);
  if (lacking.length > 0) return refuse(scopesNotHeld(lacking));
  // Its lifetime is no longer than the caller's either: a key that could prolong itself would not expire.
  const limits = { overlapMs: overlapMinutes * MINUTE_MS, endMax: caller.expiresAt ?? null };
  const { projectId } = key;
  const { secret, stored } = successorOf(key);
  const rotated = await store.managedKeys.rotate(key, stored, limits, KEYS_KEPT);
  if (rotated === 'TOO_MANY') return refuse(tooManyFor(overlapMinutes));
  if (rotated !== null) {
    return done({
      apiKey: { ...rotated.key, projectId },
      secret,
      replaced: { ...rotated.replaced, projectId },
    });
  }
  return refuse(ended((await store.managedKeys.find(addressFor(caller, id))) ?? key));
}

/** Revokes a key, the caller's own included. A key that is revoked already is returned as it is. */
export async function revokeApiKey(ctx: VerbContext, id: string): Promise<Result<ProjectKey>> {
  const { caller, store } = ctx;
  const key = isUuid(id)
    ? await manage(ctx, () => store.managedKeys.revoke(addressFor(caller, id)))
    : null;
  return key === null ? refuse(notFound('API_KEY_NOT_FOUND', id)) : done(key);
}

function addressFor(caller: VerbContext['caller'], id: string): KeyAddress {
  return { id, projectId: isAdmin(caller) ? null : caller.projectId };
}

function ended({ revokedAt, rotatedToId }: ApiKey): Refusal {
  return { code: 'API_KEY_ENDED', message: whyEnded({ revokedAt, rotatedToId }) };
}

function whyEnded({ revokedAt, rotatedToId }: Pick<ApiKey, 'revokedAt' | 'rotatedToId'>): string {
  if (revokedAt !== null) return 'The key is revoked. Create another one with createApiKey.';
  if (rotatedToId !== null) {
    return (
      'The key has been rotated already. If the secret of its successor was lost, rotate that one: its id is ' +
      "the key's rotatedToId."
    );
  }
  return 'The key has expired. Create another one with createApiKey.';
}

function afterEnd(expiresAt: Instant | null, endMax: Instant): Refusal {
  const value = expiresAt === null ? 'null' : JSON.stringify(new Date(expiresAt).toISOString());
  const message =
    `must be at most ${new Date(endMax).toISOString()}, when the key that was sent expires, as no key can give what ` +
    'it lacks: for a later one, use a key that expires later or an admin key';
  return invalidInput([{ path: 'expiresAt', value, rule: 'key_end', message }]);
}

function scopesNotOfKind(kind: KeyKind, unfit: readonly Scope[]): Refusal {
  const message = `a key of the kind ${kind} cannot have ${unfit.join(', ')}, only ${KIND_SCOPES[kind].join(', ')}`;
  return invalidInput([
    { path: 'scopes', value: JSON.stringify(unfit), rule: 'key_kind', message },
  ]);
}

function past(expiresAt: Instant): Refusal {
  const value = JSON.stringify(new Date(expiresAt).toISOString());
  return invalidInput([
    { path: 'expiresAt', value, rule: 'future', message: 'must be in the future' },
  ]);
}

function tooManyFor(overlapMinutes: number): Refusal {
  return invalidInput([
    {
      path: 'overlapMinutes',
      value: JSON.stringify(overlapMinutes),
      rule: 'api_keys_max',
      message:
        `a project has at most ${API_KEYS_MAX} valid keys, and both would be valid meanwhile: revoke keys that are no ` +
        'longer used, or give 0, with which the old secret ends within 5 seconds',
    },
  ]);
}

function tooMany(name: string): Refusal {
  return invalidInput([
    {
      path: 'name',
      value: JSON.stringify(name),
      rule: 'api_keys_max',
      message: `a project has at most ${API_KEYS_MAX} valid keys: revoke those that are no longer used`,
    },
  ]);
}
