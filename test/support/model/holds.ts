/** What the model's customer has set aside, and how it comes back or is used (R23 to R28). */
import type { PlainDeduction, PlainHoldCall } from '../cases/plain.js';
import { caughtUp, type Holding, lose, type Part } from './holdings.js';
import {
  amountOf,
  atLeastZero,
  COST_ONE,
  greatest,
  least,
  minus,
  type Ratio,
  rounded,
  sum,
  textOf,
} from './numbers.js';

/** An amount of one part of one holding. */
export interface Take {
  readonly holdingId: string;
  /** The number of the part. */
  readonly part: number;
  readonly amount: bigint;
  /** What one unit of the charged feature costs there. */
  readonly cost: bigint;
}

/** What is set aside for one charged feature. */
export interface Share {
  readonly featureId: string;
  readonly held: bigint;
  /** In the order in which it was taken. */
  readonly takes: readonly Take[];
}

export interface ModelHold {
  readonly id: string;
  readonly entityId: string | null;
  readonly featureId: string | undefined;
  readonly eventName: string | undefined;
  readonly properties: Properties | undefined;
  readonly value: bigint;
  readonly held: bigint;
  readonly used: bigint;
  readonly shares: readonly Share[];
  readonly createdAt: number;
  readonly expiresAt: number;
  readonly ended: { readonly how: 'CAPTURED' | 'RELEASED' | 'EXPIRED'; readonly at: number } | null;
}

export type Properties = Readonly<Record<string, unknown>>;

/** The properties of usage that was set aside, and those of its capture, which win. */
export function bothOf({ properties }: ModelHold, own: Properties | undefined) {
  return own === undefined ? properties : { ...properties, ...own };
}

export function withProperties(hold: ModelHold, call: PlainHoldCall): ModelHold {
  const own = 'capture' in call ? call.capture.properties : undefined;
  return { ...hold, properties: bothOf(hold, own) };
}

export interface State {
  readonly holdings: readonly Holding[];
  readonly holds: readonly ModelHold[];
}

/** Everything at `now`: each instant at which something is given back, after all that came before it. */
export function stateAt({ holdings, holds }: State, now: number): State {
  const due = holds
    .filter(({ ended, expiresAt }) => ended === null && expiresAt <= now)
    .sort((a, b) => a.expiresAt - b.expiresAt || (a.id < b.id ? -1 : 1));
  let current = holdings;
  for (const { expiresAt, shares } of due) {
    current = giveBack(
      current.map((holding) => caughtUp(holding, expiresAt - 1)),
      takesOf(shares),
      expiresAt,
    );
  }
  return {
    holdings: current.map((holding) => caughtUp(holding, now)),
    holds: holds.map((hold) =>
      due.includes(hold) ? ended(hold, 'EXPIRED', hold.expiresAt) : hold,
    ),
  };
}

export function ended(
  hold: ModelHold,
  how: 'CAPTURED' | 'RELEASED' | 'EXPIRED',
  at: number,
): ModelHold {
  const shares = hold.shares.map((share) => ({ ...share, held: 0n, takes: [] }));
  return { ...hold, held: 0n, shares, ended: { how, at } };
}

export function takesOf(shares: readonly Share[]): Take[] {
  return shares.flatMap(({ takes }) => takes);
}

/** What is given back to something that has expired is lost. */
export function giveBack(holdings: readonly Holding[], takes: readonly Take[], at: number) {
  return moved(holdings, takes, (part, amount, holding) => {
    part.reserved -= amount;
    lose(holding, at);
  });
}

export function use(holdings: readonly Holding[], takes: readonly Take[]): Holding[] {
  return moved(holdings, takes, (part, amount) => {
    part.reserved -= amount;
    part.used += amount;
  });
}

function moved(
  holdings: readonly Holding[],
  takes: readonly Take[],
  move: (part: Part, amount: bigint, holding: Holding) => void,
): Holding[] {
  const changed = holdings.map((holding) => structuredClone(holding));
  for (const { holdingId, part, amount } of takes) {
    const holding = changed.find(({ id }) => id === holdingId);
    const found = [holding?.main, ...(holding?.rolledOver ?? [])].find(
      (one) => one?.number === part,
    );
    if (holding === undefined || found === undefined) throw new Error('what is held is missing');
    move(found, amount, holding);
  }
  return changed;
}

/** How much of a value is set aside if so much of it is missing; what is held is never rounded up. */
export function heldOf(value: bigint, open: Ratio, isShort: boolean): bigint {
  if (!isShort) return value;
  const missing = (open.over + open.under - 1n) / open.under;
  return atLeastZero(value - missing);
}

/** What was set aside of several features is the most of them; all of the value, if nothing is counted. */
export function mostOf(shares: readonly Share[], value: bigint): bigint {
  if (shares.length === 0) return value;
  return shares.reduce((most, { held }) => greatest(held, most), 0n);
}

/** R25: what was taken first is used first. */
export function splitAt(
  { featureId, held, takes }: Share,
  value: bigint,
): { used: Take[]; rest: Share; beyond: bigint } {
  if (value >= held) {
    return {
      used: [...takes],
      rest: { featureId, held: 0n, takes: [] },
      beyond: value - held,
    };
  }
  let open: Ratio = { over: value, under: 1n };
  const used: Take[] = [];
  const rest: Take[] = [];
  for (const take of takes) {
    const needed = rounded({ over: open.over * take.cost, under: open.under * COST_ONE });
    const amount = least(needed, take.amount);
    if (amount > 0n) used.push({ ...take, amount });
    if (amount < take.amount) rest.push({ ...take, amount: take.amount - amount });
    open =
      amount === needed
        ? { over: 0n, under: 1n }
        : minus(open, { over: amount * COST_ONE, under: take.cost });
  }
  return { used, rest: { featureId, held: held - value, takes: rest }, beyond: 0n };
}

/** What was used of each holding, in the order of the first. */
export function deductionsOf(
  holdings: readonly Holding[],
  takes: readonly Take[],
  others: readonly PlainDeduction[],
): PlainDeduction[] {
  const ofHold = takes.map(({ holdingId, amount }) => {
    const grant = holdings.find(({ id }) => id === holdingId)?.grant;
    return { grant: grant?.name ?? '', featureId: grant?.featureId ?? '', amount };
  });
  const ofOthers = others.map((one) => ({ ...one, amount: amountOf(Number(one.amount)) }));
  const found = new Map<string, { featureId: string; amounts: bigint[] }>();
  for (const { grant, featureId, amount } of [...ofHold, ...ofOthers]) {
    const one = found.get(grant) ?? { featureId, amounts: [] };
    one.amounts.push(amount);
    found.set(grant, one);
  }
  return [...found].map(([grant, one]) => ({
    grant,
    featureId: one.featureId,
    amount: textOf(sum(one.amounts)),
  }));
}

/** R25: what has another cost than was thought is given back, and used anew. */
export function usedOf(
  hold: ModelHold,
  share: Share,
  value: bigint,
  meant: {
    readonly properties: Properties | undefined;
    readonly costs: (properties: Properties | undefined) => string;
  },
): { used: Take[]; returned: Take[]; rest: Share; beyond: bigint } {
  const { used, rest, beyond } = splitAt(share, value);
  return meant.costs(hold.properties) === meant.costs(meant.properties)
    ? { used, returned: [], rest, beyond }
    : { used: [], returned: used, rest, beyond: value };
}
