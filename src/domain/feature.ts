import { COST_ONE, type Quantity } from './quantity.js';

export const FEATURE_TYPES = ['BOOLEAN', 'CONSUMABLE', 'CONTINUOUS', 'CREDIT_SYSTEM'] as const;

export type FeatureType = (typeof FEATURE_TYPES)[number];

/** Something a customer can use. */
export interface Feature {
  readonly id: string;
  readonly name: string;
  readonly type: FeatureType;
  readonly eventNames: readonly string[];
  /**
   * For a credit system: what one unit of each listed feature costs in it. Empty for all others.
   */
  readonly creditCosts: readonly CreditCost[];
  /** Whether there are to be no new balances and no new credit costs of it. What exists goes on. */
  readonly isArchived: boolean;
}

export interface CreditCost {
  readonly featureId: string;
  readonly cost: Quantity;
}

/** A feature whose balances can pay for another one, and at what cost per unit. */
export interface Payer {
  readonly feature: Feature;
  readonly cost: Quantity;
}

/** The features of one project, indexed for tracking. */
export interface Catalog {
  /** The version of the project's catalogue when this was read. */
  readonly version: number;
  readonly features: ReadonlyMap<string, Feature>;
  readonly byEventName: ReadonlyMap<string, readonly Feature[]>;
  /**
   * R6: the feature itself, then every credit system that lists it, by id. A credit system is paid
   * for by itself alone.
   */
  readonly payers: ReadonlyMap<string, readonly Payer[]>;
  /** The most features that list one event name; at least 1. */
  readonly chargedMax: number;
}

/** Indexes a project's features. */
export function catalogOf(version: number, list: readonly Feature[]): Catalog {
  const sorted = list.toSorted((a, b) => (a.id < b.id ? -1 : 1));
  const features = new Map(sorted.map((feature) => [feature.id, feature]));
  const byEventName = new Map<string, Feature[]>();
  const payers = new Map<string, Payer[]>();
  for (const feature of sorted) {
    payers.set(feature.id, [{ feature, cost: COST_ONE }]);
    for (const name of new Set(feature.eventNames)) {
      const others = byEventName.get(name);
      if (others === undefined) byEventName.set(name, [feature]);
      else others.push(feature);
    }
  }
  for (const creditSystem of sorted) {
    for (const { featureId, cost } of creditSystem.creditCosts) {
      if (features.get(featureId)?.type === 'CREDIT_SYSTEM') continue;
      payers.get(featureId)?.push({ feature: creditSystem, cost });
    }
  }
  let chargedMax = 1;
  for (const charged of byEventName.values()) chargedMax = Math.max(chargedMax, charged.length);
  return { version, features, byEventName, payers, chargedMax };
}
