import type { LedgerKind } from '../domain/balance.js';
import type { CreditCost, Feature, FeatureType } from '../domain/feature.js';
import type { FeatureUse } from '../domain/feature-use.js';
import type { Instant } from '../domain/interval.js';
import type { Quantity } from '../domain/quantity.js';
import type { Reversal } from '../domain/void.js';
import type { JsonText } from '../platform/json-text.js';
import type { ApiKeys } from './access/keys.js';
import type { ManagedKeys } from './access/manage-keys.js';
import type { ManagedProjects } from './access/manage-projects.js';
import type { TokenSecrets } from './access/token-secrets.js';
import type { WritePath } from './write/write-path.js';

/** What the verbs need from the database. Every method filters by project in SQL, and may throw an `UnavailableError`. */
export interface Store extends WritePath, Nouns {
  readonly apiKeys: ApiKeys;
  readonly managedKeys: ManagedKeys;
  readonly managedProjects: ManagedProjects;
  readonly tokenSecrets: TokenSecrets;
  /** Closes all connections. */
  close(): Promise<void>;
}

export type CustomerScope = { readonly projectId: string; readonly customerKey: string };

export type JsonObject = { readonly [key: string]: unknown };

export interface Customer extends CustomerScope {
  readonly id: string;
  readonly name: string | null;
  readonly email: string | null;
  readonly metadata: JsonText;
  readonly createdAt: Instant;
  readonly updatedAt: Instant;
  /** Of one that is deleted, only the ledger is left, and an id that says nothing. */
  readonly deletedAt: Instant | null;
}

/** A deleted customer, and whether all that told of the person is erased. */
export interface Erased {
  readonly customer: Customer;
  readonly complete: boolean;
}

export interface Entity extends CustomerScope {
  readonly id: string;
  readonly name: string | null;
  readonly metadata: JsonText;
  readonly createdAt: Instant;
}

export interface UsageEvent extends CustomerScope {
  readonly id: string;
  readonly entityId: string | null;
  readonly featureId: string | null;
  readonly eventName: string | null;
  readonly value: Quantity;
  /** Undefined if they were not requested. */
  readonly properties: JsonText | null | undefined;
  readonly occurredAt: Instant;
  readonly recordedAt: Instant;
  readonly idempotencyKey: string | null;
  /** The reservation of which it is a capture; none for other usage. */
  readonly reservationId?: string | null;
  readonly outcome: EventOutcome;
  /** Null as long as the event counts. */
  readonly voided: EventVoid | null;
  /** The event in whose place it was recorded. */
  readonly amendsId: string | null;
}

/** How an event was undone. */
export interface EventVoid {
  readonly voidedAt: Instant;
  readonly reason: string | null;
  readonly actor: string | null;
  /** The event in its place. */
  readonly amendedById: string | null;
  readonly reversal: Reversal;
}

/** What an event took and what it could not take. */
export interface EventOutcome {
  readonly deductions: readonly {
    readonly balanceId: string;
    readonly featureId: string;
    readonly amount: Quantity;
  }[];
  readonly unapplied: readonly {
    readonly featureId: string;
    readonly chargedFeatureId: string;
    readonly amount: Quantity;
  }[];
}

/** A ledger entry as it was recorded. */
export interface RecordedEntry extends CustomerScope {
  readonly balanceId: string;
  readonly seq: number;
  readonly kind: LedgerKind;
  readonly amount: Quantity;
  readonly grantedBefore: Quantity;
  readonly usedBefore: Quantity;
  readonly reservedBefore: Quantity;
  readonly grantedAfter: Quantity;
  readonly usedAfter: Quantity;
  readonly reservedAfter: Quantity;
  /** Of a correction, in its caller's words. */
  readonly reason: string | null;
  readonly actor: string | null;
  readonly eventId: string | null;
  readonly effectiveAt: Instant;
  readonly recordedAt: Instant;
}

/** A feature as it is stored. */
export interface StoredFeature extends Feature {
  readonly projectId: string;
  readonly createdAt: Instant;
  readonly updatedAt: Instant;
  /** Null if it is not archived. */
  readonly archivedAt: Instant | null;
}

export interface FeatureDraft {
  readonly id: string;
  readonly name: string;
  readonly type: FeatureType;
  readonly eventNames: readonly string[];
  readonly creditCosts: readonly CreditCost[];
}

/** The fields that are given change; the others stay. */
export interface FeatureChanges {
  readonly name?: string;
  readonly eventNames?: readonly string[];
  readonly creditCosts?: readonly CreditCost[];
}

export interface CustomerDraft {
  readonly id: string;
  readonly name: string | null;
  readonly email: string | null;
  readonly metadata: JsonObject;
}

export interface EntityDraft {
  readonly id: string;
  readonly name: string | null;
  readonly metadata: JsonObject;
}

export interface CustomerChanges {
  readonly name?: string | null;
  readonly email?: string | null;
  readonly metadata?: JsonObject;
}

export interface EntityChanges {
  readonly name?: string | null;
  readonly metadata?: JsonObject;
}

export interface EventFilter {
  readonly customerKey: string | null;
  readonly entityId: string | null;
  readonly featureId: string | null;
  readonly eventName: string | null;
  /** Inclusive. */
  readonly occurredFrom: Instant | null;
  /** Exclusive. */
  readonly occurredBefore: Instant | null;
}

/** What is written outside the write path because no balance depends on it, and what these verbs read first. */
export interface Nouns {
  /** Get or create: an existing customer is returned as it is, and so is a deleted one that had the id. */
  createCustomer(
    scope: CustomerScope,
    draft: CustomerDraft,
  ): Promise<{ customer: Customer; created: boolean }>;
  /** Null if the customer does not exist, or is deleted. */
  updateCustomer(scope: CustomerScope, changes: CustomerChanges): Promise<Customer | null>;
  /** Erases the next bounded part of a deleted customer; null if there is no deleted one. */
  eraseCustomer(scope: CustomerScope): Promise<Erased | null>;

  entity(scope: CustomerScope, entityId: string): Promise<Entity | null>;
  /** Null if the entity does not exist. */
  updateEntity(
    scope: CustomerScope,
    entityId: string,
    changes: EntityChanges,
  ): Promise<Entity | 'NO_CUSTOMER' | null>;

  /**
   * Null if the id is taken or the project has reached its limit, and stale if the catalogue is not of the version that this is based on.
   */
  createFeature(
    projectId: string,
    draft: FeatureDraft,
    featuresMax: number,
    basedOn?: number,
  ): Promise<StoredFeature | 'STALE' | 'BEING_DELETED' | null>;
  /** Null if the feature does not exist. */
  updateFeature(
    projectId: string,
    id: string,
    changes: FeatureChanges,
    basedOn?: number,
  ): Promise<StoredFeature | 'STALE' | null>;
  /** Archives it or brings it back; null if it does not exist. */
  archiveFeature(projectId: string, id: string, archived: boolean): Promise<StoredFeature | null>;
  /** The feature as it was, or what has used it; null if it does not exist, or once a deletion that another call began is complete. */
  deleteFeature(
    projectId: string,
    id: string,
  ): Promise<{ readonly feature: StoredFeature } | { readonly uses: readonly FeatureUse[] } | null>;
  feature(projectId: string, id: string): Promise<StoredFeature | null>;
}
