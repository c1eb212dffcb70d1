/** The features of the model, and who pays for them. */
import type { PlainArchive } from '../cases/plain.js';
import { costsOf, type PlainFeature } from '../cases/plain-feature.js';
import type { Payer } from './charge.js';
import { COST_ONE, costOf } from './numbers.js';

type Properties = Readonly<Record<string, unknown>> | undefined;

export class ModelCatalogue {
  readonly features: ReadonlyMap<string, PlainFeature>;

  constructor(features: readonly PlainFeature[]) {
    this.features = new Map(features.map((feature) => [feature.id, feature]));
  }

  /** The catalogue once a feature has been archived or brought back. */
  after({ archive, archived = true }: PlainArchive): ModelCatalogue {
    const features = [...this.features.values()];
    return new ModelCatalogue(
      features.map((feature) => (feature.id === archive ? { ...feature, archived } : feature)),
    );
  }

  isArchived(featureId: string): boolean {
    return this.features.get(featureId)?.archived ?? false;
  }

  /** The features that list an event name, by id. */
  listing(eventName: string | undefined): PlainFeature[] {
    return [...this.features.values()]
      .filter(({ eventNames = [] }) => eventNames.some((name) => name === eventName))
      .sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  /** The features that a call counts usage of. */
  counted({ featureId, eventName }: { featureId?: string; eventName?: string }): PlainFeature[] {
    const named = this.features.get(featureId ?? '');
    return (named === undefined ? this.listing(eventName) : [named]).filter(
      ({ type }) => type !== 'BOOLEAN',
    );
  }

  /** R6: what can pay for a feature, and what one unit costs there. */
  payers(feature: PlainFeature, properties: Properties): [Payer, ...Payer[]] {
    const own = { id: feature.id, cost: COST_ONE };
    if (feature.type === 'CREDIT_SYSTEM') return [own];
    const systems = [...this.features.values()].flatMap((system) => {
      const fitting = costsOf(system).find(
        ({ featureId, where = {} }) =>
          featureId === feature.id &&
          Object.entries(where).every(([name, value]) => properties?.[name] === value),
      );
      return fitting === undefined ? [] : [{ id: system.id, cost: costOf(fitting.cost) }];
    });
    return [own, ...systems.sort((a, b) => (a.id < b.id ? -1 : 1))];
  }

  payersOf(featureId: string, properties: Properties): [Payer, ...Payer[]] {
    const feature = this.features.get(featureId);
    if (feature === undefined) throw new Error(`there is no feature ${featureId}`);
    return this.payers(feature, properties);
  }

  /** Everything that could pay for a feature, whatever the properties. */
  possiblePayers(featureId: string): string[] {
    const systems = [...this.features.values()].filter(
      (system) =>
        this.features.get(featureId)?.type !== 'CREDIT_SYSTEM' &&
        costsOf(system).some((cost) => cost.featureId === featureId),
    );
    return [featureId, ...systems.map(({ id }) => id).sort()];
  }
}
