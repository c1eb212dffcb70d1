import { COST_ONE, type Cost } from './cost.js';
import { matches, type Properties, type Where } from './where.js';

export const FEATURE_TYPES = ['BOOLEAN', 'CONSUMABLE', 'CONTINUOUS', 'CREDIT_SYSTEM'] as const;

export type FeatureType = (typeof FEATURE_TYPES)[number];

/** Something a customer can use. */
export interface Feature {
  readonly id: string;
  readonly name: string;
  readonly type: FeatureType;
  readonly eventNames: readonly string[];
  /**
   * For a credit system: what one unit of each listed feature costs in it. Empty for all others. Of several costs of
   * one feature, the first that fits the usage applies.
   */
  readonly creditCosts: readonly CreditCost[];
  /** Whether there are to be no new balances and no new credit costs of it. What exists goes on. */
  readonly isArchived: boolean;
}

export interface CreditCost {
  readonly featureId: string;
  readonly cost: Cost;
  /** Which usage it is for; null for all. */
  readonly where: Where | null;
}

/** A feature whose balances can pay for another one, and at what cost per unit. */
export interface Payer {
  readonly feature: Feature;
  readonly cost: Cost;
  /** Which uses it costs that; null for all that have no other cost. */
  readonly where: Where | null;
}

/** The features of one project, indexed for tracking. */
export interface Catalog {
  /** The version of the project's catalogue when this was read. */
  readonly version: number;
  readonly features: ReadonlyMap<string, Feature>;
  readonly byEventName: ReadonlyMap<string, readonly Feature[]>;
  /**
   * R6: the feature itself, then every credit system that lists it, by id. A credit system is paid
   * for by itself alone. Of a feature whose cost depends on properties, everything that could pay, at each cost in turn.
   */
  readonly possiblePayers: ReadonlyMap<string, readonly Payer[]>;
  /** The features with a cost that depends on properties. */
  readonly priced: ReadonlySet<string>;
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
    payers.set(feature.id, [{ feature, cost: COST_ONE, where: null }]);
    for (const name of new Set(feature.eventNames)) {
      const others = byEventName.get(name);
      if (others === undefined) byEventName.set(name, [feature]);
      else others.push(feature);
    }
  }
  const priced = new Set<string>();
  for (const creditSystem of sorted) {
    for (const { featureId, cost, where } of creditSystem.creditCosts) {
      if (features.get(featureId)?.type === 'CREDIT_SYSTEM') continue;
      payers.get(featureId)?.push({ feature: creditSystem, cost, where });
      if (where !== null) priced.add(featureId);
    }
  }
  let chargedMax = 1;
  for (const charged of byEventName.values()) chargedMax = Math.max(chargedMax, charged.length);
  return { version, features, byEventName, possiblePayers: payers, priced, chargedMax };
}

const NO_PAYERS: readonly Payer[] = [];

/**
 * What pays for usage of a feature with these properties: of each credit system that lists it, the first cost that
 * fits it. A credit system with none does not pay.
 */
export function payersOf(
  { possiblePayers, priced }: Catalog,
  featureId: string,
  properties: Properties | null,
): readonly Payer[] {
  const all = possiblePayers.get(featureId) ?? NO_PAYERS;
  if (!priced.has(featureId)) return all;
  const found: Payer[] = [];
  for (const payer of all) {
    // The costs of a credit system come one after the other.
    if (found.at(-1)?.feature === payer.feature) continue;
    if (payer.where === null || matches(payer.where, properties)) found.push(payer);
  }
  return found;
}
