/** The features of the model, and who pays for them. */
import type { PlainArchive, PlainFeature } from '../cases/plain.js';
import type { Payer } from './charge.js';
import { amountOf, ONE } from './numbers.js';

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
  payers(feature: PlainFeature): [Payer, ...Payer[]] {
    const own = { id: feature.id, cost: ONE };
    if (feature.type === 'CREDIT_SYSTEM') return [own];
    const systems = [...this.features.values()].flatMap(({ id, creditCosts = {} }) => {
      const cost = creditCosts[feature.id];
      return cost === undefined ? [] : [{ id, cost: amountOf(cost) }];
    });
    return [own, ...systems.sort((a, b) => (a.id < b.id ? -1 : 1))];
  }

  payersOf(featureId: string): [Payer, ...Payer[]] {
    const feature = this.features.get(featureId);
    if (feature === undefined) throw new Error(`there is no feature ${featureId}`);
    return this.payers(feature);
  }
}
