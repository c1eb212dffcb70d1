/** What keeps a feature from being deleted, and what an archived one is refused for. */
import { type FeatureArchived, type FeatureInUse, quoted } from './refusal.js';

/** What can have used a feature, in the order in which it is told. */
export const FEATURE_USES = ['BALANCES', 'EVENTS', 'RESERVATIONS', 'CREDIT_COSTS'] as const;

export type FeatureUse = (typeof FEATURE_USES)[number];

const TOLD: Record<FeatureUse, string> = {
  BALANCES: 'balances of it, ended ones included',
  EVENTS: 'usage events of it or of its event names',
  RESERVATIONS: 'reservations of it or of its event names',
  CREDIT_COSTS: 'credit systems that list it',
};

export function featureInUse(id: string, uses: readonly FeatureUse[]): FeatureInUse {
  return {
    code: 'FEATURE_IN_USE',
    message:
      `The feature ${quoted(id)} cannot be deleted, because there are ` +
      `${uses.map((use) => TOLD[use]).join(', ')}. Archive it with archiveFeature instead, unless it is archived already.`,
    uses,
  };
}

export function featureArchived(id: string, what: 'balances' | 'credit costs'): FeatureArchived {
  return {
    code: 'FEATURE_ARCHIVED',
    message:
      `The feature ${quoted(id)} is archived, so there can be no new ${what} of it. ` +
      'Bring it back with archiveFeature and archived: false first.',
    featureId: id,
  };
}
