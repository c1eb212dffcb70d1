/**
 * One customer with one balance that does not reset, by the rules R9 to R13, R17, R19 to R28 in as few words as possible: what each call
 * must answer if the calls come one after the other.
 */
import { amountOf, atLeastZero, least, textOf } from '../model/numbers.js';
import {
  type AccountAnswer,
  type AccountCall,
  type CaptureCall,
  type ExtendCall,
  keyOf,
  type ReleaseCall,
  type ReserveCall,
  type TrackCall,
} from './account-call.js';
import {
  type AccountState,
  expired,
  type Held,
  type Recorded,
  reservedIn,
  stateText,
} from './account-state.js';
import type { Decided, Specification } from './history.js';

/** What the customer has been granted. */
export interface Granted {
  readonly granted: number;
  /** How much more may be used; 0 for nothing. */
  readonly overageLimit: number;
}

type Outcome = Decided<AccountState, AccountAnswer>;

/** The calls tell which keys occur several times, and which events are undone: what is stored under another key is never read. */
export function accountOf(
  granted: Granted,
  calls: readonly AccountCall[],
): Specification<AccountState, AccountCall, AccountAnswer> {
  const repeated = repeatedKeys(calls);
  const voided = new Set(calls.flatMap((call) => (call.verb === 'void' ? call.of : [])));
  const rules = new Rules(amountOf(granted.granted), amountOf(granted.overageLimit), voided);
  return {
    start: { used: 0n, holds: new Map(), events: new Map(), answers: new Map() },
    decide: (state, call) => {
      const key = keyOf(call);
      return key !== null && repeated.has(key)
        ? underKey(rules, state, call, key)
        : rules.decide(state, call);
    },
    isSame: (expected, actual) =>
      Object.entries(actual).every(([name, value]) => expected[name] === value),
    textOf: stateText,
  };
}

/** R17: the stored answer again, not found, conflict, and only then a decision. */
function underKey(rules: Rules, state: AccountState, call: AccountCall, key: string): Outcome {
  const stored = state.answers.get(key);
  const text = JSON.stringify(call);
  if (stored?.call === text) return same(state, { ...stored.answer, replayed: true });
  const isKnown = !('reservationId' in call) || call.verb === 'reserve';
  if (stored !== undefined && (isKnown || state.holds.has(call.reservationId)))
    return same(state, refused('IDEMPOTENCY_CONFLICT'));
  const { next, answers } = rules.decide(state, call);
  const [answer] = answers;
  if (answer['code'] !== null && answer['code'] !== 'INSUFFICIENT_BALANCE')
    return { next, answers };
  return {
    next: { ...next, answers: new Map(next.answers).set(key, { call: text, answer }) },
    answers,
  };
}

class Rules {
  readonly #granted: bigint;
  readonly #overageLimit: bigint;
  /** The keys of events that some call undoes. */
  readonly #voided: ReadonlySet<string>;

  constructor(granted: bigint, overageLimit: bigint, voided: ReadonlySet<string>) {
    this.#granted = granted;
    this.#overageLimit = overageLimit;
    this.#voided = voided;
  }

  decide(state: AccountState, call: AccountCall): Outcome {
    switch (call.verb) {
      case 'track':
        return this.#track(state, call);
      case 'check':
        return this.#seen(state, call.until, (at) =>
          this.#check(at, amountOf(call.requiredBalance)),
        );
      case 'read':
        return this.#seen(state, call.until, (at) => this.#amounts(at));
      case 'hold':
        return this.#seen(state, call.until, ({ holds }) =>
          holdShown(holds.get(call.reservationId)),
        );
      case 'void':
        return this.#void(state, call.of);
      case 'reserve':
        return this.#reserve(state, call);
      case 'pass':
        // Another object even if nothing expires, because later something may.
        return same({ ...expired(state, call.instant) }, {});
      default:
        return this.#settle(state, call);
    }
  }

  #track(state: AccountState, { value, overageBehavior, idempotencyKey }: TrackCall): Outcome {
    const amount = amountOf(value);
    const taken = this.#takes(state, amount, overageBehavior);
    if (overageBehavior === 'REJECT' && taken < amount) return same(state, lacking(amount - taken));
    const next = this.#recorded({ ...state, used: state.used + taken }, idempotencyKey, taken);
    return done(next, {
      taken: shown(taken),
      unapplied: shown(amount - taken),
      ...this.#amounts(next),
    });
  }

  #check(state: AccountState, required: bigint): AccountAnswer {
    const room = this.#room(state);
    const allowed = required <= room;
    const { remaining, reserved } = this.#amounts(state);
    return { allowed, largestAllowed: allowed ? null : shown(room), remaining, reserved };
  }

  #reserve(state: AccountState, call: ReserveCall): Outcome {
    const amount = amountOf(call.value);
    const held = this.#takes(state, amount, call.overageBehavior);
    if (call.overageBehavior === 'REJECT' && held < amount)
      return same(state, lacking(amount - held));
    const { reservationId, expiresAt } = call;
    const hold: Held = { status: 'LIVE', held, used: 0n, expiresAt };
    return this.#settled(state, reservationId, hold, {
      taken: shown(held),
      unapplied: shown(amount - held),
    });
  }

  #settle(state: AccountState, call: CaptureCall | ExtendCall | ReleaseCall): Outcome {
    const { reservationId: id } = call;
    const hold = state.holds.get(id);
    if (hold === undefined) return same(state, refused('RESERVATION_NOT_FOUND'));
    if (hold.status !== 'LIVE') {
      const { status: how, used } = hold;
      return same(state, { ...refused('RESERVATION_ENDED'), how, used: shown(used) });
    }
    if (call.verb === 'capture') return this.#capture(state, call, hold);
    if (call.verb === 'release')
      return this.#settled(state, id, { ...hold, status: 'RELEASED', held: 0n }, {});
    return this.#settled(state, id, { ...hold, expiresAt: call.expiresAt }, {});
  }

  /** R25 */
  #capture(state: AccountState, call: CaptureCall, hold: Held): Outcome {
    const value = call.value === null ? hold.held : amountOf(call.value);
    const ofHeld = least(value, hold.held);
    const beyond = value - ofHeld;
    const extra = this.#takes(state, beyond, call.overageBehavior);
    if (call.overageBehavior === 'REJECT' && extra < beyond)
      return same(state, lacking(beyond - extra));
    const after: Held = {
      ...hold,
      used: hold.used + value,
      held: call.final ? 0n : hold.held - ofHeld,
      status: call.final ? (value === 0n ? 'RELEASED' : 'CAPTURED') : 'LIVE',
    };
    const taken = ofHeld + extra;
    const used = { ...state, used: state.used + taken };
    const next = value === 0n ? used : this.#recorded(used, call.idempotencyKey, taken);
    return this.#settled(next, call.reservationId, after, {
      value: shown(value),
      taken: shown(taken),
      unapplied: shown(beyond - extra),
    });
  }

  #settled(state: AccountState, id: string, hold: Held, did: AccountAnswer): Outcome {
    const next = { ...state, holds: new Map(state.holds).set(id, hold) };
    return done(next, {
      ...did,
      status: hold.status,
      held: shown(hold.held),
      captured: shown(hold.used),
      ...this.#amounts(next),
    });
  }

  #recorded(state: AccountState, key: string | null, taken: bigint): AccountState {
    if (key === null || !this.#voided.has(key)) return state;
    const event = { taken, isVoided: false, reversed: 0n };
    return { ...state, events: new Map(state.events).set(key, event) };
  }

  /** R34: once, and never more than is used. */
  #void(state: AccountState, key: string): Outcome {
    const event = state.events.get(key);
    if (event === undefined) return same(state, refused('EVENT_NOT_FOUND'));
    const { taken, isVoided } = event;
    if (isVoided) return same(state, { ...undone(event), replayed: true });
    const after = { taken, isVoided: true, reversed: least(taken, state.used) };
    const events = new Map(state.events).set(key, after);
    return done({ ...state, used: state.used - after.reversed, events }, undone(after));
  }

  /** R11, R13: how much of an amount is taken; negative if it is given back. */
  #takes(state: AccountState, amount: bigint, behavior: string): bigint {
    if (amount < 0n) return -least(-amount, state.used);
    return behavior === 'OVERFLOW' ? amount : least(amount, this.#room(state));
  }

  #room(state: AccountState): bigint {
    return atLeastZero(this.#granted + this.#overageLimit - state.used - reservedIn(state));
  }

  #amounts(state: AccountState) {
    const reserved = reservedIn(state);
    const remaining = atLeastZero(this.#granted - state.used - reserved);
    return { remaining: shown(remaining), usage: shown(state.used), reserved: shown(reserved) };
  }

  /** As of the moment, or with what has expired until then. */
  #seen(
    state: AccountState,
    until: number | null,
    answerAt: (state: AccountState) => AccountAnswer,
  ): Outcome {
    const instants = [...state.holds.values()]
      .filter(({ status, expiresAt }) => status === 'LIVE' && until !== null && expiresAt <= until)
      .map(({ expiresAt }) => expiresAt);
    const later = instants.map((instant) => answerAt(expired(state, instant)));
    return { next: state, answers: [answerAt(state), ...later] };
  }
}

function undone({ taken, reversed }: Recorded): AccountAnswer {
  return { code: null, reversed: shown(reversed), notReversed: shown(taken - reversed) };
}

function holdShown(hold: Held | undefined): AccountAnswer {
  if (hold === undefined) return { status: 'NONE' };
  const { status, held, used } = hold;
  return { status, held: shown(held), used: shown(used) };
}

function done(next: AccountState, did: AccountAnswer): Outcome {
  return { next, answers: [{ code: null, replayed: false, ...did }] };
}

function same(next: AccountState, answer: AccountAnswer): Outcome {
  return { next, answers: [answer] };
}

function refused(code: string): AccountAnswer {
  return { code };
}

function lacking(missing: bigint): AccountAnswer {
  return { code: 'INSUFFICIENT_BALANCE', replayed: false, missing: shown(missing) };
}

function shown(amount: bigint): number {
  return Number(textOf(amount));
}

function repeatedKeys(calls: readonly AccountCall[]): ReadonlySet<string> {
  const seen = new Set<string>();
  const repeated = new Set<string>();
  for (const key of calls.map(keyOf)) {
    if (key === null) continue;
    if (seen.has(key)) repeated.add(key);
    seen.add(key);
  }
  return repeated;
}
