/** What the cases grant and request, as `src/domain` takes it. */
import type * as balances from '../../../src/domain/balance.js';
import { type Cost, parseCost } from '../../../src/domain/cost.js';
import { type Catalog, catalogOf } from '../../../src/domain/feature.js';
import { type GrantRequest, grant } from '../../../src/domain/grant.js';
import type { Instant } from '../../../src/domain/interval.js';
import { parseQuantity, type Quantity, units } from '../../../src/domain/quantity.js';
import type { TrackRequest } from '../../../src/domain/track.js';
import type { PlainGrant, PlainReset, PlainTrack } from './plain.js';
import { costsOf, type PlainFeature } from './plain-feature.js';

export function domainCatalog(features: readonly PlainFeature[]): Catalog {
  return catalogOf(
    1,
    features.map((feature) => ({
      id: feature.id,
      name: feature.id,
      type: feature.type,
      eventNames: feature.eventNames ?? [],
      isArchived: feature.archived ?? false,
      creditCosts: costsOf(feature).map(({ featureId, cost, where = null }) => ({
        featureId,
        cost: costOf(cost),
        where,
      })),
    })),
  );
}

/** A cost as written in a test. */
export function costOf(value: number): Cost {
  const parsed = parseCost(value);
  if (!parsed.ok) throw new Error(`${value} ${parsed.message}`);
  return parsed.cost;
}

/** An amount as written in a test. */
export function quantityOf(value: number): Quantity {
  const parsed = parseQuantity(value);
  if (!parsed.ok) throw new Error(`${value} ${parsed.message}`);
  return parsed.quantity;
}

function instantOf(text: string | undefined): Instant | null {
  return text === undefined ? null : Date.parse(text);
}

/** A new balance with its GRANT entry. */
export function grantedBalance(
  plain: PlainGrant,
  catalog: Catalog,
  now: Instant,
): { balance: balances.Balance; entry: balances.LedgerEntry } {
  const feature = catalog.features.get(plain.featureId);
  if (feature === undefined) throw new Error(`there is no feature ${plain.featureId}`);
  return grant(feature, grantRequestOf(plain), plain.name, now);
}

export function grantRequestOf(plain: PlainGrant): GrantRequest {
  const { granted, reset, overageLimit } = plain;
  return {
    customerId: 'customer',
    balanceId: plain.balanceId ?? null,
    featureId: plain.featureId,
    entityId: plain.entityId ?? null,
    granted: granted === undefined ? null : quantityOf(granted),
    unlimited: plain.unlimited ?? false,
    priority: plain.priority ?? 0,
    reset: reset === undefined ? null : resetRequestOf(reset),
    startsAt: instantOf(plain.startsAt),
    expiresAt: instantOf(plain.expiresAt),
    overageAllowed: plain.overageAllowed ?? null,
    overageLimit: overageLimit === undefined ? null : quantityOf(overageLimit),
  };
}

function resetRequestOf(plain: PlainReset) {
  const { interval, count, anchor, timeZone, rollover, carryOverage } = plain;
  return {
    interval: { unit: interval, count: count ?? 1 },
    anchor: instantOf(anchor),
    timeZone: timeZone ?? null,
    rollover:
      rollover === undefined
        ? null
        : { max: maxOf(rollover.max, rollover.maxPercent), keep: rollover.keep ?? null },
    carryOverage: carryOverage ?? false,
  };
}

function maxOf(amount?: number, percent?: number): balances.RolloverMax | null {
  if (amount !== undefined) return { kind: 'AMOUNT', amount: quantityOf(amount) };
  if (percent !== undefined) return { kind: 'PERCENT', percent: quantityOf(percent) };
  return null;
}

/** Null if it violates rules that the meter checks: R1, and the range of values. */
export function requestOf(call: PlainTrack): TrackRequest | null {
  const { featureId = null, eventName = null, value } = call;
  const parsed =
    value === undefined ? { ok: true as const, quantity: units(1) } : parseQuantity(value);
  if (!parsed.ok || (featureId === null) === (eventName === null)) return null;
  return {
    customerId: 'customer',
    entityId: call.entityId ?? null,
    featureId,
    eventName,
    value: parsed.quantity,
    properties: call.properties ?? null,
    timestamp: instantOf(call.timestamp),
    overageBehavior: call.overageBehavior ?? 'CAP',
  };
}
