/** Balances, catalogues and accounts for tests of the domain, with defaults for everything. */

import type { Account } from '../../src/domain/account.js';
import type { Balance, ResetRule } from '../../src/domain/balance.js';
import type { Charge, Charged } from '../../src/domain/deduction.js';
import { payersOf } from '../../src/domain/feature.js';
import { NO_HOLDS, NO_KNOWN_HOLDS } from '../../src/domain/hold.js';
import { quantityToText, units } from '../../src/domain/quantity.js';
import type { TrackRequest } from '../../src/domain/track.js';
import { createAccountCache } from '../../src/meter/write/account-cache.js';
import { createDatabaseClock } from '../../src/meter/write/database-clock.js';
import { CATALOGUE } from '../support/cases/case.js';
import { domainCatalog, quantityOf } from '../support/cases/domain-requests.js';

export const CATALOG = domainCatalog(CATALOGUE);

export const at = (text: string): number => Date.parse(text);

/** Before all other times in these tests. */
export const CREATED = at('2026-01-01T00:00:00Z');

/** The time of charges, unless a test says otherwise. */
export const NOW = at('2026-01-10T00:00:00Z');

/** An ordinary balance of 10 messages, with these changes. */
export function balanceOf(special: Partial<Balance> = {}): Balance {
  return {
    id: 'balance',
    givenId: null,
    featureId: 'messages',
    entityId: null,
    unlimited: false,
    granted: units(10),
    used: 0n,
    reserved: 0n,
    rollovers: [],
    priority: 0,
    reset: null,
    nextResetAt: null,
    resetChange: null,
    startsAt: null,
    expiresAt: null,
    expiredAt: null,
    overageAllowed: false,
    overageLimit: null,
    createdAt: CREATED,
    ledgerSeq: 1,
    ...special,
  };
}

/** A monthly reset rule, with these changes. */
export function monthlyFrom(anchor: string, special: Partial<ResetRule> = {}): ResetRule {
  return {
    interval: { unit: 'MONTH', count: 1 },
    anchor: at(anchor),
    timeZone: null,
    rollover: null,
    carryOverage: false,
    ...special,
  };
}

/** A charge of messages by the customer itself, with these changes. */
export function chargeOf(value: number, special: Partial<Charge> = {}): Charge {
  const featureId = special.featureId ?? 'messages';
  return {
    featureId,
    payers: payersOf(CATALOG, featureId, null),
    value: quantityOf(value),
    entityId: null,
    overageBehavior: 'CAP',
    ...special,
  };
}

export function accountOf(
  balances: readonly Balance[],
  entityIds: readonly string[] = [],
): Account {
  return {
    customerKey: 'key',
    customerId: 'customer',
    version: 0,
    balances,
    holds: NO_HOLDS,
    ended: NO_KNOWN_HOLDS,
    entities: new Map(entityIds.map((id) => [id, true])),
  };
}

/** A request to track one message of the customer itself, with these changes. */
export function trackRequestOf(special: Partial<TrackRequest> = {}): TrackRequest {
  return {
    customerId: 'customer',
    entityId: null,
    featureId: 'messages',
    eventName: null,
    value: units(1),
    properties: null,
    timestamp: null,
    overageBehavior: 'CAP',
    ...special,
  };
}

/** What was taken from each balance, and the shortfall: `{ a: '10', short: '2' }`. */
export function taken({ deductions, shortfall }: Charged): Record<string, string> {
  const parts = deductions.map(({ balanceId, amount }) => [balanceId, quantityToText(amount)]);
  const short = shortfall === null ? [] : [['short', quantityToText(shortfall.amount)]];
  return Object.fromEntries([...parts, ...short]);
}

/** Of who has committed nothing yet. */
export function nothingKnown() {
  return {
    accounts: createAccountCache({ balancesMax: 100 }),
    clock: createDatabaseClock(() => 0),
  };
}
