/**
 * One customer according to the rules: simple, slow, and without code shared with `src/domain`, so
 * that the two can be compared. It has no concurrency: to compare it with gateways, a test gives it
 * a customer's calls in the order in which they were decided.
 */
import type { RefusalCode } from '../../../src/domain/refusal.js';
import type {
  Answer,
  PlainCall,
  PlainFeature,
  PlainGrant,
  PlainShortfall,
  PlainTrack,
  Refused,
  View,
} from '../cases/plain.js';
import { firstBoundaryAfter } from './calendar.js';
import { charge, type Payer } from './charge.js';
import { corrected, isNamed, withoutOne } from './corrections.js';
import { caughtUp, ended, type Holding, NEVER } from './holdings.js';
import { amountOf, isAmount, ONE, textOf } from './numbers.js';
import { viewOf } from './view.js';

/** How far ahead of the database's clock a timestamp may be (R3). */
const CLOCK_SKEW_MAX_MS = 60_000;

/** What a server adds to a grant, for calls over HTTP. */
export interface Made {
  readonly id: string;
  readonly createdAt: number;
}

/** An event as it is listed. */
export interface ModelEvent {
  readonly value: bigint;
  readonly occurredAt: number;
}

export class CustomerModel {
  readonly events: ModelEvent[] = [];
  readonly #features: ReadonlyMap<string, PlainFeature>;
  readonly #entities = new Set<string>();
  readonly #answers = new Map<string, { readonly asked: Asked; readonly answer: Answer }>();
  #holdings: Holding[] = [];

  constructor(features: readonly PlainFeature[]) {
    this.#features = new Map(features.map((feature) => [feature.id, feature]));
  }

  /**
   * The answer that the call must get at `now`, the database's time when it was decided; null for
   * calls other than `track`. Afterwards the model is in the state after the call.
   */
  apply(call: PlainCall, now: number, made?: Made): Answer | null {
    if ('track' in call) return this.#track(call.track, now);
    if ('grant' in call) {
      const { name } = call.grant;
      this.#holdings.push(this.#hold(call.grant, made ?? { id: name, createdAt: now }));
    } else if ('update' in call) {
      this.#holdings = this.holdings(now).map((holding) =>
        isNamed(holding, call.update.name) ? corrected(holding, call.update, now) : holding,
      );
    } else if ('delete' in call) {
      const { name, transferUsage = false } = call.delete;
      this.#holdings = withoutOne(this.holdings(now), name, transferUsage, now);
    } else {
      this.#entities.add(call.createEntity);
    }
    return null;
  }

  /** A model in the same state, to try a call on. */
  clone(): CustomerModel {
    const copy = new CustomerModel([...this.#features.values()]);
    copy.events.push(...this.events);
    for (const entityId of this.#entities) copy.#entities.add(entityId);
    for (const [key, answer] of this.#answers) copy.#answers.set(key, answer);
    // A call replaces them with changed copies.
    copy.#holdings = [...this.#holdings];
    return copy;
  }

  /** Deletes the entity and ends its balances. */
  deleteEntity(entityId: string, now: number): void {
    this.#entities.delete(entityId);
    this.#holdings = this.holdings(now).map((holding) =>
      holding.grant.entityId === entityId ? ended(holding) : holding,
    );
  }

  /** What the customer, or one of its entities, sees of a feature; null if there is no balance. */
  look(featureId: string, entityId: string | null, now: number): View | null {
    const holdings = this.#holdings.filter(({ grant }) => grant.featureId === featureId);
    const current = holdings.map((holding) => caughtUp(holding, now));
    return viewOf(current, featureId, entityId, now);
  }

  /** Everything that is held, at `now`. */
  holdings(now: number): Holding[] {
    return this.#holdings.map((holding) => caughtUp(holding, now));
  }

  #hold(grant: PlainGrant, { id, createdAt }: Made): Holding {
    const { startsAt, expiresAt, reset } = grant;
    const continuous = this.#features.get(grant.featureId)?.type === 'CONTINUOUS';
    const start = startsAt === undefined ? -NEVER : Date.parse(startsAt);
    const begin = Math.max(start, createdAt);
    const since = startsAt ?? new Date(createdAt).toISOString();
    const anchor = Date.parse(reset?.anchor ?? since);
    const interval = { unit: reset?.interval ?? 'DAY', count: reset?.count ?? 1 };
    const periods = { anchor, interval, timeZone: reset?.timeZone ?? 'UTC' };
    return {
      grant,
      id,
      createdAt,
      startsAt: start,
      expiresAt: expiresAt === undefined ? NEVER : Date.parse(expiresAt),
      expired: false,
      overageAllowed: grant.unlimited !== true && (grant.overageAllowed ?? continuous),
      overageLimit: grant.overageLimit === undefined ? null : amountOf(grant.overageLimit),
      main: { granted: amountOf(grant.granted ?? 0), used: 0n, endsAt: NEVER },
      rolledOver: [],
      periods: reset === undefined ? null : periods,
      period: reset === undefined ? 0 : firstBoundaryAfter(begin, periods),
    };
  }

  #track(call: PlainTrack, now: number): Answer {
    const invalid = this.#invalid(call, now);
    if (invalid !== null) return invalid;

    const key = call.idempotencyKey;
    const asked = askedFor(call);
    const earlier = key === undefined ? undefined : this.#answers.get(key);
    const field = Object.keys(asked).find((name) => asked[name] !== earlier?.asked[name]);
    if (earlier !== undefined && field === undefined) return { ...earlier.answer, replayed: true };
    const unknown = this.#unknown(call);
    if (unknown !== null) return unknown;
    if (earlier !== undefined && field !== undefined) {
      return { ...refusal('IDEMPOTENCY_CONFLICT'), field };
    }
    const answer = this.#decide(call, now);
    if (key !== undefined) this.#answers.set(key, { asked, answer });
    return answer;
  }

  #invalid(
    { featureId, eventName, value = 1, timestamp }: PlainTrack,
    now: number,
  ): Refused | null {
    const invalid =
      (featureId === undefined) === (eventName === undefined) ||
      !isAmount(value) ||
      (timestamp !== undefined && Date.parse(timestamp) > now + CLOCK_SKEW_MAX_MS);
    return invalid ? refusal('INVALID_INPUT') : null;
  }

  #unknown({ entityId, featureId, eventName }: PlainTrack): Refused | null {
    if (entityId !== undefined && !this.#entities.has(entityId)) return refusal('ENTITY_NOT_FOUND');
    if (featureId !== undefined) {
      return this.#features.has(featureId) ? null : refusal('FEATURE_NOT_FOUND');
    }
    return this.#listing(eventName).length > 0 ? null : refusal('EVENT_NAME_NOT_FOUND');
  }

  /** The features that list an event name, by id. */
  #listing(eventName: string | undefined): PlainFeature[] {
    return [...this.#features.values()]
      .filter(({ eventNames = [] }) => eventNames.some((name) => name === eventName))
      .sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  /** R5 to R13, on a copy that replaces the original only if the call is not refused. */
  #decide(call: PlainTrack, now: number): Answer {
    const { entityId = null, overageBehavior = 'CAP', value = 1 } = call;
    const named = this.#features.get(call.featureId ?? '');
    const features = (named === undefined ? this.#listing(call.eventName) : [named]).filter(
      ({ type }) => type !== 'BOOLEAN',
    );
    const holdings = this.holdings(now);
    const charges = features.map((feature) =>
      charge(holdings, {
        payers: this.#payers(feature),
        entityId,
        overageBehavior,
        value: amountOf(value),
        now,
      }),
    );
    const unapplied: PlainShortfall[] = charges.flatMap(({ missing }) => missing);
    const missing = charges.flatMap((charged, index) =>
      value === 0 && !charged.isHeld ? [notHeld(features[index]?.id ?? '')] : charged.missing,
    );
    if (overageBehavior === 'REJECT' && value >= 0 && missing.length > 0) {
      return { ...refusal('INSUFFICIENT_BALANCE'), missing };
    }
    this.#holdings = holdings;
    const occurredAt = call.timestamp === undefined ? now : Date.parse(call.timestamp);
    this.events.push({ value: amountOf(value), occurredAt });

    const shown = new Set(features.flatMap((feature) => this.#payers(feature)).map(({ id }) => id));
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
      deductions: charges.flatMap(({ deductions }) => deductions),
      unapplied,
    };
  }

  /** R6: what can pay for a feature, and what one unit costs there. */
  #payers(feature: PlainFeature): [Payer, ...Payer[]] {
    const own = { id: feature.id, cost: ONE };
    if (feature.type === 'CREDIT_SYSTEM') return [own];
    const systems = [...this.#features.values()].flatMap(({ id, creditCosts = {} }) => {
      const cost = creditCosts[feature.id];
      return cost === undefined ? [] : [{ id, cost: amountOf(cost) }];
    });
    return [own, ...systems.sort((a, b) => (a.id < b.id ? -1 : 1))];
  }
}

function refusal(code: RefusalCode): Refused {
  return { ok: false, replayed: false, code, missing: [], field: null };
}

/** R7: under REJECT, a value of 0 checks that the feature has a balance. */
function notHeld(featureId: string): PlainShortfall {
  return { featureId, chargedFeatureId: featureId, amount: '0' };
}

type Asked = Readonly<Record<string, string | null>>;

/** R17: what must be the same in a retry, in the order in which differences are named. */
function askedFor(call: PlainTrack): Asked {
  const { timestamp, properties } = call;
  return {
    featureId: call.featureId ?? null,
    eventName: call.eventName ?? null,
    value: textOf(amountOf(call.value ?? 1)),
    properties: properties === undefined ? null : JSON.stringify(properties),
    entityId: call.entityId ?? null,
    timestamp: timestamp === undefined ? null : new Date(timestamp).toISOString(),
    overageBehavior: call.overageBehavior ?? 'CAP',
  };
}
