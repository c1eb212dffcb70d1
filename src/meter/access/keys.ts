import type { Instant } from '../../domain/interval.js';
import { sha256 } from '../../platform/digest.js';
import { randomText } from '../../platform/secret.js';

const SECRET_START = 'tg_sk_';
const SECRET_BYTES = 32;
const SECRET_FORM = /^tg_sk_[A-Za-z0-9_-]{43}$/;
const PREFIX_CHARS = 12;

/** The unit of isolation: a live one, a sandbox one. */
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
  readonly createdAt: Instant;
  readonly expiresAt: Instant | null;
  readonly revokedAt: Instant | null;
}

/** A key that opens its project now. */
export interface ValidKey {
  readonly id: string;
  readonly projectId: string;
  /** The SHA-256 of the secret. */
  readonly hash: Uint8Array;
}

export interface ApiKeyDraft {
  readonly projectId: string;
  readonly name: string;
  readonly prefix: string;
  readonly hash: Uint8Array;
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
  /** Newest first. */
  list(limit: number): Promise<ApiKey[]>;
  /** The key with that id, or those whose secret begins like that. */
  find(idOrPrefix: string): Promise<ApiKey[]>;
  revoke(id: string): Promise<void>;
  /** Those that have one of the hashes and, by the database's clock, open their project now. */
  valid(hashes: readonly Uint8Array[]): Promise<ValidKey[]>;
  /** Whether any key opens anything now. */
  any(): Promise<boolean>;
}

/** Makes a key for a project. The secret is given this once, and can't be had again. */
export async function createKey(
  apiKeys: ApiKeys,
  draft: Pick<ApiKeyDraft, 'projectId' | 'name' | 'lifetimeMs'>,
): Promise<{ key: ApiKey; secret: string }> {
  const secret = `${SECRET_START}${randomText(SECRET_BYTES)}`;
  const key = await apiKeys.insert({
    ...draft,
    prefix: secret.slice(0, PREFIX_CHARS),
    hash: hashOf(secret),
  });
  return { key, secret };
}

/** What has another form can't be a secret, and needs no look-up. */
export function isSecret(text: string): boolean {
  return SECRET_FORM.test(text);
}

/** A fast hash will do: nobody can guess 256 random bits, however fast. */
export function hashOf(secret: string): Buffer {
  return sha256(secret);
}
