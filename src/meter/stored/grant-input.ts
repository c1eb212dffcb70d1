/** The input of a `createBalance`, restored from its fingerprint. */
import type { Catalog } from '../../domain/feature.js';
import { isOverageUsual } from '../../domain/grant-issues.js';
import { canonicalJson, type Fingerprint, withoutNulls } from '../../domain/idempotency.js';
import { readStored } from '../../domain/stored.js';
import {
  everyOf,
  flag,
  int,
  Members,
  number,
  type Reader,
  text,
} from '../../domain/stored-values.js';

/**
 * Every field with its value, or with the default that its omission means, in the order in which a difference is
 * named. A field of which this release knows nothing stays as it is.
 */
export function grantInputOf(fingerprint: Fingerprint, catalog: Catalog): Fingerprint {
  const { operation, balanceId, featureId, entityId, granted, unlimited, ...more } = fingerprint;
  const { priority, reset, startsAt, expiresAt, overageAllowed, overageLimit, ...others } = more;
  const feature = catalog.features.get(featureId ?? '');
  const isUnlimited = unlimited === 'true';
  const allows = !isUnlimited && feature !== undefined && isOverageUsual(feature);
  return {
    operation: operation ?? null,
    balanceId: balanceId ?? null,
    featureId: featureId ?? null,
    entityId: entityId ?? null,
    granted: granted ?? null,
    unlimited: String(isUnlimited),
    priority: priority ?? '0',
    startsAt: startsAt ?? null,
    ...resetInputOf(reset ?? null, startsAt ?? null),
    expiresAt: expiresAt ?? null,
    overageAllowed: overageAllowed ?? String(allows),
    overageLimit: overageLimit ?? null,
    ...others,
  };
}

const NO_RESET: Fingerprint = {
  resetInterval: null,
  resetIntervalCount: null,
  resetAnchor: null,
  resetTimeZone: null,
  rollover: null,
  carryOverage: null,
};

function resetInputOf(json: string | null, startsAt: string | null): Fingerprint {
  if (json === null) return NO_RESET;
  const { interval, anchor, timeZone, rollover, carryOverage } = grantedResetFromJson(parsed(json));
  return {
    resetInterval: interval.unit,
    resetIntervalCount: String(interval.count),
    resetAnchor: anchor === null ? startsAt : String(anchor),
    resetTimeZone: timeZone,
    rollover: rollover === null ? null : canonicalJson(withoutNulls(rollover)),
    carryOverage: String(carryOverage),
  };
}

/** The rule of a reset as it is in a fingerprint. */
export function grantedResetFromJson(json: unknown) {
  return readStored(json, [rule]);
}

/** Releases have written its members in different orders, with or without nulls. */
const rule = (json: unknown) => {
  const stored = new Members(json);
  return {
    interval: stored.get('interval', intervalOf),
    anchor: stored.orNull('anchor', number),
    timeZone: stored.orNull('timeZone', text),
    rollover: stored.orNull('rollover', everyOf(anything)),
    carryOverage: stored.or('carryOverage', flag, false),
  };
};

const intervalOf = (json: unknown) => {
  const stored = new Members(json);
  return { unit: stored.get('unit', text), count: stored.or('count', int, 1) };
};

const anything: Reader<unknown> = (json) => json;

/** Undefined, which no reader takes, if it is not JSON. */
function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
