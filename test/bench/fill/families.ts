/** The balances of the customers of each family, and their catalogue. */
import { costFromText } from '../../../src/domain/cost.js';
import type { CreditCost } from '../../../src/domain/feature.js';
import { ENTITY_SLOT } from '../load/request-pattern.js';
import { type Family, PROPERTIES } from '../requests.js';

export const API_CALLS = 'api_calls';
export const EVENT_NAME = 'message.sent';
export const TOKENS = 'tokens';
export const MODEL_TOKENS = 'model_tokens';
export const ENTITY_ID = 'seat-1';

/** Any of ten entities. */
export const ANY_ENTITY_ID = `seat-${ENTITY_SLOT}`;
const ENTITY_IDS = Array.from({ length: 10 }, (_, digit) => `seat-${digit}`);

export interface FeatureRow {
  readonly id: string;
  readonly type: 'CONSUMABLE' | 'CREDIT_SYSTEM';
  readonly eventNames: readonly string[];
}

const FEATURES: readonly FeatureRow[] = [
  { id: API_CALLS, type: 'CONSUMABLE', eventNames: [] },
  { id: 'messages', type: 'CONSUMABLE', eventNames: [EVENT_NAME] },
  { id: 'storage_writes', type: 'CONSUMABLE', eventNames: [EVENT_NAME] },
  { id: TOKENS, type: 'CONSUMABLE', eventNames: [] },
  { id: MODEL_TOKENS, type: 'CONSUMABLE', eventNames: [] },
  { id: 'credits', type: 'CREDIT_SYSTEM', eventNames: [] },
];

/** What customers of the family `wide` have, each with a balance of its own. */
export const TEN_FEATURES = Array.from({ length: 10 }, (_, n) => `feature_${n}`);

/** The catalogue of a database that has customers of these families. */
export function featuresOf(families: readonly Family[]): readonly FeatureRow[] {
  if (!families.includes('wide')) return FEATURES;
  const ten = TEN_FEATURES.map((id) => ({ id, type: 'CONSUMABLE', eventNames: [] }) as const);
  return [...FEATURES, ...ten];
}

const COST = costFromText('0.2');
const OTHER_MODELS = Array.from({ length: 9 }, (_, n) => `model-${n}`);

/** What the credit system pays for. Of the feature whose cost depends on the model, the last of ten costs fits what is sent. */
export const CREDIT_COSTS: readonly CreditCost[] = [
  { featureId: TOKENS, cost: COST, where: null },
  ...[...OTHER_MODELS, PROPERTIES.model].map((model) => ({
    featureId: MODEL_TOKENS,
    cost: COST,
    where: { model },
  })),
];

/** A balance of each customer of a family. */
export interface Grant {
  readonly feature: string;
  readonly entity: string | null;
  readonly unlimited: boolean;
  readonly granted: number;
  readonly resetInterval: 'DAY' | 'MONTH' | 'YEAR' | null;
  /** How long ago it was granted; its periods are counted from then. */
  readonly ageHours: number;
  readonly rolloverMax: number | null;
  readonly lifetimeDays: number | null;
}

/** More than any run uses up. */
export const GRANTED = 1_000_000_000;

const MONTHLY: Omit<Grant, 'feature'> = {
  entity: null,
  unlimited: false,
  granted: GRANTED,
  resetInterval: 'MONTH',
  ageHours: 0,
  rolloverMax: null,
  lifetimeDays: null,
};

export const GRANTS: Readonly<Record<Family, readonly Grant[]>> = {
  plain: [{ ...MONTHLY, feature: API_CALLS }],
  event: [
    { ...MONTHLY, feature: 'messages' },
    { ...MONTHLY, feature: 'storage_writes' },
  ],
  // The few tokens are used up at once, so everything else is paid for in credits.
  credit: [
    { ...MONTHLY, feature: TOKENS, granted: 3 },
    { ...MONTHLY, feature: 'credits' },
  ],
  priced: [
    { ...MONTHLY, feature: MODEL_TOKENS, granted: 3 },
    { ...MONTHLY, feature: 'credits' },
  ],
  seat: [
    { ...MONTHLY, feature: API_CALLS },
    { ...MONTHLY, feature: API_CALLS, entity: ENTITY_ID },
  ],
  team: [
    { ...MONTHLY, feature: API_CALLS },
    ...ENTITY_IDS.map((entity) => ({ ...MONTHLY, feature: API_CALLS, entity })),
  ],
  // One of each kind, and one with a reset that is due: reads show it without writing it.
  reader: [
    { ...MONTHLY, feature: API_CALLS },
    { ...MONTHLY, feature: 'messages', resetInterval: 'DAY', ageHours: 36, rolloverMax: 500 },
    { ...MONTHLY, feature: 'storage_writes', resetInterval: null, granted: 0, unlimited: true },
    { ...MONTHLY, feature: TOKENS, resetInterval: 'YEAR' },
    { ...MONTHLY, feature: 'credits', resetInterval: null, lifetimeDays: 30 },
  ],
  wide: TEN_FEATURES.map((feature) => ({ ...MONTHLY, feature })),
};
