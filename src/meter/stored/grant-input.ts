/** The input of a `createBalance`, restored from its fingerprint. */
import { z } from 'zod';
import type { Catalog } from '../../domain/feature.js';
import { isOverageUsual } from '../../domain/grant-issues.js';
import { canonicalJson, type Fingerprint, withoutNulls } from '../../domain/idempotency.js';
import { readStored } from '../../domain/stored.js';

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
  const { interval, anchor, timeZone, rollover, carryOverage } = readStored(parsed(json), [rule]);
  return {
    resetInterval: interval.unit,
    resetIntervalCount: String(interval.count),
    resetAnchor: anchor === null ? startsAt : String(anchor),
    resetTimeZone: timeZone,
    rollover: rollover === null ? null : canonicalJson(withoutNulls(rollover)),
    carryOverage: String(carryOverage),
  };
}

/** Releases have written its members in different orders, with or without nulls. */
const rule = z.object({
  interval: z.object({ unit: z.string(), count: z.int().default(1) }),
  anchor: z.number().nullable().default(null),
  timeZone: z.string().nullable().default(null),
  rollover: z.record(z.string(), z.unknown()).nullable().default(null),
  carryOverage: z.boolean().default(false),
});

/** Undefined, which no schema reads, if it is not JSON. */
function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
