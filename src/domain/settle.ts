/** How reservations are settled: captured, extended, released (R25 to R27). */
import { type Account, withBalances } from './account.js';
import { lapse } from './advance.js';
import { type Balance, type LedgerEntry, type LedgerKind, recordChange } from './balance.js';
import { trackRest, whyNotCaptured } from './capture-rest.js';
import type { Deduction, OverageBehavior } from './deduction.js';
import type { Catalog } from './feature.js';
import { captured, givenBack, type Take } from './held.js';
import { endedHold, type Hold, takesByBalance, withHold } from './hold.js';
import type { Instant } from './interval.js';
import { type Quantity, ZERO } from './quantity.js';
import { insufficientBalance, notFound, type Refusal, reservationEnded } from './refusal.js';
import { mostHeld } from './reserve.js';
import { capturedUsage, type SplitCharge, splitCharge } from './split-charge.js';
import { type Tracked, theOne, views } from './track.js';
import type { Properties } from './where.js';

/** The live reservation; why there is none otherwise. */
export function findHold(account: Account, id: string): Hold | Refusal {
  const live = account.holds.find((hold) => hold.id === id);
  if (live !== undefined) return live;
  const ended = account.ended.get(id) ?? null;
  return ended === null ? notFound('RESERVATION_NOT_FOUND', id) : reservationEnded(ended);
}

export interface CaptureRequest {
  /** Null for all that is held. */
  readonly value: Quantity | null;
  /** Whether what is not captured is given back. */
  readonly final: boolean;
  /** The capture's own, in addition to those of the reservation. */
  readonly properties: Properties | null;
  /** Of what is captured beyond what is held, or at another cost. */
  readonly overageBehavior: OverageBehavior;
}

/** What a capture, or a release, did, and what is left. */
export interface Settled extends Tracked {
  readonly hold: Hold;
  /** What was captured. */
  readonly value: Quantity;
}

export interface Settlement {
  readonly ok: true;
  readonly account: Account;
  readonly entries: readonly LedgerEntry[];
  readonly settled: Settled;
}

export type CaptureDecision = Settlement | { readonly ok: false; readonly refusal: Refusal };

/** R25. The account must stand at `now`. */
export function capture(
  account: Account,
  catalog: Catalog,
  hold: Hold,
  request: CaptureRequest,
  now: Instant,
): CaptureDecision {
  const value = request.value ?? hold.held;
  const done = captureOf(account, catalog, hold, request, now);
  const { usage, split, taken, used, released, tracked } = done;
  if (!tracked.ok) {
    const { refusal, planned } = tracked;
    if (!('missing' in refusal)) return { ok: false, refusal };
    const isAccepted = (other: Quantity) =>
      captureOf(account, catalog, hold, { ...request, value: other }, now).tracked.ok;
    const refused = { account, start: released.account, hold, usage, split, planned, value };
    const why = whyNotCaptured({ ...refused, isFinal: request.final, isAccepted }, catalog, now);
    return { ok: false, refusal: insufficientBalance(refusal.missing, 'capture', why) };
  }

  const after = request.final
    ? endedHold(hold, value === ZERO ? 'RELEASED' : 'CAPTURED', now, hold.used + value)
    : keptHold(hold, split, value);
  return settlement(withHold(tracked.account, after), catalog, after, hold, now, {
    value,
    entries: [...used.entries, ...released.entries, ...tracked.entries],
    deductions: merged([...deductionsOf(account, taken), ...tracked.deductions]),
    unapplied: tracked.unapplied,
  });
}

/** What a capture comes to: what is used of what is held, what is given back, and what is tracked besides. */
function captureOf(
  account: Account,
  catalog: Catalog,
  hold: Hold,
  request: CaptureRequest,
  now: Instant,
) {
  // All that is held is not more than that for any feature, of however little was held.
  const usage = capturedUsage(catalog, hold, request.properties);
  const split = hold.charges.map((charge) =>
    splitCharge(charge, request.value ?? charge.held, usage.isRepriced(charge.featureId)),
  );
  const taken = split.flatMap(({ used }) => used);
  const used = changeEach(account, taken, 'CAPTURE', now);
  const released = changeEach(
    used.account,
    split.flatMap(({ repriced, rest }) =>
      request.final ? [...repriced, ...rest.takes] : repriced,
    ),
    'RELEASE',
    now,
  );
  const captured = { hold, usage, split };
  const tracked = trackRest(released.account, catalog, captured, request.overageBehavior, now);
  return { usage, split, taken, used, released, tracked };
}

/** Gives back what is still held (R26). */
export function release(account: Account, catalog: Catalog, hold: Hold, now: Instant): Settlement {
  const takes = hold.charges.flatMap((charge) => charge.takes);
  const released = changeEach(account, takes, 'RELEASE', now);
  const after = endedHold(hold, 'RELEASED', now);
  return settlement(withHold(released.account, after), catalog, after, hold, now, {
    value: ZERO,
    entries: released.entries,
    deductions: [],
    unapplied: [],
  });
}

/** Releases the reservations of an entity that is deleted (R28). */
export function releaseAll(
  account: Account,
  holds: readonly Hold[],
  now: Instant,
): { account: Account; entries: readonly LedgerEntry[] } {
  const takes = holds.flatMap(({ charges }) => charges.flatMap((charge) => charge.takes));
  const { account: released, entries } = changeEach(account, takes, 'RELEASE', now);
  const after = holds.reduce(
    (rest, hold) => withHold(rest, endedHold(hold, 'RELEASED', now)),
    released,
  );
  return { account: after, entries };
}

/** R26: the expiry has been checked. */
export function extend(
  account: Account,
  catalog: Catalog,
  hold: Hold,
  expiresAt: Instant,
  now: Instant,
): Settlement {
  const after = { ...hold, expiresAt };
  return settlement(withHold(account, after), catalog, after, hold, now, {
    value: ZERO,
    entries: [],
    deductions: [],
    unapplied: [],
  });
}

function keptHold(hold: Hold, split: readonly SplitCharge[], value: Quantity): Hold {
  const charges = split.map(({ rest }) => rest);
  const open = value < hold.held ? hold.held - value : ZERO;
  return { ...hold, charges, held: mostHeld(charges, open), used: hold.used + value };
}

/** An entry for each balance of which something is used or given back; what has expired loses what is given back to it (R28). */
function changeEach(
  account: Account,
  takes: readonly Take[],
  kind: Extract<LedgerKind, 'CAPTURE' | 'RELEASE'>,
  now: Instant,
): { account: Account; entries: readonly LedgerEntry[] } {
  const byBalance = takesByBalance(takes);
  if (byBalance.size === 0) return { account, entries: [] };
  const entries: LedgerEntry[] = [];
  const changed: Balance[] = [];
  for (const before of account.balances) {
    const ofIt = byBalance.get(before.id);
    if (ofIt === undefined) continue;
    const after = kind === 'CAPTURE' ? captured(before, ofIt) : givenBack(before, ofIt);
    let change = recordChange(before, after, kind, null);
    entries.push(change.entry);
    const lapsed = lapse(change.balance, now);
    if (lapsed !== null) {
      change = recordChange(change.balance, lapsed, 'EXPIRE', null);
      entries.push(change.entry);
    }
    changed.push(change.balance);
  }
  return { account: withBalances(account, changed), entries };
}

function deductionsOf(account: Account, takes: readonly Take[]): Deduction[] {
  const features = new Map(account.balances.map(({ id, featureId }) => [id, featureId]));
  return takes.map(({ balanceId, amount }) => ({
    balanceId,
    featureId: features.get(balanceId) ?? '',
    amount,
  }));
}

/** What was taken from each balance, in the order of the first. */
function merged(deductions: readonly Deduction[]): readonly Deduction[] {
  const found = new Map<string, Deduction>();
  for (const deduction of deductions) {
    const { balanceId } = deduction;
    const amount = (found.get(balanceId)?.amount ?? ZERO) + deduction.amount;
    found.set(balanceId, { ...deduction, amount });
  }
  return [...found.values()];
}

function settlement(
  account: Account,
  catalog: Catalog,
  hold: Hold,
  { charges: charged }: Hold,
  now: Instant,
  done: Omit<Settled, 'hold' | 'balances' | 'balance'> & {
    readonly entries: readonly LedgerEntry[];
  },
): Settlement {
  // What was set aside may be of any of them: a capture can have properties of its own.
  const charges = charged.map(({ featureId }) => ({
    payers: catalog.possiblePayers.get(featureId) ?? [],
  }));
  const balances = views(account, { charges }, hold, now);
  const { entries, value, deductions, unapplied } = done;
  const balance = theOne(balances, hold);
  const settled = { hold, balances, balance, value, deductions, unapplied };
  return { ok: true, account, entries, settled };
}
