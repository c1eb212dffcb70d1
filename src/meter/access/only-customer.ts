/** Callers that may see and track one customer only: those that send a customer token. */
import { type NotFound, notFound } from '../../domain/refusal.js';
import type { EventFilter } from '../store.js';
import type { Caller } from '../verb.js';
import { ForbiddenError } from './forbidden.js';
import { NARROWED_SCOPES, scopeSet } from './scopes.js';

export interface OnlyCustomer {
  readonly customerId: string;
  readonly customerKey: string;
  /** The only entity of the customer; null for the customer with all of its entities. */
  readonly entityId: string | null;
}

const NARROWED = scopeSet(NARROWED_SCOPES);

export function narrowed(caller: Caller, only: OnlyCustomer): Caller {
  return { ...caller, scopes: caller.scopes & NARROWED, only };
}

/** The key of no customer: all others are UUIDs of version 5. */
export const NO_CUSTOMER = '00000000-0000-0000-0000-000000000000';

/** The customer's key, or one that no customer has: what is another customer's is read like what does not exist. */
export function keyWithin(customerKey: string, only: OnlyCustomer): string {
  return customerKey === only.customerKey ? customerKey : NO_CUSTOMER;
}

/** The same for something of one of its entities, or of the customer itself. */
export function entityKeyWithin(
  customerKey: string,
  entityId: string | null,
  only: OnlyCustomer,
): string {
  return isEntityWithin(entityId, only) ? keyWithin(customerKey, only) : NO_CUSTOMER;
}

export function isEntityWithin(entityId: string | null, only: OnlyCustomer | undefined): boolean {
  return only === undefined || only.entityId === null || entityId === only.entityId;
}

/** Only what is also the customer's, and its entity's. */
export function filterWithin(filter: EventFilter, only: OnlyCustomer): EventFilter {
  const entityId = filter.entityId ?? only.entityId;
  const customerKey = filter.customerKey ?? only.customerKey;
  return { ...filter, entityId, customerKey: entityKeyWithin(customerKey, entityId, only) };
}

interface Address {
  readonly customerId: string;
  readonly entityId: string | null;
}

/** What a caller gets that would track another customer or entity: what it gets for one that does not exist. */
export function refuseOther({ only }: Caller, { customerId, entityId }: Address): NotFound | null {
  if (only === undefined) return null;
  if (customerId !== only.customerId) return notFound('CUSTOMER_NOT_FOUND', customerId);
  if (isEntityWithin(entityId, only)) return null;
  if (entityId !== null) return notFound('ENTITY_NOT_FOUND', entityId);
  throw new ForbiddenError(
    'The customer token is for one entity, and the input names none. Nothing was done. Give its entityId.',
    [],
  );
}
