import type { Instant } from '../../domain/interval.js';
import { sha256 } from '../../platform/digest.js';
import { randomText } from '../../platform/secret.js';
import type { Scope } from './scopes.js';

export const SECRET_START = 'tg_sk_';
const SECRET_BYTES = 32;
const SECRET_FORM = /^tg_sk_[A-Za-z0-9_-]{43}$/;
/** Of a secret, what is stored and shown to recognise it by. */
export const PREFIX_CHARS = 12;

/** The unit of isolation, such as live and sandbox. */
export interface Project {
  readonly id: string;
  readonly name: string;
  readonly createdAt: Instant;
}

/** A secret key as it is stored: without its secret. */
export interface ApiKey {
  readonly id: string;
  readonly projectName: string;
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
}

/** A key that is valid now. */
export interface ValidKey {
  readonly id: string;
  readonly projectId: string;
  readonly scopes: readonly string[];
  /** The SHA-256 of the secret. */
  readonly hash: Uint8Array;
}

export interface ApiKeyDraft {
  readonly projectId: string;
  readonly name: string;
  readonly prefix: string;
  readonly hash: Uint8Array;
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
  insert(draft: ApiKeyDraft): Promise<ApiKey>;
  /** Newest first; those created before the one with the id. */
  list(limit: number, before?: string): Promise<ApiKey[]>;
  /** The key with that id, those with that prefix, or the one whose secret has that hash; valid or not. */
  find(given: string | Uint8Array): Promise<ApiKey[]>;
  revoke(id: string): Promise<void>;
  /** Those with one of the hashes that are valid now by the database's clock. */
  valid(hashes: readonly Uint8Array[]): Promise<ValidKey[]>;
  /** Whether any key is valid now. */
  any(): Promise<boolean>;
}

/** Creates a key for a project. The secret is returned only once and cannot be retrieved again. */
export async function createKey(
  apiKeys: ApiKeys,
  draft: Pick<ApiKeyDraft, 'projectId' | 'name' | 'scopes' | 'lifetimeMs'>,
): Promise<{ key: ApiKey; secret: string }> {
  const secret = `${SECRET_START}${randomText(SECRET_BYTES)}`;
  const key = await apiKeys.insert({
    ...draft,
    prefix: secret.slice(0, PREFIX_CHARS),
    hash: hashOf(secret),
  });
  return { key, secret };
}

/** Anything in another form cannot be a secret and needs no lookup. */
export function isSecret(text: string): boolean {
  return SECRET_FORM.test(text);
}

/** A fast hash is enough: 256 random bits cannot be guessed, however fast the hash. */
export function hashOf(secret: string): Buffer {
  return sha256(secret);
}
