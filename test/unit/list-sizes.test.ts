/** The maximum size of each list of the schema is what the rules and the limits on input allow. */
import * as fc from 'fast-check';
import { getNullableType, isListType, isObjectType } from 'graphql';
import { describe, expect, it } from 'vitest';
import { advanceAccount, featureBalances } from '../../src/domain/account.js';
import { advance, ROLLOVER_PERIODS_MAX, ROLLOVERS_MAX } from '../../src/domain/advance.js';
import { EXPLAINED_MAX } from '../../src/domain/explain.js';
import { TAKES_MAX } from '../../src/domain/hold.js';
import type { Interval } from '../../src/domain/interval.js';
import { boundaryAt, periodsWithin } from '../../src/domain/interval.js';
import { units } from '../../src/domain/quantity.js';
import { BALANCES_PER_CUSTOMER_MAX } from '../../src/domain/room.js';
import { track } from '../../src/domain/track.js';
import { SCOPES } from '../../src/meter/access/scopes.js';
import { FEATURES_MAX } from '../../src/meter/feature.js';
import { schema } from '../../src/schema/index.js';
import * as limits from '../../src/schema/input/limits.js';
import { listSizeOf } from '../../src/schema/list-size.js';
import { DomainCustomer } from '../support/cases/domain-customer.js';
import { quantityOf } from '../support/cases/domain-requests.js';
import { always } from '../support/random/always.js';
import { history, replay, WILD_CATALOGUE } from '../support/random/arbitraries.js';
import { accountOf, balanceOf, trackRequestOf } from './given.js';

/** Twice each balance, by its grant and by its overage, and once more for each feature: see below. */
const DEDUCTIONS = 2 * BALANCES_PER_CUSTOMER_MAX + FEATURES_MAX;

/** By type and field. A new list needs a line here and a test that shows its maximum. */
const MAXIMA: Readonly<Record<string, number | 'the page'>> = {
  'Customer.balances': BALANCES_PER_CUSTOMER_MAX,
  'CustomerEntity.balances': BALANCES_PER_CUSTOMER_MAX,
  'TrackBalancePayload.balances': BALANCES_PER_CUSTOMER_MAX,
  'FeatureBalance.breakdown': BALANCES_PER_CUSTOMER_MAX,
  'Balance.rollovers': ROLLOVERS_MAX,
  'UsageEvent.deductions': DEDUCTIONS,
  'TrackBalancePayload.deductions': DEDUCTIONS,
  'UsageEvent.unapplied': FEATURES_MAX,
  // Once for each balance; in part over and in part given back already (cases 91 and 98).
  'UsageEvent.reversed': BALANCES_PER_CUSTOMER_MAX,
  'UsageEvent.notReversed': 2 * BALANCES_PER_CUSTOMER_MAX,
  'VoidEventPayload.reversed': BALANCES_PER_CUSTOMER_MAX,
  'VoidEventPayload.notReversed': 2 * BALANCES_PER_CUSTOMER_MAX,
  // Each event once; each feature once, and once for each reason (cases 524 and 526).
  'VoidEventsPayload.notVoided': limits.VOID_EVENTS_MAX,
  'VoidEventsPayload.features': FEATURES_MAX,
  'VoidEventsPayload.notReversed': 3 * FEATURES_MAX,
  'AmendEventPayload.reversed': BALANCES_PER_CUSTOMER_MAX,
  'AmendEventPayload.notReversed': 2 * BALANCES_PER_CUSTOMER_MAX,
  'AmendEventPayload.balances': BALANCES_PER_CUSTOMER_MAX,
  'TrackBalancePayload.unapplied': FEATURES_MAX,
  'InsufficientBalanceError.missing': FEATURES_MAX,
  'ReserveBalancePayload.balances': BALANCES_PER_CUSTOMER_MAX,
  'ReserveBalancePayload.deductions': DEDUCTIONS,
  'ReserveBalancePayload.unapplied': FEATURES_MAX,
  'CaptureReservationPayload.balances': BALANCES_PER_CUSTOMER_MAX,
  // What was held of each balance, and what is tracked in addition.
  'CaptureReservationPayload.deductions': DEDUCTIONS + TAKES_MAX,
  'CaptureReservationPayload.unapplied': FEATURES_MAX,
  'DeleteBalancePayload.transferred': BALANCES_PER_CUSTOMER_MAX,
  'ExtendReservationPayload.balances': BALANCES_PER_CUSTOMER_MAX,
  'ReleaseReservationPayload.balances': BALANCES_PER_CUSTOMER_MAX,
  'CheckBalancePayload.missing': FEATURES_MAX,
  'ExplainTrackPayload.unapplied': FEATURES_MAX,
  'ExplainTrackPayload.steps': EXPLAINED_MAX,
  // Limits on input, which test/graphql/limits.test.ts reaches.
  'InvalidInputError.issues': Math.max(limits.ISSUES_MAX, limits.CREDIT_COSTS_MAX),
  'Feature.eventNames': limits.EVENT_NAMES_MAX,
  'ApiKey.scopes': SCOPES.length,
  'ScopesNotHeldError.scopes': SCOPES.length,
  'FeatureInUseError.uses': 4,
  'Feature.creditCosts': limits.CREDIT_COSTS_MAX,
  'Mutation.trackBalances': limits.BATCH_INPUTS_MAX,
  'Mutation.reserveBalances': limits.BATCH_INPUTS_MAX,
  'Mutation.captureReservations': limits.BATCH_INPUTS_MAX,
  'Mutation.extendReservations': limits.BATCH_INPUTS_MAX,
  'Mutation.releaseReservations': limits.BATCH_INPUTS_MAX,
  'Query.checkBalances': limits.BATCH_INPUTS_MAX,
  'CustomerConnection.edges': 'the page',
  'ProjectConnection.edges': 'the page',
  'ApiKeyConnection.edges': 'the page',
  'CustomerEntityConnection.edges': 'the page',
  'FeatureConnection.edges': 'the page',
  'UsageEventConnection.edges': 'the page',
  'LedgerEntryConnection.edges': 'the page',
  'UsageReservationConnection.edges': 'the page',
};

const declared = Object.values(schema.getTypeMap()).flatMap((type) =>
  isObjectType(type) && !type.name.startsWith('__')
    ? Object.values(type.getFields())
        .filter((field) => isListType(getNullableType(field.type)))
        .map((field) => ({
          name: `${type.name}.${field.name}`,
          type: String(field.type),
          max: listSizeOf(field)?.max ?? 'the page',
        }))
    : [],
);

it('the maximum size is declared for every list', () => {
  const stated = Object.fromEntries(declared.map(({ name, max }) => [name, max]));
  expect(stated).toEqual(MAXIMA);
});

it.each(declared)('$name is not a list of lists', ({ type }) => {
  expect(type).toMatch(/^\[\w+!?]!$/);
});

describe('a usage event', () => {
  const request = fc.record({
    whose: fc.constantFrom({ eventName: 'everything' }, { featureId: 'tokens' }),
    entityId: fc.constantFrom(null, 'seat1'),
    value: fc.integer({ min: -300, max: 300 }),
    overageBehavior: fc.constantFrom('CAP', 'OVERFLOW'),
  });

  it('deducts from each balance at most twice, plus once for each feature', async () => {
    let most = 0;
    await always(1_500, fc.tuple(history({ lengthMax: 25 }), request), ([happenings, asked]) => {
      const customer = new DomainCustomer(WILD_CATALOGUE);
      const now = replay(happenings, (call, at) => customer.apply(call, at));
      const { account } = advanceAccount(customer.account, now);
      const { whose, value, ...others } = asked;
      const request = trackRequestOf({
        featureId: null,
        eventName: null,
        ...whose,
        ...others,
        value: quantityOf(value),
      });
      const decision = track(account, customer.catalog, request, now);
      if (!decision.ok) return;
      const { deductions, unapplied, balances } = decision.tracked;
      const features = 'featureId' in whose ? 1 : WILD_CATALOGUE.length;
      most = Math.max(most, deductions.length - account.balances.length);
      expect(deductions.length).toBeLessThanOrEqual(2 * account.balances.length + features);
      expect(unapplied.length).toBeLessThanOrEqual(features);
      const shown = balances.flatMap(({ breakdown }) => breakdown.map(({ id }) => id));
      expect(new Set(shown).size).toBe(shown.length);
      expect(balances.length).toBeLessThanOrEqual(shown.length);
    });
    // Some balances are taken from more than once.
    expect(most).toBeGreaterThan(0);
  });

  it('can deduct twice from each of two balances', () => {
    const features = [
      { id: 'a', type: 'CONSUMABLE', eventNames: ['both'] },
      { id: 'b', type: 'CONSUMABLE', eventNames: ['both'] },
      { id: 'pool', type: 'CREDIT_SYSTEM', creditCosts: { a: 1, b: 1 } },
    ] as const;
    const { catalog } = new DomainCustomer(features);
    const pool = { featureId: 'pool', overageAllowed: true, granted: units(1) };
    const balances = ['1', '2'].map((id) => balanceOf({ id, ...pool, overageLimit: units(2) }));
    const request = trackRequestOf({ featureId: null, eventName: 'both', value: units(3) });
    const decision = track(accountOf(balances), catalog, request, 0);
    const deductions = decision.ok ? decision.tracked.deductions : [];
    // The first feature takes both grants and part of the first overage, the second feature the rest.
    expect(deductions.map(({ balanceId }) => balanceId)).toEqual(['1', '2', '1', '2']);
  });
});

describe('a customer or an entity', () => {
  it('sees each of its balances once, under one feature', async () => {
    await always(500, history({ lengthMax: 25 }), (happenings) => {
      const customer = new DomainCustomer(WILD_CATALOGUE);
      const now = replay(happenings, (call, at) => customer.apply(call, at));
      const { balances } = advanceAccount(customer.account, now).account;
      for (const entityId of [null, 'seat1']) {
        const found = featureBalances(balances, entityId, now);
        const ids = found.flatMap(({ breakdown }) => breakdown.map(({ id }) => id));
        expect(new Set(ids).size).toBe(ids.length);
        expect(found.every(({ breakdown }) => breakdown.length > 0)).toBe(true);
      }
    });
  });
});

describe('rolled-over amounts', () => {
  const HOUR_MS = 3_600_000;
  const START = Date.UTC(2026, 0, 31, 23);
  const periods = fc.constantFrom<Interval>(
    { unit: 'HOUR', count: 1 },
    { unit: 'DAY', count: 1 },
    { unit: 'WEEK', count: 1 },
    { unit: 'MONTH', count: 1 },
    { unit: 'MONTH', count: 2 },
  );
  const keeps = fc.record({
    unit: fc.constantFrom('HOUR', 'DAY', 'WEEK', 'MONTH', 'YEAR'),
    count: fc.oneof(fc.integer({ min: 1, max: 1_000 }), fc.constant(ROLLOVER_PERIODS_MAX)),
  });
  const zones = fc.constantFrom(null, 'Europe/Berlin', 'America/New_York', 'Asia/Kathmandu');

  it('never exceed the declared maximum', async () => {
    const seen: number[] = [];
    const rules = fc
      .tuple(periods, keeps, zones)
      .filter(([interval, keep]) => periodsWithin(keep, interval) <= ROLLOVER_PERIODS_MAX);
    await always(150, rules, ([interval, keep, timeZone]) => {
      const rollover = { keep, max: null };
      const reset = { interval, anchor: START, timeZone, rollover, carryOverage: false };
      const nextResetAt = boundaryAt(reset, 1);
      let balance = balanceOf({ reset, nextResetAt, createdAt: START, startsAt: START });
      for (let n = 90; n < 2.5 * ROLLOVER_PERIODS_MAX; n += 1) {
        for (const at of [boundaryAt(reset, n), boundaryAt(reset, n) + HOUR_MS / 2]) {
          balance = advance(balance, at).balance;
          seen.push(balance.rollovers.length);
        }
      }
    });
    expect(Math.max(...seen)).toBeGreaterThan(ROLLOVER_PERIODS_MAX);
    expect(Math.max(...seen)).toBeLessThanOrEqual(ROLLOVERS_MAX);
  });
});
