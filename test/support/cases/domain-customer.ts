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
import type { Catalog } from '../../../src/domain/feature.js';
import { NO_HOLDS, NO_KNOWN_HOLDS } from '../../../src/domain/hold.js';
import {
  canonicalJson,
  type Fingerprint,
  firstDifference,
} from '../../../src/domain/idempotency.js';
import type { Instant } from '../../../src/domain/interval.js';
import { idempotencyConflict, invalidInput } from '../../../src/domain/refusal.js';
import { releaseAll } from '../../../src/domain/settle.js';
import { refuseUnknown, track, trackFingerprint } from '../../../src/domain/track.js';
import { reverse } from '../../../src/domain/void.js';
import { acceptedOf, answerOf, reservationOf, viewOf } from './domain-answers.js';
import { changeOf, givenBefore, type PlainChange } from './domain-corrections.js';
import {
  amendFingerprint,
  amendOne,
  type DomainEvent,
  inPlaceOf,
  refuseAmend,
  voidedOf,
} from './domain-events.js';
import { holdCall, mergedProperties } from './domain-holds.js';
import { domainCatalog, grantedBalance, grantRequestOf, requestOf } from './domain-requests.js';
import type {
  Answer,
  PlainAmend,
  PlainArchive,
  PlainCall,
  PlainGrant,
  PlainHoldCall,
  PlainTrack,
  PlainVoided,
  View,
} from './plain.js';
import type { PlainFeature } from './plain-feature.js';

export class DomainCustomer {
  /** The state that was persisted last. */
  account: Account;
  readonly entries: balances.LedgerEntry[] = [];
  readonly events: DomainEvent[] = [];
  catalog: Catalog;
  readonly #answers = new Map<string, { readonly asked: Fingerprint; answer: Answer }>();

  #features: readonly PlainFeature[];

  constructor(features: readonly PlainFeature[]) {
    this.#features = features;
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
    if ('amend' in call) return this.#amend(call.amend, now);
    if ('grant' in call) return this.#grant(call.grant, now);
    if ('update' in call || 'delete' in call) {
      this.#change(call, now);
    } else if ('deleteEntity' in call) {
      this.#deleteEntity(call.deleteEntity, now);
    } else if ('createEntity' in call) {
      this.account = withEntity(this.account, call.createEntity, true);
    } else if ('archive' in call) {
      this.#archive(call);
    } else return this.#hold(call, now);
    return null;
  }

  #archive({ archive, archived = true }: PlainArchive): void {
    this.#features = this.#features.map((feature) =>
      feature.id === archive ? { ...feature, archived } : feature,
    );
    this.catalog = domainCatalog(this.#features);
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
    const earlier = this.#earlier(key, fingerprint);
    if (earlier !== null) return earlier;
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
    const { value, deductions, hold } = done;
    const { entityId, featureId, eventName } = hold;
    const own = 'capture' in call ? call.capture.properties : undefined;
    const properties = mergedProperties(hold, own ?? null);
    const usage = { entityId, featureId, eventName, value, properties, deductions };
    const event = { ...usage, occurredAt: now, recordedAt: now, voided: null };
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

  /** A customer in the same state, to try a call on. */
  clone(): DomainCustomer {
    const copy = new DomainCustomer(this.#features);
    copy.account = this.account;
    copy.entries.push(...this.entries);
    copy.events.push(...this.events);
    return copy;
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

  /** The answer to a repetition, or to a call with the key of another; null if it is the first. */
  #earlier(key: string | undefined, asked: Fingerprint): Answer | null {
    const earlier = key === undefined ? undefined : this.#answers.get(key);
    if (key === undefined || earlier === undefined) return null;
    const field = firstDifference(earlier.asked, asked);
    if (field === null) return { ...earlier.answer, replayed: true };
    return answerOf(idempotencyConflict(key, field));
  }

  #amend(call: PlainAmend, now: Instant): Answer {
    const { account, entries } = advanceAccount(this.account, now);
    const standing = { account, catalog: this.catalog, now };
    const { idempotencyKey: key } = call;
    const asked = amendFingerprint(call);
    const earlier = this.#earlier(key, asked);
    if (earlier?.replayed) return earlier;
    const event = this.events[call.event];
    const refused = refuseAmend(call, this.events, standing);
    if (refused !== null || event === undefined) return answerOf(refused);
    if (earlier !== null) return earlier;
    const decision = amendOne(call, event, standing);
    if (!decision.ok) {
      const answer = answerOf(decision.refusal);
      const isKept = answer.code === 'INSUFFICIENT_BALANCE';
      if (key !== undefined && isKept) this.#answers.set(key, { asked, answer });
      return answer;
    }
    const { undone, done } = decision;
    const voided = voidedOf(undone.reversal);
    const { reversed, notReversed } = voided;
    const answer = { ...acceptedOf(done.tracked), undone: { reversed, notReversed } };
    if (key !== undefined) this.#answers.set(key, { asked, answer });
    this.account = decision.account;
    this.entries.push(...entries, ...undone.entries, ...done.entries);
    this.events[call.event] = { ...event, voided };
    const { deductions } = done.tracked;
    this.events.push({ ...inPlaceOf(event, call, now), deductions });
    return answer;
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
    const earlier = this.#earlier(key, asked);
    if (earlier !== null) return earlier;
    const decision = track(advanced.account, this.catalog, request, now);
    const answer = decision.ok ? acceptedOf(decision.tracked) : answerOf(decision.refusal);
    if (key !== undefined) this.#answers.set(key, { asked, answer });
    if (decision.ok) {
      this.account = decision.account;
      this.entries.push(...advanced.entries, ...decision.entries);
      const { entityId, featureId, eventName, value, properties } = request;
      this.events.push({
        ...{ entityId, featureId, eventName, value, properties },
        occurredAt: request.timestamp ?? now,
        recordedAt: now,
        deductions: decision.tracked.deductions,
        voided: null,
      });
    }
    return answer;
  }
}
