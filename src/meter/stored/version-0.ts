/**
 * What releases before 0.1.0 stored: the values themselves, with marked amounts ("=1.5"). With defaults for everything except ids,
 * as those releases had fewer and fewer fields.
 */
import { type FeatureBalance, sumOf } from '../../domain/account.js';
import type {
  Balance,
  ResetRule,
  Rollover,
  RolloverMax,
  RolloverRule,
} from '../../domain/balance.js';
import type { Deduction, Shortfall } from '../../domain/deduction.js';
import type { Interval } from '../../domain/interval.js';
import { type Quantity, quantityFromText, ZERO } from '../../domain/quantity.js';
import {
  flag,
  formsOf,
  instant,
  int,
  int32,
  intervalUnit,
  listOf,
  Members,
  oneOf,
  type Reader,
  tail,
  text,
  textOf,
  uuid,
} from '../../domain/stored-values.js';
import { timeOfUuid } from '../../platform/id.js';
import type { Missing } from './missing.js';
import type { Shown } from './track-balance.js';

const markedAmount: Reader<Quantity> = textOf(
  /^=-?\d+(\.\d{1,10})?$/,
  'a marked amount',
  (marked) => quantityFromText(marked.slice(1)),
);

export const balanceOfV0: Reader<Balance> = (json) => {
  const stored = new Members(json);
  const id = stored.get('id', uuid);
  return {
    id,
    givenId: null,
    featureId: stored.get('featureId', text),
    entityId: stored.orNull('entityId', text),
    unlimited: stored.or('unlimited', flag, false),
    granted: stored.or('granted', markedAmount, ZERO),
    used: stored.or('used', markedAmount, ZERO),
    rollovers: stored.all('rollovers', rolloverOf),
    reserved: ZERO,
    priority: stored.or('priority', int32, 0),
    reset: stored.orNull('reset', resetOf),
    nextResetAt: stored.orNull('nextResetAt', instant),
    resetChange: null,
    startsAt: stored.orNull('startsAt', instant),
    expiresAt: stored.orNull('expiresAt', instant),
    expiredAt: null,
    overageAllowed: stored.or('overageAllowed', flag, false),
    overageLimit: stored.orNull('overageLimit', markedAmount),
    createdAt: stored.or('createdAt', instant, timeOfUuid(id)),
    ledgerSeq: stored.or('ledgerSeq', int, 0),
  };
};

const rolloverOf: Reader<Rollover> = (json) => {
  const stored = new Members(json);
  return {
    granted: stored.or('granted', markedAmount, ZERO),
    used: stored.or('used', markedAmount, ZERO),
    expiresAt: stored.orNull('expiresAt', instant),
  };
};

const resetOf: Reader<ResetRule> = (json) => {
  const stored = new Members(json);
  return {
    interval: stored.get('interval', intervalOf),
    anchor: stored.get('anchor', instant),
    timeZone: stored.orNull('timeZone', text),
    rollover: stored.orNull('rollover', rolloverRuleOf),
    carryOverage: stored.or('carryOverage', flag, false),
  };
};

const intervalOf: Reader<Interval> = (json) => {
  const stored = new Members(json);
  return { unit: stored.get('unit', intervalUnit), count: stored.or('count', int32, 1) };
};

const rolloverRuleOf: Reader<RolloverRule> = (json) => {
  const stored = new Members(json);
  return { max: stored.orNull('max', maxOf), keep: stored.orNull('keep', intervalOf) };
};

const maxOf: Reader<RolloverMax> = (json) => {
  const stored = new Members(json);
  const kind = stored.get('kind', oneOf<RolloverMax['kind']>(['AMOUNT', 'PERCENT']));
  return kind === 'AMOUNT'
    ? { kind, amount: stored.get('amount', markedAmount) }
    : { kind, percent: stored.get('percent', markedAmount) };
};

const shortfallOf: Reader<Shortfall> = (json) => {
  const stored = new Members(json);
  const featureId = stored.get('featureId', text);
  return {
    featureId,
    chargedFeatureId: stored.or('chargedFeatureId', text, featureId),
    amount: stored.or('amount', markedAmount, ZERO),
  };
};

const featureBalanceOf: Reader<FeatureBalance> = (json) => {
  const stored = new Members(json);
  const featureId = stored.get('featureId', text);
  const sums = {
    featureId,
    granted: stored.or('granted', markedAmount, ZERO),
    remaining: stored.or('remaining', markedAmount, ZERO),
    usage: stored.or('usage', markedAmount, ZERO),
    overage: stored.or('overage', markedAmount, ZERO),
    reserved: ZERO,
    unlimited: stored.or('unlimited', flag, false),
    overageAllowed: stored.or('overageAllowed', flag, false),
    nextResetAt: stored.orNull('nextResetAt', instant),
    breakdown: stored.all('breakdown', balanceOfV0),
  };
  return sums.breakdown.length === 0 ? sums : sumOf(featureId, sums.breakdown);
};

/** One without a feature, or null, that has taken from the balance. */
interface Taken {
  readonly balanceId: string;
  readonly featureId: string | null;
  readonly amount: Quantity;
}

const takenOf: Reader<Taken> = (json) => {
  const stored = new Members(json);
  return {
    balanceId: stored.get('balanceId', uuid),
    featureId: stored.or<string | null>('featureId', text, null),
    amount: stored.or('amount', markedAmount, ZERO),
  };
};

const missingOf: Reader<Missing> = (json) => ({
  missing: new Members(json).get('missing', listOf(shortfallOf)),
  why: null,
});

const shownOf: Reader<Shown> = (json) => {
  const stored = new Members(json);
  const event = stored.get('event', (inner) => new Members(inner).get('tail', tail));
  const tracked = stored.get('tracked', (inner) => new Members(inner));
  const balances = tracked.all('balances', featureBalanceOf);
  const all = balances.flatMap(({ breakdown }) => breakdown);
  const deductionOf = ({ balanceId, featureId, amount }: Taken): Deduction => ({
    balanceId,
    featureId: featureId ?? all.find(({ id }) => id === balanceId)?.featureId ?? '',
    amount,
  });
  return {
    event,
    balances,
    deductions: tracked.all('deductions', takenOf).map(deductionOf),
    unapplied: tracked.all('unapplied', shortfallOf),
  };
};

export const trackedOfV0: Reader<Shown | Missing> = formsOf<Shown | Missing>(
  ['missing', missingOf],
  ['tracked', shownOf],
);
