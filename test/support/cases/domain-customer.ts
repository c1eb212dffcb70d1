/**
 * One customer in memory, decided by `src/domain` alone, with the few things that the meter adds:
 * the clock, idempotency keys, what is persisted and what is not.
 */

import {
  type Account,
  advanceAccount,
  featureBalance,
  withBalances,
  withEntity,
} from '../../../src/domain/account.js';
import { end } from '../../../src/domain/advance.js';
import type * as balances from '../../../src/domain/balance.js';
import { type Catalog, catalogOf } from '../../../src/domain/feature.js';
import { type GrantRequest, grant } from '../../../src/domain/grant.js';
import { NO_HOLDS, NO_KNOWN_HOLDS } from '../../../src/domain/hold.js';
import {
  canonicalJson,
  type Fingerprint,
  firstDifference,
} from '../../../src/domain/idempotency.js';
import type { Instant } from '../../../src/domain/interval.js';
import { parseQuantity, type Quantity, units } from '../../../src/domain/quantity.js';
import { idempotencyConflict, invalidInput } from '../../../src/domain/refusal.js';
import { releaseAll } from '../../../src/domain/settle.js';
import {
  refuseUnknown,
  type TrackRequest,
  track,
  trackFingerprint,
} from '../../../src/domain/track.js';
import { reverse } from '../../../src/domain/void.js';
import { acceptedOf, answerOf, reservationOf, viewOf } from './domain-answers.js';
import { changeOf, givenBefore, type PlainChange } from './domain-corrections.js';
import { type DomainEvent, voidedOf } from './domain-events.js';
import { holdCall } from './domain-holds.js';
import type {
  Answer,
  PlainCall,
  PlainFeature,
  PlainGrant,
  PlainHoldCall,
  PlainReset,
  PlainTrack,
  PlainVoided,
  View,
} from './plain.js';

export class DomainCustomer {
  /** The state that was persisted last. */
  account: Account;
  readonly entries: balances.LedgerEntry[] = [];
  readonly events: DomainEvent[] = [];
  readonly catalog: Catalog;
  readonly #answers = new Map<string, { readonly asked: Fingerprint; answer: Answer }>();

  constructor(features: readonly PlainFeature[]) {
    this.catalog = domainCatalog(features);
    this.account = {
      customerKey: 'key',
      customerId: 'customer',
      version: 0,
      balances: [],
      holds: NO_HOLDS,
      ended: NO_KNOWN_HOLDS,
      entities: new Map(),
    };
  }

  /** The answer to a `track`; null for other calls. */
  apply(call: PlainCall, now: Instant): Answer | null {
    if ('track' in call) return this.#track(call.track, now);
    if ('grant' in call) return this.#grant(call.grant, now);
    if ('update' in call || 'delete' in call) {
      this.#change(call, now);
    } else if ('deleteEntity' in call) {
      this.#deleteEntity(call.deleteEntity, now);
    } else if ('createEntity' in call) {
      this.account = withEntity(this.account, call.createEntity, true);
    } else return this.#hold(call, now);
    return null;
  }

  /** Null unless it is refused. */
  #grant(plain: PlainGrant, now: Instant): Answer | null {
    const { account } = advanceAccount(this.account, now);
    const refused = givenBefore(account, this.catalog, grantRequestOf(plain), now);
    if (refused !== undefined) return refused && answerOf(refused);
    const { balance, entry } = grantedBalance(plain, this.catalog, now);
    this.account = { ...this.account, balances: [...this.account.balances, balance] };
    this.entries.push(entry);
    return null;
  }

  #hold(call: PlainHoldCall, now: Instant): Answer {
    const advanced = advanceAccount(this.account, now);
    const found = holdCall(call, advanced.account, this.catalog, now);
    if ('code' in found) return answerOf(found);
    const { key, fingerprint } = found;
    const earlier = key === undefined ? undefined : this.#answers.get(key);
    if (key !== undefined && earlier !== undefined) {
      const field = firstDifference(earlier.asked, fingerprint);
      if (field === null) return { ...earlier.answer, replayed: true };
      return answerOf(idempotencyConflict(key, field));
    }
    const decision = found.decide(advanced.account);
    if (!decision.ok) {
      const answer = answerOf(decision.refusal);
      // Only a refusal that depends on the balances is kept.
      const isKept = ['INSUFFICIENT_BALANCE', 'TOO_MANY_RESERVATIONS'].includes(answer.code);
      if (key !== undefined && isKept) this.#answers.set(key, { asked: fingerprint, answer });
      return answer;
    }
    const { done } = decision;
    const answer = { ...acceptedOf(done), reservation: reservationOf(done.hold) };
    if (key !== undefined) this.#answers.set(key, { asked: fingerprint, answer });
    this.account = done.account;
    this.entries.push(...advanced.entries, ...done.entries);
    const { value, deductions } = done;
    const event = { value, occurredAt: now, recordedAt: now, deductions, voided: null };
    if (value > 0n) this.events.push(event);
    return answer;
  }

  #deleteEntity(entityId: string, now: Instant): void {
    const { account, entries } = advanceAccount(this.account, now);
    const holds = account.holds.filter((hold) => hold.entityId === entityId);
    const released = releaseAll(account, holds, now);
    const ended = released.account.balances
      .filter((balance) => balance.entityId === entityId && balance.expiredAt === null)
      .map((balance) => end(balance, now));
    const after = withBalances(
      released.account,
      ended.map(({ balance }) => balance),
    );
    this.account = withEntity(after, entityId, false);
    this.entries.push(...entries, ...released.entries, ...ended.map(({ entry }) => entry));
  }

  #change(call: PlainChange, now: Instant): void {
    const advanced = advanceAccount(this.account, now);
    const changed = changeOf(call, advanced.account, this.catalog, now);
    if (changed === null) return;
    this.account = changed.account;
    this.entries.push(...advanced.entries, ...changed.entries);
  }

  look(featureId: string, entityId: string | null, now: Instant): View | null {
    const { account } = advanceAccount(this.account, now);
    const seen = featureBalance(account.balances, featureId, entityId, now);
    return seen === null ? null : viewOf(seen);
  }

  voidEvent(index: number, now: Instant): PlainVoided {
    const event = this.events[index];
    if (event === undefined) throw new Error(`there is no event ${index}`);
    if (event.voided !== null) return { ...event.voided, replayed: true };
    const advanced = advanceAccount(this.account, now);
    const undone = reverse(advanced.account, event.deductions, event.recordedAt, now);
    if (!undone.ok) throw new Error('a balance would be too large');
    this.account = undone.account;
    this.entries.push(...advanced.entries, ...undone.entries);
    const voided = voidedOf(undone.reversal);
    this.events[index] = { ...event, voided };
    return voided;
  }

  #track(call: PlainTrack, now: Instant): Answer {
    const request = requestOf(call);
    const advanced = advanceAccount(this.account, now);
    const refused =
      request === null
        ? invalidInput([])
        : refuseUnknown(advanced.account, this.catalog, request, now);
    if (request === null || refused !== null) return answerOf(refused);

    const asked = trackFingerprint(request, canonicalJson(call.properties ?? null));
    const key = call.idempotencyKey;
    const earlier = key === undefined ? undefined : this.#answers.get(key);
    if (key !== undefined && earlier !== undefined) {
      const field = firstDifference(earlier.asked, asked);
      if (field === null) return { ...earlier.answer, replayed: true };
      return answerOf(idempotencyConflict(key, field));
    }
    const decision = track(advanced.account, this.catalog, request, now);
    const answer = decision.ok ? acceptedOf(decision.tracked) : answerOf(decision.refusal);
    if (key !== undefined) this.#answers.set(key, { asked, answer });
    if (decision.ok) {
      this.account = decision.account;
      this.entries.push(...advanced.entries, ...decision.entries);
      this.events.push({
        value: request.value,
        occurredAt: request.timestamp ?? now,
        recordedAt: now,
        deductions: decision.tracked.deductions,
        voided: null,
      });
    }
    return answer;
  }
}

export function domainCatalog(features: readonly PlainFeature[]): Catalog {
  return catalogOf(
    1,
    features.map(({ id, type, eventNames = [], creditCosts = {} }) => ({
      id,
      name: id,
      type,
      eventNames,
      creditCosts: Object.entries(creditCosts).map(([featureId, cost]) => ({
        featureId,
        cost: quantityOf(cost),
      })),
    })),
  );
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
    timestamp: instantOf(call.timestamp),
    overageBehavior: call.overageBehavior ?? 'CAP',
  };
}
