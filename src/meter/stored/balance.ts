/** A balance within a stored result: everything that an answer shows. Version 1 omits default values. */
import {
  type Balance,
  type ResetRule,
  type Rollover,
  type RolloverMax,
  type RolloverRule,
  reservedOf,
} from '../../domain/balance.js';
import type { Interval } from '../../domain/interval.js';
import { type Quantity, quantityToText, ZERO } from '../../domain/quantity.js';
import {
  amount,
  elementsOf,
  flag,
  instant,
  int,
  int32,
  intervalUnit,
  Members,
  orNull,
  type Reader,
  text,
  uuid,
} from '../../domain/stored-values.js';
import { timeOfUuid } from '../../platform/id.js';

/** A member that is undefined is omitted from the text. Every result that is stored passes here, and spreads take far longer. */
export function balanceToJson(balance: Balance): Record<string, unknown> {
  const { granted, used, rollovers, reserved, priority, reset, overageLimit } = balance;
  return {
    id: balance.id,
    given: balance.givenId ?? undefined,
    feature: balance.featureId,
    entity: balance.entityId ?? undefined,
    granted: granted === ZERO ? undefined : quantityToText(granted),
    used: used === ZERO ? undefined : quantityToText(used),
    unlimited: balance.unlimited ? true : undefined,
    rollovers: rollovers.length === 0 ? undefined : rollovers.map(rolloverToJson),
    reserved: reserved === ZERO ? undefined : quantityToText(reserved),
    priority: priority === 0 ? undefined : priority,
    reset: reset === null ? undefined : resetToJson(reset),
    resets: balance.nextResetAt ?? undefined,
    starts: balance.startsAt ?? undefined,
    expires: balance.expiresAt ?? undefined,
    overage: balance.overageAllowed ? true : undefined,
    overageLimit: overageLimit === null ? undefined : quantityToText(overageLimit),
    seq: balance.ledgerSeq,
    created: balance.createdAt === timeOfUuid(balance.id) ? undefined : balance.createdAt,
  };
}

function rolloverToJson(part: Rollover) {
  const { granted, used, expiresAt } = part;
  const parts = [quantityToText(granted), quantityToText(used), expiresAt];
  const reserved = reservedOf(part);
  return reserved === ZERO ? parts : [...parts, quantityToText(reserved)];
}

function resetToJson({ interval, anchor, timeZone, rollover, carryOverage }: ResetRule) {
  return {
    every: intervalToJson(interval),
    anchor,
    zone: timeZone ?? undefined,
    rollover: rollover === null ? undefined : rolloverRuleToJson(rollover),
    carryOverage: carryOverage ? true : undefined,
  };
}

function rolloverRuleToJson({ max, keep }: RolloverRule) {
  return {
    max: max?.kind === 'AMOUNT' ? quantityToText(max.amount) : undefined,
    percent: max?.kind === 'PERCENT' ? quantityToText(max.percent) : undefined,
    keep: keep === null ? undefined : intervalToJson(keep),
  };
}

function intervalToJson({ unit, count }: Interval) {
  return [count, unit];
}

export const balanceOf: Reader<Balance> = (json) => {
  const stored = new Members(json);
  const id = stored.get('id', uuid);
  return {
    id,
    givenId: stored.orNull('given', text),
    featureId: stored.get('feature', text),
    entityId: stored.orNull('entity', text),
    unlimited: stored.or('unlimited', flag, false),
    granted: stored.or('granted', amount, ZERO),
    used: stored.or('used', amount, ZERO),
    rollovers: stored.all('rollovers', rolloverOf),
    reserved: stored.or('reserved', amount, ZERO),
    priority: stored.or('priority', int32, 0),
    reset: stored.orNull('reset', resetOf),
    nextResetAt: stored.orNull('resets', instant),
    resetChange: null,
    startsAt: stored.orNull('starts', instant),
    expiresAt: stored.orNull('expires', instant),
    expiredAt: null,
    overageAllowed: stored.or('overage', flag, false),
    overageLimit: stored.orNull('overageLimit', amount),
    createdAt: stored.or('created', instant, timeOfUuid(id)),
    ledgerSeq: stored.or('seq', int, 0),
  };
};

const rolloverOf: Reader<Rollover> = (json) => {
  const parts = elementsOf(json, 3, 4);
  const rollover = {
    granted: parts.at(0, amount),
    used: parts.at(1, amount),
    expiresAt: parts.at(2, orNull(instant)),
  };
  return parts.length === 3 ? rollover : { ...rollover, reserved: parts.at(3, amount) };
};

const resetOf: Reader<ResetRule> = (json) => {
  const stored = new Members(json);
  return {
    interval: stored.get('every', intervalOf),
    anchor: stored.get('anchor', instant),
    timeZone: stored.orNull('zone', text),
    rollover: stored.orNull('rollover', rolloverRuleOf),
    carryOverage: stored.or('carryOverage', flag, false),
  };
};

const intervalOf: Reader<Interval> = (json) => {
  const parts = elementsOf(json, 2);
  return { count: parts.at(0, int32), unit: parts.at(1, intervalUnit) };
};

const rolloverRuleOf: Reader<RolloverRule> = (json) => {
  const stored = new Members(json);
  const most = stored.or<Quantity | null>('max', amount, null);
  const percent = stored.or<Quantity | null>('percent', amount, null);
  return { max: maxOf(most, percent), keep: stored.orNull('keep', intervalOf) };
};

function maxOf(most: Quantity | null, percent: Quantity | null): RolloverMax | null {
  if (most !== null) return { kind: 'AMOUNT', amount: most };
  return percent === null ? null : { kind: 'PERCENT', percent };
}
