import type { Catalog, CreditCost, FeatureType } from '../domain/feature.js';
import { type InputIssue, invalidInput, notFound, type Refusal } from '../domain/refusal.js';

interface Priced {
  readonly id: string;
  readonly type: FeatureType;
  readonly creditCosts: readonly CreditCost[];
}

/** Whether the costs make sense in the catalogue: only a credit system has them, and it has some. */
export function refuseCreditCosts(catalog: Catalog, feature: Priced): Refusal | null {
  const { type, creditCosts } = feature;
  if (type !== 'CREDIT_SYSTEM') {
    if (creditCosts.length === 0) return null;
    return invalidInput([
      issue('creditCosts', type, 'credit_system', 'only a CREDIT_SYSTEM has credit costs'),
    ]);
  }
  if (creditCosts.length === 0) {
    return invalidInput([
      issue('creditCosts', [], 'required', 'a CREDIT_SYSTEM must list what its credits pay for'),
    ]);
  }
  const issues = creditCosts.flatMap(({ featureId }, index) => {
    const message = unfitMember(catalog, feature.id, featureId);
    if (message === null) return [];
    return [issue(`creditCosts.${index}.featureId`, featureId, 'member', message)];
  });
  if (issues.length > 0) return invalidInput(issues);
  const unknown = creditCosts.find(({ featureId }) => !catalog.features.has(featureId));
  return unknown === undefined ? null : notFound('FEATURE_NOT_FOUND', unknown.featureId);
}

function unfitMember(catalog: Catalog, creditSystemId: string, featureId: string): string | null {
  if (featureId === creditSystemId) return 'a CREDIT_SYSTEM can not pay for itself';
  const type = catalog.features.get(featureId)?.type;
  if (type === 'CREDIT_SYSTEM') return 'a CREDIT_SYSTEM can not pay for another one';
  return type === 'BOOLEAN' ? 'a BOOLEAN feature is not used in amounts, so it has no cost' : null;
}

function issue(path: string, value: unknown, rule: string, message: string): InputIssue {
  return { path, value: JSON.stringify(value), rule, message };
}
