/** How many items a list can have, declared beside its field and used to count an operation in advance. */
import type { GraphQLField } from 'graphql';
import { BALANCES_PER_CUSTOMER_MAX } from '../domain/room.js';
import { NOT_REVERSED_REASONS } from '../domain/void.js';
import { FEATURES_MAX } from '../meter/feature.js';
import { AT_HAND, BY_KEY, type CostDirectives, costs, FILTER, PAGE, WRITE } from './cost.js';
import { VOID_EVENTS_MAX } from './input/limits.js';

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

interface More extends Omit<ListSize, 'max'> {
  /** What an item costs, if that is not what its type says. */
  readonly cost?: number;
  /** The size by which others estimate, if that is not the maximum. */
  readonly assumedSize?: number;
}

/** A type, and not an interface: those have no index signature. */
type Extensions = {
  readonly listSize: ListSize;
  readonly directives: CostDirectives;
};

/**
 * Deductions of one use. Of the balances that a charged feature takes from, all but one are taken to
 * their remainder or to their overage limit, and each is taken there once.
 */
export const DEDUCTIONS_MAX = 2 * BALANCES_PER_CUSTOMER_MAX + FEATURES_MAX;

/** What undoing a usage event gives back: once to each balance that it took from. */
export const REVERSED_MAX = BALANCES_PER_CUSTOMER_MAX;

/** What it does not give back: of one balance, a part may be over and another be given back already. */
export const NOT_REVERSED_MAX = 2 * BALANCES_PER_CUSTOMER_MAX;

/** What undoing many usage events gives back, by feature; and what it does not, by feature and reason. */
export const REVERSED_FEATURES_MAX = FEATURES_MAX;
export const NOT_REVERSED_FEATURES_MAX = FEATURES_MAX * NOT_REVERSED_REASONS.length;

/** What a `voidEvents` costs: events that may have to be searched for, each of them undone like by a call of its own. */
export const VOID_EVENTS = PAGE + BY_KEY + FILTER + VOID_EVENTS_MAX * WRITE;

/** What a usage event could not take, by charged feature. */
export const UNAPPLIED_MAX = FEATURES_MAX;

/** What a customer or an entity has by feature; all their breakdowns hold its balances once. */
export const BALANCES_BY_FEATURE = holds(BALANCES_PER_CUSTOMER_MAX, { sharedOut: 'breakdown' });

/** The same as far as a call has it at hand. */
export const BALANCES_AT_HAND = holds(BALANCES_PER_CUSTOMER_MAX, {
  sharedOut: 'breakdown',
  cost: AT_HAND,
});

/** The balances of one feature. As a share of the balances of all, one for each feature. */
export const BREAKDOWN = holds(BALANCES_PER_CUSTOMER_MAX, { cost: AT_HAND, assumedSize: 1 });

/** One feature's balance, for which all balances are read, and whose breakdown may be all of them. */
export const ONE_OF_BALANCES = oneOf(BALANCES_PER_CUSTOMER_MAX + 1);

/** What a check costs: as many balances may be read. */
export const CHECK = BALANCES_PER_CUSTOMER_MAX + 2;

/** The same as far as a call has it at hand. */
export const ONE_AT_HAND = oneOf(AT_HAND);

function oneOf(cost: number): Pick<Extensions, 'directives'> {
  const listSize = { assumedSize: BALANCES_PER_CUSTOMER_MAX, sizedFields: ['breakdown'] };
  return { directives: { ...costs(cost).directives, listSize } };
}

/** For the `extensions` of a field that is a list but not a page. */
export function holds(max: number, more: More = {}): Extensions {
  const { cost, assumedSize = max, ...size } = more;
  return {
    listSize: { max, ...size },
    directives: {
      ...(cost === undefined ? {} : costs(cost).directives),
      listSize: { assumedSize },
    },
  };
}

/** Null if none is declared. */
export function listSizeOf(field: GraphQLField<unknown, unknown>): ListSize | null {
  return (field.extensions['listSize'] as ListSize | undefined) ?? null;
}
