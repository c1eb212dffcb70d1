/** How many items a list can have, declared beside its field and used to count an operation in advance. */
import type { GraphQLField } from 'graphql';
import { BALANCES_PER_CUSTOMER_MAX } from '../domain/room.js';
import { FEATURES_MAX } from '../meter/feature.js';

export interface ListSize {
  /** The most that the rules allow. */
  readonly max: number;
  /**
   * A list of each item that shares out what this one may hold: the balances of a customer are those
   * of its features, so that both together hold no more than `max`.
   */
  readonly sharedOut?: string;
  /** The argument with one entry per item. */
  readonly asManyAs?: string;
  /** Whether each item is a call that could have been sent by itself. */
  readonly isBatch?: true;
}

/**
 * Deductions of one use. Of the balances that a charged feature takes from, all but one are taken to
 * their remainder or to their overage limit, and each is taken there once.
 */
export const DEDUCTIONS_MAX = 2 * BALANCES_PER_CUSTOMER_MAX + FEATURES_MAX;

/** What a usage event could not take, by charged feature. */
export const UNAPPLIED_MAX = FEATURES_MAX;

/** What a customer or an entity has by feature; all their breakdowns hold its balances once. */
export const BALANCES_BY_FEATURE = holds(BALANCES_PER_CUSTOMER_MAX, { sharedOut: 'breakdown' });

/** For the `extensions` of a field that is a list but not a page. */
export function holds(max: number, more: Omit<ListSize, 'max'> = {}): { listSize: ListSize } {
  return { listSize: { max, ...more } };
}

/** Null if none is declared. */
export function listSizeOf(field: GraphQLField<unknown, unknown>): ListSize | null {
  return (field.extensions['listSize'] as ListSize | undefined) ?? null;
}
