/** Features as a caller writes them. */
import type { FeatureType } from '../../../src/domain/feature.js';

export interface PlainFeature {
  readonly id: string;
  readonly type: FeatureType;
  readonly eventNames?: readonly string[];
  /** For a credit system: what one unit of each feature costs in it, or the costs of which the first that fits applies. */
  readonly creditCosts?: Readonly<Record<string, number | readonly PlainCost[]>>;
  readonly archived?: boolean;
}

export interface PlainCost {
  readonly cost: number;
  /** For all uses if it is omitted. */
  readonly where?: Readonly<Record<string, string | number | boolean>>;
}

/** The costs of a credit system, one by one. */
export function costsOf({
  creditCosts = {},
}: PlainFeature): (PlainCost & { readonly featureId: string })[] {
  return Object.entries(creditCosts).flatMap(([featureId, costs]) =>
    (typeof costs === 'number' ? [{ cost: costs }] : costs).map((cost) => ({ featureId, ...cost })),
  );
}
