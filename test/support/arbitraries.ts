/** Random histories of one customer, for property tests. */
import * as fc from 'fast-check';
import type { Interval, IntervalUnit } from '../../src/domain/interval.js';
import { CATALOGUE } from './case.js';
import type { PlainFeature, PlainGrant, PlainReset, PlainRollover, PlainTrack } from './plain.js';

/** What happens to the customer, one after the other. */
export type Happening =
  | { readonly track: PlainTrack }
  | { readonly grant: PlainGrant }
  | { readonly createEntity: string }
  /** The clock goes on by so many milliseconds, or back. */
  | { readonly waitMs: number };

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** An evening before a month's end, on the hour, so that waits meet boundaries exactly. */
export const HISTORY_START = Date.parse('2026-01-30T22:00:00.000Z');

/** Half of the histories have resets by the hour, which many of pass in a wait of weeks. */
const WAIT_DAYS_MAX = 40;

/** The catalogue of the cases, made harder: costs that divide badly, shared and nested credits. */
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
];

export const METERED = WILD_CATALOGUE.filter(({ type }) => type !== 'BOOLEAN').map(({ id }) => id);

export const ENTITY_IDS = ['seat1', 'seat2'] as const;

const scaled = (max: number, decimals: number): fc.Arbitrary<number> =>
  fc.nat({ max }).map((count) => Number(`${count}e-${decimals}`));

/** Amounts of 0 and more. Their sums stay within what a JSON number shows exactly. */
const amount = fc.oneof(
  { weight: 5, arbitrary: fc.nat({ max: 30 }) },
  { weight: 3, arbitrary: scaled(5000, 2) },
  { weight: 2, arbitrary: scaled(100_000, 10) },
  { weight: 1, arbitrary: fc.nat({ max: 10_000 }) },
);

const value = fc
  .tuple(amount, fc.constantFrom(1, 1, 1, -1))
  .map(([size, sign]) => (size === 0 ? 0 : size * sign));

/** Optional fields are left out, never undefined. */
function fields<T extends object>(
  all: { readonly [K in keyof T]-?: fc.Arbitrary<T[K]> },
  required: readonly (keyof T & string)[],
): fc.Arbitrary<T> {
  return fc.record(all, { requiredKeys: [...required] as never }) as unknown as fc.Arbitrary<T>;
}

const UNITS: readonly IntervalUnit[] = ['HOUR', 'DAY', 'WEEK', 'MONTH', 'QUARTER'];

const rollover = (unit: IntervalUnit): fc.Arbitrary<PlainRollover> =>
  fields<PlainRollover>(
    {
      max: fc.nat({ max: 60 }),
      maxPercent: fc.nat({ max: 250 }),
      keep: fc
        .tuple(fc.constant(unit), fc.oneof(fc.integer({ min: 1, max: 4 }), fc.constant(100)))
        .map(([unit, count]): Interval => ({ unit, count: unit === 'HOUR' ? count : count % 99 })),
    },
    [],
  ).map(({ max, maxPercent, ...rest }) => {
    if (max !== undefined) return { ...rest, max };
    return maxPercent === undefined ? rest : { ...rest, maxPercent };
  });

const instant = (fromMs: number, toMs: number): fc.Arbitrary<string> =>
  fc
    .integer({ min: Math.ceil(fromMs / HOUR_MS), max: Math.floor(toMs / HOUR_MS) })
    .map((hours) => new Date(HISTORY_START + hours * HOUR_MS).toISOString());

const reset: fc.Arbitrary<PlainReset> = fc.constantFrom(...UNITS).chain((unit) =>
  fields<PlainReset>(
    {
      interval: fc.constant(unit),
      count: fc.integer({ min: 1, max: 3 }),
      anchor: instant(-100 * DAY_MS, 40 * DAY_MS),
      rollover: rollover(unit),
      carryOverage: fc.boolean(),
    },
    ['interval'],
  ),
);

interface GrantFields extends Omit<PlainGrant, 'name' | 'unlimited' | 'featureId'> {
  readonly granted: number;
}

const grantFields = fields<GrantFields>(
  {
    entityId: fc.constantFrom(...ENTITY_IDS),
    granted: amount,
    priority: fc.integer({ min: -1, max: 1 }),
    reset,
    startsAt: instant(0, 10 * DAY_MS),
    expiresAt: instant(11 * DAY_MS, 90 * DAY_MS),
    overageAllowed: fc.boolean(),
    overageLimit: amount,
  },
  ['granted'],
);

/** A grant of one of these features; most of them small, few of them unlimited. */
export const grant = (featureIds: readonly string[]): fc.Arbitrary<PlainGrant> =>
  fc
    .tuple(
      fc.constantFrom(...featureIds),
      fc.stringMatching(/^[a-z]{6}$/),
      fc.integer({ min: 0, max: 19 }),
      grantFields,
    )
    .map(([featureId, name, dice, { granted, overageLimit, ...rest }]) => {
      const limited = rest.overageAllowed === true && overageLimit !== undefined;
      const plain = { name, featureId, ...rest, ...(limited ? { overageLimit } : {}) };
      if (dice > 0) return { ...plain, granted };
      // An unlimited balance has nothing to roll over.
      const { reset: rule, ...others } = plain;
      if (rule === undefined) return { ...others, unlimited: true };
      const { rollover: _, ...unrolled } = rule;
      return { ...others, unlimited: true, reset: unrolled };
    });

const trackFields: { readonly [K in keyof PlainTrack]-?: fc.Arbitrary<PlainTrack[K]> } = {
  featureId: fc.constantFrom(...WILD_CATALOGUE.map(({ id }) => id), 'unknown'),
  eventName: fc.constantFrom('action-event', 'everything', 'twice', 'unknown'),
  value,
  entityId: fc.constantFrom(...ENTITY_IDS),
  overageBehavior: fc.constantFrom('CAP', 'REJECT', 'OVERFLOW'),
  idempotencyKey: fc.constantFrom('k1', 'k2', 'k3', 'k4', 'k5', 'k6'),
  timestamp: instant(-DAY_MS, 20 * DAY_MS),
  properties: fc.constantFrom({ model: 'a' }, { model: 'b' }),
};

const wait: fc.Arbitrary<number> = fc.oneof(
  { weight: 6, arbitrary: fc.nat({ max: 72 }).map((hours) => hours * HOUR_MS) },
  { weight: 2, arbitrary: fc.nat({ max: 72 }).map((hours) => hours * HOUR_MS - 1) },
  { weight: 3, arbitrary: fc.nat({ max: WAIT_DAYS_MAX }).map((days) => days * DAY_MS) },
  { weight: 1, arbitrary: fc.nat({ max: 5 }).map((hours) => -hours * HOUR_MS) },
);

export interface HistoryOptions {
  readonly behaviors?: readonly NonNullable<PlainTrack['overageBehavior']>[];
  /** Left out: a few features that pay for one another. */
  readonly featureIds?: readonly string[];
}

/** Features that meet each other: an own balance, shared credits, an event name over several. */
const CIRCLES: readonly (readonly string[])[] = [
  ['messages'],
  ['action1', 'action3', 'credits', 'credits2', 'thirds'],
  ['tokens', 'storage', 'thirds', 'wallet'],
  METERED,
];

export function history({ behaviors, featureIds }: HistoryOptions = {}): fc.Arbitrary<
  readonly Happening[]
> {
  return (featureIds === undefined ? fc.constantFrom(...CIRCLES) : fc.constant(featureIds)).chain(
    (circle) => fc.array(happening(circle, behaviors), { minLength: 1, maxLength: 30 }),
  ).map((happenings) => [
    ...ENTITY_IDS.slice(0, 1).map((createEntity) => ({ createEntity })),
    ...happenings,
  ]);
}

function happening(
  circle: readonly string[],
  behaviors: HistoryOptions['behaviors'],
): fc.Arbitrary<Happening> {
  const all = {
    ...trackFields,
    ...(behaviors === undefined ? {} : { overageBehavior: fc.constantFrom(...behaviors) }),
  };
  const required = behaviors === undefined ? [] : (['overageBehavior'] as const);
  const { idempotencyKey: _, timestamp: __, properties: ___, eventName: ____, ...plain } = all;
  const use = fields<PlainTrack>(
    { ...all, ...plain, featureId: fc.constantFrom(...circle) } as typeof all,
    ['featureId', 'value', ...required],
  ).map(({ eventName, idempotencyKey, timestamp, properties, ...call }) => call);
  return fc.oneof(
    { weight: 10, arbitrary: use.map((track): Happening => ({ track })) },
    { weight: 3, arbitrary: odd(all, required).map((track): Happening => ({ track })) },
    { weight: 5, arbitrary: grant(circle).map((one): Happening => ({ grant: one })) },
    { weight: 5, arbitrary: wait.map((waitMs): Happening => ({ waitMs })) },
    {
      weight: 1,
      arbitrary: fc.constantFrom(...ENTITY_IDS).map((createEntity): Happening => ({ createEntity })),
    },
  );
}

/** A call with any of its fields, sense or not. */
function odd(all: typeof trackFields, required: readonly 'overageBehavior'[]) {
  return fields<PlainTrack>(all, required);
}
