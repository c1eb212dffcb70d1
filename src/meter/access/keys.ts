import type { Instant } from '../../domain/interval.js';
import { sha256, sha256Hex } from '../../platform/digest.js';
import { randomText } from '../../platform/secret.js';
import { type KeyKind, kindOf, needsToken, SECRET_STARTS } from './key-kinds.js';
import { EVERY_SCOPE, knownScopes, type Scope } from './scopes.js';

const SECRET_BYTES = 32;
const SECRET_FORM = /^tg_[sapc]k_[A-Za-z0-9_-]{43}$/;
/** Of a secret, what is stored and shown to recognise it by. */
export const PREFIX_CHARS = 12;

/** The unit of isolation, such as live and sandbox. */
export interface Project {
  readonly id: string;
  readonly name: string;
  readonly createdAt: Instant;
}

/** A key as it is stored: without its secret. */
export interface ApiKey {
  readonly id: string;
  /** Null for an admin key. */
  readonly projectId: string | null;
  readonly name: string;
  /** The first characters of the secret, to recognise it by. */
  readonly prefix: string;
  /** As they are stored: a newer release may have more. */
  readonly scopes: readonly string[];
  readonly createdAt: Instant;
  readonly expiresAt: Instant | null;
  readonly revokedAt: Instant | null;
  /** To the minute; null if it has not been used since this was first recorded. */
  readonly lastUsedAt: Instant | null;
  /** The key that replaces it; null unless it has been rotated. */
  readonly rotatedToId: string | null;
}

export interface ProjectKey extends ApiKey {
  readonly projectId: string;
}

/** As the commands show it. */
export interface ListedKey extends ApiKey {
  /** Null for an admin key. */
  readonly projectName: string | null;
}

/** A key that is valid now. */
export interface ValidKey {
  readonly id: string;
  /** Null for an admin key. */
  readonly projectId: string | null;
  readonly scopes: readonly string[];
  readonly expiresAt: Instant | null;
  /** One of the secret's digests. */
  readonly hash: Uint8Array;
}

/** What is stored of a secret. */
export interface StoredSecret {
  readonly prefix: string;
  /** Which of the secret's digests it is depends on the key's scopes. */
  readonly hash: Uint8Array;
}

export interface ApiKeyDraft extends StoredSecret {
  /** Null for an admin key. */
  readonly projectId: string | null;
  readonly name: string;
  readonly scopes: readonly Scope[];
  /** Null for a key that does not expire. */
  readonly lifetimeMs: number | null;
}

/** `store/` implements it. */
export interface Projects {
  /** Get or create, by name. */
  ensure(name: string): Promise<{ project: Project; created: boolean }>;
  find(name: string): Promise<Project | null>;
  list(): Promise<Project[]>;
}

/** `store/` implements it. */
export interface ApiKeys {
  insert(draft: ApiKeyDraft): Promise<ListedKey>;
  /** Newest first; those created before the one with the id. */
  list(limit: number, before?: string): Promise<ListedKey[]>;
  /** The key with that id, those with that prefix, or the one whose secret has one of those digests; valid or not. */
  find(given: string | readonly Uint8Array[]): Promise<ListedKey[]>;
  revoke(id: string): Promise<void>;
  /**
   * Creates a key that differs from this one in its secret alone and is valid as long as this one was to be, within the limits,
   * and ends this one after the overlap, unless it ends before. Null if it is not valid now or has been rotated already.
   */
  rotate(id: string, secret: StoredSecret, limits: RotationLimits): Promise<Rotated | null>;
  /** Those with one of the hashes that are valid now by the database's clock. */
  valid(hashes: readonly Uint8Array[]): Promise<ValidKey[]>;
  /** Whether any key is valid now. */
  any(): Promise<boolean>;
}

export interface RotationLimits {
  /** How long the old secret stays valid at most. */
  readonly overlapMs: number;
  /** When the new key ends at the latest; null if nothing limits it. */
  readonly endMax: Instant | null;
}

export interface Rotated {
  readonly key: ApiKey;
  /** The key that it replaces. */
  readonly replaced: ApiKey;
}

export interface NewKey extends Pick<ApiKeyDraft, 'projectId' | 'name' | 'scopes' | 'lifetimeMs'> {
  readonly kind?: KeyKind;
}

/** Creates a key for a project, or an admin key. The secret is returned only once and cannot be retrieved again. */
export async function createKey(
  apiKeys: ApiKeys,
  { kind = 'SECRET', ...draft }: NewKey,
): Promise<{ key: ListedKey; secret: string }> {
  const { secret, stored } = newSecret({ ...draft, kind });
  return { key: await apiKeys.insert({ ...draft, ...stored }), secret };
}

/** Another secret in place of a key's; null if the key is not valid now or has been rotated already. */
export async function rotateKey(
  apiKeys: Pick<ApiKeys, 'rotate'>,
  key: ApiKey,
  limits: RotationLimits,
): Promise<(Rotated & { readonly secret: string }) | null> {
  const { secret, stored } = successorOf(key);
  const rotated = await apiKeys.rotate(key.id, stored, limits);
  return rotated === null ? null : { ...rotated, secret };
}

/** A secret for the key that replaces this one. It stays what it is: a secret key in place of another kind could do more. */
export function successorOf({ projectId, scopes, prefix }: ApiKey): NewSecret {
  return newSecret({ projectId, scopes, kind: kindOf(prefix) });
}

export interface NewSecret {
  readonly secret: string;
  readonly stored: StoredSecret;
}

export interface SecretKind {
  /** Null for an admin key. */
  readonly projectId: string | null;
  readonly scopes: readonly string[];
  readonly kind: KeyKind;
}

/** A secret for a key of the project, or for an admin key, and what is stored of it. */
export function newSecret({ projectId, scopes, kind }: SecretKind): NewSecret {
  const start = projectId === null ? SECRET_STARTS.ADMIN : SECRET_STARTS[kind];
  const secret = `${start}${randomText(SECRET_BYTES)}`;
  const isFull = knownScopes(scopes) === EVERY_SCOPE && !needsToken(kind);
  const hash = isFull ? hashOf(secret) : scopedHashOf(secret);
  return { secret, stored: { prefix: secret.slice(0, PREFIX_CHARS), hash } };
}

/** Anything in another form cannot be a secret and needs no lookup. */
export function isSecret(text: string): boolean {
  return SECRET_FORM.test(text);
}

/** A fast hash is enough: 256 random bits cannot be guessed, however fast the hash. */
export function hashOf(secret: string): Buffer {
  return sha256(secret);
}

/**
 * What is stored of a key that lacks a scope, or needs a customer token. Gateways of releases without scopes look for the SHA-256 of the secret alone, and
 * would let such a key do everything; so they do not find it.
 */
export function scopedHashOf(secret: string): Buffer {
  return scopedHash(sha256Hex(secret));
}

/** Of the secret with this SHA-256, what may be stored: which of the two depends on scopes that are not known yet. */
export function storedHashes(digits: string): readonly Buffer[] {
  return [Buffer.from(digits, 'hex'), scopedHash(digits)];
}

/** Of the digest, so that it can be computed where the secret is no longer at hand. */
function scopedHash(digits: string): Buffer {
  return sha256(`scoped:${digits}`);
}
