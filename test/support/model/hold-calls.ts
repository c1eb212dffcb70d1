/** How the model's customer answers calls about reservations (R23 to R29). */
import type {
  Accepted,
  PlainCapture,
  PlainExtend,
  PlainHoldCall,
  PlainReserve,
  PlainShortfall,
  Refused,
} from '../cases/plain.js';
import { type Asked, notHeld, refusal } from './answers.js';
import type { ModelCatalogue } from './catalogue.js';
import { charge } from './charge.js';
import * as holds from './holds.js';
import { amountOf, isAmount, textOf } from './numbers.js';
import { viewOf } from './view.js';

const SECOND = 1_000;
const DAY = 24 * 3_600 * SECOND;

/** R23: 15 minutes unless given, at least 1 second, at most 30 days. */
const [USUAL, LEAST, MOST] = [15 * 60 * SECOND, SECOND, 30 * DAY];

const LIVE_MAX = 1_000;

/** What was done; the state replaces the former one. */
export interface HoldDone {
  readonly state: holds.State;
  readonly answer: Accepted;
  /** What was captured. */
  readonly captured: bigint;
}

/** Whether the call can never be right, whatever the customer has. */
export function isMalformed(call: PlainHoldCall): boolean {
  if ('release' in call) return false;
  const { expiresAt, expiresInSeconds: seconds }: PlainExtend =
    'reserve' in call ? call.reserve : 'extend' in call ? call.extend : call.capture;
  if (seconds !== undefined && (seconds * SECOND < LEAST || seconds * SECOND > MOST)) return true;
  if (expiresAt !== undefined && seconds !== undefined) return true;
  if ('extend' in call) return false;
  const { value = 1 } = 'reserve' in call ? call.reserve : call.capture;
  if (value < 0 || !isAmount(value)) return true;
  if ('capture' in call) return false;
  return (call.reserve.featureId === undefined) === (call.reserve.eventName === undefined);
}

/** What must be the same in a repetition, in the order in which differences are named. */
export function askedOf(call: PlainHoldCall): Asked {
  if ('reserve' in call) {
    const { featureId = null, eventName = null, value = 1, entityId = null } = call.reserve;
    const { properties = null, overageBehavior = 'REJECT', ...expiry } = call.reserve;
    return {
      operation: 'reserve',
      featureId,
      eventName,
      value: textOf(amountOf(value)),
      properties: JSON.stringify(properties),
      entityId,
      expiresAt: expiry.expiresAt ?? null,
      expiresInSeconds: expiresIn(expiry),
      overageBehavior,
    };
  }
  if ('capture' in call) {
    const { reservationId, value, final = true, overageBehavior = 'CAP' } = call.capture;
    return {
      operation: 'capture',
      reservationId,
      value: value === undefined ? null : textOf(amountOf(value)),
      final: String(final),
      overageBehavior,
      properties: JSON.stringify(call.capture.properties ?? null),
    };
  }
  if ('release' in call) return { operation: 'release', reservationId: call.release.reservationId };
  const { reservationId, expiresAt = null } = call.extend;
  return {
    operation: 'extend',
    reservationId,
    expiresAt,
    expiresInSeconds: expiresIn(call.extend),
  };
}

/** How long it lasts is the same, given or not. */
function expiresIn({
  expiresAt,
  expiresInSeconds,
}: PlainExtend | Omit<PlainReserve, 'reservationId'>) {
  return expiresAt === undefined ? String(expiresInSeconds ?? USUAL / SECOND) : null;
}

/** The id of a reservation is its key. */
export function keyOf(call: PlainHoldCall): string | undefined {
  if ('reserve' in call) return call.reserve.reservationId;
  if ('capture' in call) return call.capture.idempotencyKey;
  return 'extend' in call ? call.extend.idempotencyKey : call.release.idempotencyKey;
}

/** The answer to a call that is not a repetition. The state is that at `now`. */
export function decideHold(
  state: holds.State,
  catalogue: ModelCatalogue,
  call: PlainHoldCall,
  now: number,
): HoldDone | Refused {
  const expiring = 'reserve' in call ? call.reserve : 'extend' in call ? call.extend : null;
  const expiresAt = expiring === null ? 0 : expiryOf(expiring, now);
  if (expiring !== null && (expiresAt < now + LEAST || expiresAt > now + MOST)) {
    return refusal('INVALID_INPUT');
  }
  if ('reserve' in call) return reserve(state, catalogue, call.reserve, expiresAt, now);
  const { reservationId } =
    'capture' in call ? call.capture : 'extend' in call ? call.extend : call.release;
  const hold = state.holds.find(({ id }) => id === reservationId);
  if (hold === undefined) return refusal('RESERVATION_NOT_FOUND');
  const { ended } = hold;
  if (ended !== null) {
    const at = new Date(ended.at).toISOString();
    const told = { how: ended.how, used: textOf(hold.used), at };
    return { ...refusal('RESERVATION_ENDED'), ended: told };
  }
  const settle = { state, catalogue, hold, now };
  if ('capture' in call) return capture(settle, call.capture);
  const { holdings } = state;
  if ('extend' in call) return done(settle, { ...hold, expiresAt }, holdings);
  const after = holds.giveBack(holdings, holds.takesOf(hold.shares), now);
  return done(settle, holds.ended(hold, 'RELEASED', now), after);
}

function expiryOf({ expiresAt, expiresInSeconds }: PlainReserve | PlainExtend, now: number) {
  if (expiresAt !== undefined) return Date.parse(expiresAt);
  return now + (expiresInSeconds === undefined ? USUAL : expiresInSeconds * SECOND);
}

function reserve(
  { holdings, holds: others }: holds.State,
  catalogue: ModelCatalogue,
  call: PlainReserve,
  expiresAt: number,
  now: number,
): HoldDone | Refused {
  if (others.filter(({ ended }) => ended === null).length >= LIVE_MAX) {
    return refusal('TOO_MANY_RESERVATIONS');
  }
  const { entityId = null, overageBehavior = 'REJECT', value: given = 1 } = call;
  const value = amountOf(given);
  const after = structuredClone(holdings) as typeof holdings;
  const features = catalogue.counted(call);
  const charges = features.map((feature) =>
    charge(after, {
      payers: catalogue.payers(feature, call.properties),
      entityId,
      overageBehavior,
      value,
      now,
      sets: 'ASIDE',
    }),
  );
  const missing = charges.flatMap((one, index) =>
    given === 0 && !one.isHeld ? [notHeld(features[index]?.id ?? '')] : one.missing,
  );
  if (overageBehavior === 'REJECT' && missing.length > 0) {
    return { ...refusal('INSUFFICIENT_BALANCE'), missing };
  }
  const shares = charges.map(
    (one, index): holds.Share => ({
      featureId: features[index]?.id ?? '',
      held: holds.heldOf(value, one.open, one.missing.length > 0),
      takes: one.takes,
    }),
  );
  const hold: holds.ModelHold = {
    id: call.reservationId,
    entityId,
    featureId: call.featureId,
    eventName: call.eventName,
    properties: call.properties,
    value,
    held: holds.mostOf(shares, value),
    used: 0n,
    shares,
    createdAt: now,
    expiresAt,
    ended: null,
  };
  const settle = { state: { holdings, holds: others }, catalogue, hold, now };
  return done(settle, hold, after, {
    captured: 0n,
    deductions: charges.flatMap(({ deductions }) => deductions),
    unapplied: charges.flatMap((one) => one.missing),
  });
}

interface Settling {
  readonly state: holds.State;
  readonly catalogue: ModelCatalogue;
  readonly hold: holds.ModelHold;
  readonly now: number;
}

function capture(settling: Settling, call: PlainCapture): HoldDone | Refused {
  const { state, catalogue, hold, now } = settling;
  const { final = true, overageBehavior = 'CAP' } = call;
  const value = call.value === undefined ? hold.held : amountOf(call.value);
  const properties = holds.bothOf(hold, call.properties);
  const costsOf = (featureId: string) => (said: holds.Properties | undefined) =>
    String(catalogue.payersOf(featureId, said).map(({ id, cost }) => `${id} ${cost}`));
  const split = hold.shares.map((share) =>
    holds.usedOf(hold, share, call.value === undefined ? share.held : value, {
      properties,
      costs: costsOf(share.featureId),
    }),
  );
  const taken = split.flatMap(({ used }) => used);
  let after = holds.use(state.holdings, taken);
  const rests = split.map(({ rest }) => rest);
  after = holds.giveBack(
    after,
    split.flatMap(({ returned }) => returned),
    now,
  );
  if (final) after = holds.giveBack(after, holds.takesOf(rests), now);
  const tracked = split
    .filter(({ beyond }) => beyond > 0n)
    .map(({ rest, beyond }) =>
      charge(after, {
        payers: catalogue.payersOf(rest.featureId, properties),
        entityId: hold.entityId,
        overageBehavior,
        value: beyond,
        now,
      }),
    );
  const missing: PlainShortfall[] = tracked.flatMap((one) => one.missing);
  if (overageBehavior === 'REJECT' && missing.length > 0) {
    return { ...refusal('INSUFFICIENT_BALANCE'), missing };
  }
  const used = hold.used + value;
  const kept = { ...hold, shares: rests, used };
  const open = value < hold.held ? hold.held - value : 0n;
  const next = final
    ? holds.ended({ ...hold, used }, value === 0n ? 'RELEASED' : 'CAPTURED', now)
    : { ...kept, held: holds.mostOf(rests, open) };
  return done(settling, next, after, {
    captured: value,
    deductions: holds.deductionsOf(
      after,
      taken,
      tracked.flatMap(({ deductions }) => deductions),
    ),
    unapplied: missing,
  });
}

const NOTHING = { captured: 0n, deductions: [], unapplied: [] };

function done(
  { state, catalogue, hold: before, now }: Settling,
  hold: holds.ModelHold,
  holdings: holds.State['holdings'],
  taken: Pick<Accepted, 'deductions' | 'unapplied'> & { captured: bigint } = NOTHING,
): HoldDone {
  const { captured, ...others } = taken;
  const ids = new Set(
    before.shares.flatMap(({ featureId }) =>
      before === hold
        ? catalogue.payersOf(featureId, hold.properties).map(({ id }) => id)
        : catalogue.possiblePayers(featureId),
    ),
  );
  const balances = [...ids]
    .map((id) => viewOf(holdings, id, hold.entityId, now))
    .filter((view) => view !== null);
  const own = balances.find(({ featureId }) => featureId === hold.featureId);
  const only = balances.length === 1 ? balances[0] : undefined;
  return {
    state: { holdings, holds: [...state.holds.filter(({ id }) => id !== hold.id), hold] },
    captured,
    answer: {
      ok: true,
      replayed: false,
      balance: (own ?? only)?.featureId ?? null,
      balances,
      ...others,
      reservation: {
        status: hold.ended?.how ?? 'LIVE',
        value: textOf(hold.value),
        held: textOf(hold.held),
        used: textOf(hold.used),
        createdAt: new Date(hold.createdAt).toISOString(),
        expiresAt: new Date(hold.expiresAt).toISOString(),
        endedAt: hold.ended === null ? null : new Date(hold.ended.at).toISOString(),
      },
    },
  };
}
