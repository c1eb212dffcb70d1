/**
 * One customer in memory, decided by `src/domain` alone, with the few things that the meter adds:
 * the clock, idempotency keys, what is persisted and what is not.
 */

import {
  type Account,
  advanceAccount,
  featureBalance,
  withEntity,
} from '../../../src/domain/account.js';
import * as balances from '../../../src/domain/balance.js';
import { type Catalog, catalogOf } from '../../../src/domain/feature.js';
import { type GrantRequest, grant } from '../../../src/domain/grant.js';
import { NO_HOLDS, NO_KNOWN_HOLDS } from '../../../src/domain/hold.js';
import { canonicalJson, firstDifference } from '../../../src/domain/idempotency.js';
import type { Instant } from '../../../src/domain/interval.js';
import {
  parseQuantity,
  type Quantity,
  quantityToText,
  units,
} from '../../../src/domain/quantity.js';
import { idempotencyConflict, invalidInput, type Refusal } from '../../../src/domain/refusal.js';
import {
  refuseUnknown,
  type TrackDecision,
  type TrackRequest,
  track,
  trackFingerprint,
} from '../../../src/domain/track.js';
import { changeOf, type PlainChange } from './domain-corrections.js';
import type {
  Answer,
  PlainCall,
  PlainFeature,
  PlainGrant,
  PlainReset,
  PlainTrack,
  View,
} from './plain.js';

export class DomainCustomer {
  /** The state that was persisted last. */
  account: Account;
  readonly entries: balances.LedgerEntry[] = [];
  readonly events: { readonly value: Quantity; readonly occurredAt: Instant }[] = [];
  readonly catalog: Catalog;
  readonly #answers = new Map<string, { readonly asked: TrackRequestPrint; answer: Answer }>();

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
    if ('grant' in call) {
      const { balance, entry } = grantedBalance(call.grant, this.catalog, now);
      this.account = { ...this.account, balances: [...this.account.balances, balance] };
      this.entries.push(entry);
    } else if ('update' in call || 'delete' in call) {
      this.#change(call, now);
    } else {
      this.account = withEntity(this.account, call.createEntity, true);
    }
    return null;
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
    const answer = decision.ok ? acceptedOf(decision) : answerOf(decision.refusal);
    if (key !== undefined) this.#answers.set(key, { asked, answer });
    if (decision.ok) {
      this.account = decision.account;
      this.entries.push(...advanced.entries, ...decision.entries);
      this.events.push({ value: request.value, occurredAt: request.timestamp ?? now });
    }
    return answer;
  }
}

type TrackRequestPrint = ReturnType<typeof trackFingerprint>;

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

function answerOf(refusal: Refusal | null): Answer {
  if (refusal === null) throw new Error('a refusal was expected');
  const shortfalls = refusal.code === 'INSUFFICIENT_BALANCE' ? refusal.missing : [];
  return {
    ok: false,
    replayed: false,
    code: refusal.code,
    missing: shortfalls.map((part) => ({ ...part, amount: quantityToText(part.amount) })),
    field: refusal.code === 'IDEMPOTENCY_CONFLICT' ? refusal.field : null,
  };
}

function acceptedOf({ tracked }: Extract<TrackDecision, { ok: true }>): Answer {
  return {
    ok: true,
    replayed: false,
    balance: tracked.balance?.featureId ?? null,
    balances: tracked.balances.map(viewOf),
    deductions: tracked.deductions.map(({ balanceId, featureId, amount }) => ({
      grant: balanceId,
      featureId,
      amount: quantityToText(amount),
    })),
    unapplied: tracked.unapplied.map((part) => ({ ...part, amount: quantityToText(part.amount) })),
  };
}

function viewOf(seen: NonNullable<ReturnType<typeof featureBalance>>): View {
  return {
    featureId: seen.featureId,
    granted: quantityToText(seen.granted),
    remaining: quantityToText(seen.remaining),
    usage: quantityToText(seen.usage),
    overage: quantityToText(seen.overage),
    unlimited: seen.unlimited,
    overageAllowed: seen.overageAllowed,
    nextResetAt: seen.nextResetAt === null ? null : new Date(seen.nextResetAt).toISOString(),
    breakdown: seen.breakdown.map((balance) => ({
      grant: balance.id,
      granted: quantityToText(balances.totalGranted(balance)),
      remaining: quantityToText(balances.remaining(balance)),
      usage: quantityToText(balances.totalUsed(balance)),
      overage: quantityToText(balances.overage(balance)),
      rolledOver: balance.rollovers.map(({ granted, used }) => quantityToText(granted - used)),
    })),
  };
}
