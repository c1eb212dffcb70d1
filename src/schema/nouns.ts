/**
 * The objects of the schema, by name, with what is behind each. Their fields are in the file of
 * each noun; here they are only declared, because customers have events and events have customers.
 */
import type { FeatureBalance } from '../domain/account.js';
import type { Balance } from '../domain/balance.js';
import type { Project, ProjectKey } from '../meter/access/keys.js';
import type {
  Customer,
  CustomerScope,
  Entity,
  RecordedEntry,
  StoredFeature,
  UsageEvent,
} from '../meter/store.js';
import { builder } from './builder.js';

/** A customer, or its location: the rest is read when a field needs it. */
export type CustomerNode = Customer | CustomerAddress;

export interface CustomerAddress extends CustomerScope {
  /** Null if only the key is known. */
  readonly id: string | null;
}

export type EntityNode = Entity | EntityAddress | DeletedEntity;

/** As it was until this operation deleted it. */
export interface DeletedEntity extends Entity {
  readonly isDeleted: true;
}

export interface EntityAddress extends CustomerScope {
  readonly id: string;
}

export type FeatureNode = StoredFeature | FeatureAddress;

export interface FeatureAddress {
  readonly id: string;
}

export interface BalanceNode extends Balance {
  readonly owner: CustomerNode;
}

export interface FeatureBalanceNode {
  readonly sums: FeatureBalance;
  readonly owner: CustomerNode;
}

export interface LedgerEntryNode extends RecordedEntry {
  /** If it is known without a lookup. */
  readonly balance?: BalanceNode;
}

export interface EventNode extends UsageEvent {
  /** What is known about its customer and balances without a lookup. */
  readonly owner: CustomerNode;
  readonly preloaded: readonly FeatureBalance[];
}

/** A project, or its location. */
export type ProjectNode = Project | ProjectAddress;

export interface ProjectAddress {
  readonly id: string;
}

export const ProjectRef = builder.objectRef<ProjectNode>('Project');
export const ApiKeyRef = builder.objectRef<ProjectKey>('ApiKey');
export const CustomerRef = builder.objectRef<CustomerNode>('Customer');
export const EntityRef = builder.objectRef<EntityNode>('CustomerEntity');
export const FeatureRef = builder.objectRef<FeatureNode>('Feature');
export const BalanceRef = builder.objectRef<BalanceNode>('Balance');
export const FeatureBalanceRef = builder.objectRef<FeatureBalanceNode>('FeatureBalance');
export const EventRef = builder.objectRef<EventNode>('UsageEvent');
export const LedgerEntryRef = builder.objectRef<LedgerEntryNode>('LedgerEntry');

/** The location of a customer of which nothing else is known. */
export function ownerOf({ projectId, customerKey }: CustomerScope): CustomerAddress {
  return { projectId, customerKey, id: null };
}

/** Written out, like the next one, because every usage event passes here and a spread takes longer. */
export function eventNode(
  event: UsageEvent,
  owner: CustomerNode,
  preloaded: readonly FeatureBalance[] = [],
): EventNode {
  return {
    projectId: event.projectId,
    customerKey: event.customerKey,
    id: event.id,
    entityId: event.entityId,
    featureId: event.featureId,
    eventName: event.eventName,
    value: event.value,
    properties: event.properties,
    occurredAt: event.occurredAt,
    recordedAt: event.recordedAt,
    idempotencyKey: event.idempotencyKey,
    reservationId: event.reservationId ?? null,
    outcome: event.outcome,
    voided: event.voided,
    amendsId: event.amendsId,
    owner,
    preloaded,
  };
}

export function featureBalanceNode(sums: FeatureBalance, owner: CustomerNode): FeatureBalanceNode {
  return { sums, owner };
}
