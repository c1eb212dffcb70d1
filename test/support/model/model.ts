/**
 * One customer according to the rules: simple, slow, and without code shared with `src/domain`, so
 * that the two can be compared. It has no concurrency: to compare it with gateways, a test gives it
 * a customer's calls in the order in which they were decided.
 */

import {
  type Answer,
  holdCallOf,
  type PlainAmend,
  type PlainCall,
  type PlainGrant,
  type PlainHoldCall,
  type PlainShortfall,
  type PlainTrack,
  type PlainVoided,
  type Refused,
  type View,
} from '../cases/plain.js';
import type { PlainFeature } from '../cases/plain-feature.js';
import { askedToAmend, usageInPlace } from './amend.js';
import { type Asked, askedFor, notHeld, refusal } from './answers.js';
import { ModelCatalogue } from './catalogue.js';
import { charge } from './charge.js';
import { corrected, isNamed, withoutOne } from './corrections.js';
import { formerOf, holdingOf, isThatHolding, type Made } from './grants.js';
import { askedOf, decideHold, isMalformed, keyOf } from './hold-calls.js';
import { ended, type Holding } from './holdings.js';
import {
  ended as endedHold,
  giveBack,
  type ModelHold,
  type State,
  stateAt,
  takesOf,
  withProperties,
} from './holds.js';
import { amountOf, isAmount } from './numbers.js';
import { type ModelEvent, takenBy, undo, usageOf } from './undo.js';
import { viewOf } from './view.js';

/** How far ahead of the database's clock a timestamp may be (R3). */
const CLOCK_SKEW_MAX_MS = 60_000;

export class CustomerModel {
  readonly events: ModelEvent[] = [];
  #catalogue: ModelCatalogue;
  readonly #entities = new Set<string>();
  readonly #answers = new Map<string, { readonly asked: Asked; readonly answer: Answer }>();
  #state: State = { holdings: [], holds: [] };

  constructor(features: readonly PlainFeature[]) {
    this.#catalogue = new ModelCatalogue(features);
  }

  /**
   * The answer that the call must get at `now`, the database's time when it was decided; null for
   * calls other than `track`, unless a grant is refused. Afterwards the model is in the state after the call.
   */
  apply(call: PlainCall, now: number, made?: Made): Answer | null {
    if ('track' in call) return this.#track(call.track, now);
    if ('amend' in call) return this.#amend(call.amend, now);
    const hold = holdCallOf(call);
    if (hold !== null) return this.#callHold(hold, now);
    if ('grant' in call) return this.#grant(call.grant, now, made);
    if ('update' in call) {
      this.#change(now, (holding) =>
        isNamed(holding, call.update.name) ? corrected(holding, call.update, now) : holding,
      );
    } else if ('delete' in call) {
      const { name, transferUsage = false } = call.delete;
      const state = stateAt(this.#state, now);
      this.#state = { ...state, holdings: withoutOne(state.holdings, name, transferUsage, now) };
    } else if ('deleteEntity' in call) {
      this.#deleteEntity(call.deleteEntity, now);
    } else if ('createEntity' in call) {
      this.#entities.add(call.createEntity);
    } else if ('archive' in call) this.#catalogue = this.#catalogue.after(call);
    return null;
  }

  /** A model in the same state, to try a call on. */
  clone(): CustomerModel {
    const copy = new CustomerModel([...this.#catalogue.features.values()]);
    copy.events.push(...this.events);
    for (const entityId of this.#entities) copy.#entities.add(entityId);
    for (const [key, answer] of this.#answers) copy.#answers.set(key, answer);
    // A call replaces them with changed copies.
    copy.#state = this.#state;
    return copy;
  }

  /** R34. The first answer again if it has been undone before. */
  voidEvent(index: number, now: number): PlainVoided {
    const event = this.events[index];
    if (event === undefined) throw new Error(`there is no event ${index}`);
    if (event.voided !== null) return { ...event.voided, replayed: true };
    const state = stateAt(this.#state, now);
    const voided = { replayed: false, ...undo(state.holdings, event.taken, now) };
    this.#state = state;
    this.events[index] = { ...event, voided };
    return voided;
  }

  /** Deletes the entity, releases its reservations and ends its balances. */
  #deleteEntity(entityId: string, now: number): void {
    this.#entities.delete(entityId);
    const { holdings, holds } = stateAt(this.#state, now);
    const released = holds.filter((hold) => hold.entityId === entityId && hold.ended === null);
    const takes = released.flatMap(({ shares }) => takesOf(shares));
    this.#state = {
      holdings: giveBack(holdings, takes, now).map((holding) =>
        holding.grant.entityId === entityId ? ended(holding) : holding,
      ),
      holds: holds.map((hold) =>
        released.includes(hold) ? endedHold(hold, 'RELEASED', now) : hold,
      ),
    };
  }

  /** What the customer, or one of its entities, sees of a feature; null if there is no balance. */
  look(featureId: string, entityId: string | null, now: number): View | null {
    return viewOf(this.holdings(now), featureId, entityId, now);
  }

  /** Everything that is held, at `now`. */
  holdings(now: number): readonly Holding[] {
    return stateAt(this.#state, now).holdings;
  }

  /** Every reservation, at `now`. */
  holds(now: number): readonly ModelHold[] {
    return stateAt(this.#state, now).holds;
  }

  #change(now: number, change: (holding: Holding) => Holding): void {
    const state = stateAt(this.#state, now);
    this.#state = { ...state, holdings: state.holdings.map(change) };
  }

  /** Null unless it is refused. What is granted already stays as it is (R31). */
  #grant(grant: PlainGrant, now: number, made?: Made): Answer | null {
    const isContinuous = this.#catalogue.features.get(grant.featureId)?.type === 'CONTINUOUS';
    const former = formerOf(grant, this.holdings(now));
    if (former !== undefined) {
      return isThatHolding(grant, isContinuous, former) ? null : refusal('ALREADY_EXISTS');
    }
    if (this.#catalogue.isArchived(grant.featureId)) return refusal('FEATURE_ARCHIVED');
    const holding = holdingOf(grant, isContinuous, made ?? { id: grant.name, createdAt: now });
    this.#state = { ...this.#state, holdings: [...this.#state.holdings, holding] };
    return null;
  }

  #track(call: PlainTrack, now: number): Answer {
    const invalid = this.#invalid(call, now);
    if (invalid !== null) return invalid;

    const key = call.idempotencyKey;
    const asked = askedFor(call);
    const earlier = this.#earlier(key, asked);
    if (earlier?.replayed) return earlier;
    const unknown = this.#unknown(call);
    if (unknown !== null) return unknown;
    if (earlier !== null) return earlier;
    const answer = this.#decide(call, amountOf(call.value ?? 1), now);
    if (key !== undefined) this.#answers.set(key, { asked, answer });
    return answer;
  }

  /** R35: undone and tracked on a copy, which replaces the original only if neither is refused. */
  #amend(call: PlainAmend, now: number): Answer {
    const asked = askedToAmend(call);
    const { idempotencyKey: key } = call;
    const earlier = this.#earlier(key, asked);
    if (earlier?.replayed) return earlier;
    const event = this.events[call.event];
    if (event === undefined) return refusal('EVENT_NOT_FOUND');
    const { track, value } = usageInPlace(event, call);
    const { timestamp } = call;
    const dated = { ...event.usage, ...(timestamp !== undefined && { timestamp }) };
    const refused = this.#invalid(dated, now) ?? this.#unknown(track);
    if (event.voided === null && refused !== null) return refused;
    if (earlier !== null) return earlier;
    if (event.voided !== null) return refusal('EVENT_VOIDED');
    const copy = this.clone();
    const { reversed, notReversed } = copy.voidEvent(call.event, now);
    const tracked = copy.#decide(track, value, now);
    const answer = tracked.ok ? { ...tracked, undone: { reversed, notReversed } } : tracked;
    if (tracked.ok) {
      this.#state = copy.#state;
      this.events.splice(0, this.events.length, ...copy.events);
    }
    if (key !== undefined) this.#answers.set(key, { asked, answer });
    return answer;
  }

  /** The answer to a repetition, or to a call with the key of another; null if it is the first. */
  #earlier(key: string | undefined, asked: Asked): Answer | null {
    const earlier = key === undefined ? undefined : this.#answers.get(key);
    if (earlier === undefined) return null;
    const field = Object.keys(asked).find((name) => asked[name] !== earlier.asked[name]);
    if (field === undefined) return { ...earlier.answer, replayed: true };
    return { ...refusal('IDEMPOTENCY_CONFLICT'), field };
  }

  #callHold(call: PlainHoldCall, now: number): Answer {
    if (isMalformed(call)) return refusal('INVALID_INPUT');
    const state = stateAt(this.#state, now);
    const asked = askedOf(call);
    const key = keyOf(call);
    const earlier = this.#earlier(key, asked);
    const unknown =
      'reserve' in call
        ? this.#unknown(call.reserve)
        : state.holds.some(({ id }) => id === asked['reservationId'])
          ? null
          : refusal('RESERVATION_NOT_FOUND');
    if (unknown !== null || earlier !== null) return unknown ?? earlier ?? refusal('INVALID_INPUT');
    const decided = decideHold(state, this.#catalogue, call, now);
    const answer = 'state' in decided ? decided.answer : decided;
    const isKept = answer.ok || KEPT.includes(answer.code);
    if (key !== undefined && isKept) this.#answers.set(key, { asked, answer });
    if (!('state' in decided)) return answer;
    this.#state = decided.state;
    const { captured: value } = decided;
    const hold = state.holds.find(({ id }) => id === asked['reservationId']);
    const usage = usageOf(hold === undefined ? {} : withProperties(hold, call));
    const taken = takenBy(decided.state.holdings, decided.answer.deductions);
    if (value > 0n) this.events.push({ usage, value, occurredAt: now, taken, voided: null });
    return answer;
  }

  #invalid(call: PlainTrack, now: number): Refused | null {
    const { featureId, eventName, value = 1, timestamp } = call;
    const invalid =
      (featureId === undefined) === (eventName === undefined) ||
      !isAmount(value) ||
      (timestamp !== undefined && Date.parse(timestamp) > now + CLOCK_SKEW_MAX_MS);
    return invalid ? refusal('INVALID_INPUT') : null;
  }

  #unknown({ entityId, featureId, eventName }: PlainTrack): Refused | null {
    if (entityId !== undefined && !this.#entities.has(entityId)) return refusal('ENTITY_NOT_FOUND');
    if (featureId !== undefined) {
      return this.#catalogue.features.has(featureId) ? null : refusal('FEATURE_NOT_FOUND');
    }
    return this.#catalogue.listing(eventName).length > 0 ? null : refusal('EVENT_NAME_NOT_FOUND');
  }

  /** R5 to R13, on a copy that replaces the original only if the call is not refused. */
  #decide(call: PlainTrack, value: bigint, now: number): Answer {
    const { entityId = null, overageBehavior = 'CAP' } = call;
    const features = this.#catalogue.counted(call);
    const { holdings, holds } = stateAt(this.#state, now);
    const charges = features.map((feature) =>
      charge(holdings, {
        payers: this.#catalogue.payers(feature, call.properties),
        entityId,
        overageBehavior,
        value,
        now,
      }),
    );
    const unapplied: PlainShortfall[] = charges.flatMap(({ missing }) => missing);
    const missing = charges.flatMap((charged, index) =>
      value === 0n && !charged.isHeld ? [notHeld(features[index]?.id ?? '')] : charged.missing,
    );
    if (overageBehavior === 'REJECT' && value >= 0n && missing.length > 0) {
      return { ...refusal('INSUFFICIENT_BALANCE'), missing };
    }
    this.#state = { holdings, holds };
    const occurredAt = call.timestamp === undefined ? now : Date.parse(call.timestamp);
    const deductions = charges.flatMap((charged) => charged.deductions);
    const taken = takenBy(holdings, deductions);
    this.events.push({ usage: usageOf(call), value, occurredAt, taken, voided: null });

    const payers = features.flatMap((one) => this.#catalogue.payers(one, call.properties));
    const shown = new Set(payers.map(({ id }) => id));
    const balances = [...shown]
      .map((id) => viewOf(holdings, id, entityId, now))
      .filter((view) => view !== null);
    const own = balances.find(({ featureId }) => featureId === call.featureId);
    const only = balances.length === 1 ? balances[0] : undefined;
    return {
      ok: true,
      replayed: false,
      balance: (own ?? only)?.featureId ?? null,
      balances,
      deductions,
      unapplied,
    };
  }
}

/** The refusals that a repetition gets again. */
const KEPT: readonly string[] = ['INSUFFICIENT_BALANCE', 'TOO_MANY_RESERVATIONS'];
