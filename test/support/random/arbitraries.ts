/** Random histories of one customer, for property tests. */
import * as fc from 'fast-check';
import { CATALOGUE } from '../cases/case.js';
import type { PlainCall, PlainGrant, PlainTrack } from '../cases/plain.js';
import type { PlainFeature } from '../cases/plain-feature.js';
import { holdOf } from './hold-arbitraries.js';
import { PRICED, said } from './property-arbitraries.js';
import { resetOf } from './reset-arbitraries.js';
import { type Undoing, undoing } from './undo-arbitraries.js';

/** One thing that happens to a customer. */
export type Happening =
  | PlainCall
  /** The clock advances by this many milliseconds, or goes back. */
  | { readonly waitMs: number }
  /** Undoes the event that was recorded so many before the last one. */
  | Undoing;

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** An evening before the end of a month, on the hour, so that waits end exactly at boundaries. */
export const HISTORY_START = Date.parse('2026-01-30T22:00:00.000Z');

/** A harder catalogue than that of the cases: costs without finite quotients, shared and nested credits. */
export const WILD_CATALOGUE: readonly PlainFeature[] = [
  ...CATALOGUE,
  { id: 'tokens', type: 'CONSUMABLE', eventNames: ['everything', 'twice', 'twice'] },
  { id: 'storage', type: 'CONTINUOUS', eventNames: ['everything'] },
  { id: 'flag', type: 'BOOLEAN', eventNames: ['everything'] },
  {
    id: 'thirds',
    type: 'CREDIT_SYSTEM',
    creditCosts: { tokens: 3, storage: 0.0000000007, action1: 1.4, credits: 2 },
  },
  { id: 'wallet', type: 'CREDIT_SYSTEM', creditCosts: { tokens: 0.3333333333, storage: 7 } },
  PRICED,
  { id: 'season', type: 'CREDIT_SYSTEM', creditCosts: { tokens: 2, storage: 0, action3: 0 } },
];

const FEATURE_IDS = WILD_CATALOGUE.map(({ id }) => id);

export const ENTITY_IDS = ['seat1', 'seat2'] as const;

/** Features that interact: own balances, shared credits, an event name for several features. */
const FEATURE_GROUPS: readonly (readonly string[])[] = [
  ['messages'],
  ['action1', 'action3', 'credits', 'credits2', 'thirds', 'season', 'models'],
  ['tokens', 'storage', 'thirds', 'wallet', 'season', 'models'],
  FEATURE_IDS,
];

const decimals = (max: number, places: number): fc.Arbitrary<number> =>
  fc.nat({ max }).map((count) => Number(`${count}e-${places}`));

/** Not negative, and small enough that no total in a history has more digits than a JSON number can hold. */
const amount: fc.Arbitrary<number> = fc.oneof(
  { weight: 5, arbitrary: fc.nat({ max: 30 }) },
  { weight: 3, arbitrary: decimals(5000, 2) },
  { weight: 2, arbitrary: decimals(100_000, 10) },
  { weight: 1, arbitrary: decimals(100, 0).map((count) => count * 100) },
);

const value: fc.Arbitrary<number> = fc
  .tuple(amount, fc.constantFrom(1, 1, 1, -1))
  .map(([size, sign]) => size * sign);

/** A time on the hour, this many hours after the start of the history. */
const instant = (from: number, to: number): fc.Arbitrary<string> =>
  fc
    .integer({ min: from, max: to })
    .map((hours) => new Date(HISTORY_START + hours * HOUR_MS).toISOString());

const { reset, unlimitedReset } = resetOf(instant(-3000, 1000));

/** A grant of one of these features, mostly small, rarely unlimited. */
export function grantOf(featureIds: readonly string[]): fc.Arbitrary<PlainGrant> {
  const common = {
    // A failure that is reduced to simpler names would have several grants of one name.
    name: fc.noShrink(fc.stringMatching(/^[a-z]{8}$/)),
    featureId: fc.constantFrom(...featureIds),
    entityId: fc.constantFrom(...ENTITY_IDS),
    priority: fc.integer({ min: -1, max: 1 }),
    startsAt: instant(-240, 240),
    expiresAt: instant(260, 2000),
    reset,
  };
  const requiredKeys = ['name', 'featureId', 'granted'] as const;
  const limited = { ...common, granted: amount, overageAllowed: fc.boolean() };
  const { name, featureId, granted, overageAllowed } = limited;
  return fc.oneof(
    // Similar, so that the last criteria of the order are decisive as well.
    {
      weight: 6,
      arbitrary: fc.record(
        { name, featureId, granted, overageAllowed },
        { requiredKeys: [...requiredKeys] },
      ),
    },
    { weight: 8, arbitrary: fc.record(limited, { requiredKeys: [...requiredKeys] }) },
    {
      weight: 4,
      arbitrary: fc.record(
        { ...limited, overageAllowed: fc.constant(true), overageLimit: amount },
        { requiredKeys: [...requiredKeys, 'overageAllowed', 'overageLimit'] },
      ),
    },
    {
      weight: 1,
      arbitrary: fc.record(
        { ...common, reset: unlimitedReset, unlimited: fc.constant(true) },
        { requiredKeys: ['name', 'featureId', 'unlimited'] },
      ),
    },
  );
}

export type Behavior = NonNullable<PlainTrack['overageBehavior']>;

const BEHAVIORS: readonly Behavior[] = ['CAP', 'REJECT', 'OVERFLOW'];

/** Calls that make sense for these features, and some that do not. */
function trackOf(featureIds: readonly string[], behaviors: readonly Behavior[]) {
  const entityId = fc.constantFrom(...ENTITY_IDS);
  const overageBehavior = fc.constantFrom(...behaviors);
  const featureId = fc.constantFrom(...featureIds);
  const eventName = fc.constantFrom('action-event', 'everything', 'twice');
  const idempotencyKey = fc.constantFrom('k1', 'k2');
  return fc.oneof(
    {
      weight: 12,
      arbitrary: fc.record(
        { featureId, value, entityId, overageBehavior, properties: said },
        { requiredKeys: ['featureId', 'value'] },
      ),
    },
    {
      weight: 3,
      arbitrary: fc.record(
        { eventName, value, entityId, overageBehavior, properties: said },
        { requiredKeys: ['eventName', 'value'] },
      ),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        featureId,
        value: fc.constantFrom(1, 2),
        overageBehavior,
        idempotencyKey,
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record(
        {
          featureId: fc.constantFrom(...FEATURE_IDS, 'unknown'),
          eventName: fc.constantFrom('everything', 'unknown'),
          value: fc.oneof(value, fc.constantFrom(1e-11, 1e16, 0.1 + 0.2)),
          entityId,
          overageBehavior,
          idempotencyKey,
          timestamp: instant(-24, 480),
          properties: fc.constantFrom({ model: 'a' }, { model: 'b' }),
        },
        { requiredKeys: [] },
      ),
    },
  );
}

const wait: fc.Arbitrary<number> = fc.oneof(
  { weight: 6, arbitrary: fc.nat({ max: 72 }).map((hours) => hours * HOUR_MS) },
  { weight: 2, arbitrary: fc.integer({ min: 1, max: 72 }).map((hours) => hours * HOUR_MS - 1) },
  { weight: 3, arbitrary: fc.nat({ max: 20 }).map((days) => days * DAY_MS) },
  { weight: 1, arbitrary: fc.constant(92 * DAY_MS) },
  { weight: 1, arbitrary: fc.nat({ max: 5 }).map((hours) => -hours * HOUR_MS) },
);

/** What a clock that is set back makes of periods is not what the model says. */
const onward = wait.map(Math.abs);

export interface HistoryOptions {
  readonly behaviors?: readonly Behavior[];
  /** The maximum length after the first grant; 40 by default. */
  readonly lengthMax?: number;
  /** Whether amounts are reserved too; false by default. */
  readonly holds?: boolean;
  /** Whether events are undone; not by default. */
  readonly voids?: boolean;
}

/** A customer's history: it has one entity, and at least one grant. */
export function history(options: HistoryOptions = {}): fc.Arbitrary<Happening[]> {
  return fc.oneof(...FEATURE_GROUPS.map((featureIds) => historyOf(featureIds, options)));
}

function historyOf(
  featureIds: readonly string[],
  {
    behaviors = BEHAVIORS,
    lengthMax: maxLength = 40,
    holds = false,
    voids = false,
  }: HistoryOptions,
): fc.Arbitrary<Happening[]> {
  const grant = grantOf(featureIds).map((one): Happening => ({ grant: one }));
  const happening = fc.oneof(
    {
      weight: 12,
      arbitrary: trackOf(featureIds, behaviors).map((track): Happening => ({ track })),
    },
    { weight: 5, arbitrary: grant },
    { weight: 5, arbitrary: (voids ? onward : wait).map((waitMs): Happening => ({ waitMs })) },
    { weight: 1, arbitrary: fc.constant<Happening>({ createEntity: 'seat2' }) },
    ...(holds
      ? [
          { weight: 14, arbitrary: holdOf(featureIds, ENTITY_IDS) },
          { weight: 1, arbitrary: fc.constant<Happening>({ deleteEntity: 'seat1' }) },
        ]
      : []),
    ...(voids ? [{ weight: 5, arbitrary: undoing }] : []),
  );
  return fc
    .tuple(grant, fc.array(happening, { minLength: 1, maxLength, size: 'large' }))
    .map(([first, rest]) => [{ createEntity: 'seat1' }, first, ...rest]);
}

/** Calls `each` with every call of the history and its time. */
export function replay(
  happenings: readonly Happening[],
  each: (call: PlainCall, now: number) => void,
  undo: (undoing: Undoing, now: number) => void = () => undefined,
): number {
  let now = HISTORY_START;
  for (const happening of happenings) {
    if ('waitMs' in happening) now += happening.waitMs;
    else if ('void' in happening) undo(happening, now);
    else each(happening, now);
  }
  return now;
}
