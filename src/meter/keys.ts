import type { Instant } from '../domain/interval.js';

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
  /** Null where no key has the hash, or it has expired or been revoked, by the database's clock. */
  valid(hash: Uint8Array): Promise<ValidKey | null>;
  /** Whether any key opens anything now. */
  any(): Promise<boolean>;
}
