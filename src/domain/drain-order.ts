import { earliest } from './advance.js';
import { type Balance, isLive, rolloverFree } from './balance.js';
import { COST_ONE, type Cost } from './cost.js';
import type { Payer } from './feature.js';
import type { Instant } from './interval.js';
import { ZERO } from './quantity.js';

/** One part of one balance: its main grant, or the rolled-over amount with this index. */
export interface Slot {
  readonly balance: Balance;
  readonly cost: Cost;
  /** 0 for the charged feature itself, then its credit systems in order. */
  readonly payer: number;
  readonly rollover: number | null;
  /** When what is left of it would be lost; null for never. */
  readonly lostAt: Instant | null;
}

/** What can pay for a charge. */
export interface Reach {
  /** R6: the charged feature itself first, then its credit systems. */
  readonly payers: readonly Payer[];
  readonly entityId: string | null;
}

/** R8 and R9: every part of every balance that can pay, in drain order. */
export function drainOrder(balances: readonly Balance[], request: Reach, now: Instant): Slot[] {
  const slots: Slot[] = [];
  const placeOf = places(request.payers);
  for (const balance of balances) {
    const payer = placeOf(balance.featureId);
    const cost = request.payers[payer]?.cost;
    const reachable = balance.entityId === null || balance.entityId === request.entityId;
    if (cost === undefined || !reachable || !isLive(balance, now)) continue;
    slots.push(mainSlot(balance, cost, payer));
    for (const rollover of balance.rollovers.keys()) {
      slots.push(rolloverSlot(balance, cost, payer, rollover));
    }
  }
  return slots.length === 1 ? slots : slots.sort(compareSlots);
}

/** From how many payers on an index finds one sooner. */
const INDEXED_FROM = 16;

/** The place of a feature among the payers; -1 if it is none. */
function places(payers: readonly Payer[]): (featureId: string) => number {
  if (payers.length < INDEXED_FROM) {
    return (featureId) => payers.findIndex(({ feature }) => feature.id === featureId);
  }
  const known = new Map(payers.map(({ feature }, place) => [feature.id, place]));
  return (featureId) => known.get(featureId) ?? -1;
}

/** Balances of one feature in drain order, each at the position of its first part. */
export function inDrainOrder(balances: readonly Balance[]): readonly Balance[] {
  if (balances.length < 2) return balances;
  return balances
    .map(firstSlot)
    .sort(compareSlots)
    .map(({ balance }) => balance);
}

/** Its rolled-over amounts come first if anything is left of them. */
function firstSlot(balance: Balance): Slot {
  return balance.rollovers.reduce(
    (first, part, index) => {
      if (rolloverFree(part) <= ZERO) return first;
      const slot = rolloverSlot(balance, COST_ONE, 0, index);
      return compareSlots(slot, first) < 0 ? slot : first;
    },
    mainSlot(balance, COST_ONE, 0),
  );
}

function mainSlot(balance: Balance, cost: Cost, payer: number): Slot {
  const lostAt = earliest(balance.nextResetAt, balance.expiresAt);
  return { balance, cost, payer, rollover: null, lostAt };
}

function rolloverSlot(balance: Balance, cost: Cost, payer: number, rollover: number): Slot {
  const expiresAt = balance.rollovers[rollover]?.expiresAt ?? null;
  return { balance, cost, payer, rollover, lostAt: earliest(expiresAt, balance.expiresAt) };
}

type Compare = (a: Slot, b: Slot) => number;

/** R8, in order: what puts one part before another. The order of a balance's parts among each other comes last. */
const CRITERIA = {
  UNLIMITED: (a, b) => trueFirst(a.balance.unlimited, b.balance.unlimited),
  ENTITY: (a, b) => trueFirst(a.balance.entityId !== null, b.balance.entityId !== null),
  PRIORITY: (a, b) => a.balance.priority - b.balance.priority,
  OWN_FEATURE: (a, b) => trueFirst(a.payer === 0, b.payer === 0),
  ROLLED_OVER: (a, b) => trueFirst(a.rollover !== null, b.rollover !== null),
  LOST_FIRST: (a, b) => nullLast(a.lostAt, b.lostAt),
  NO_OVERAGE: (a, b) => trueFirst(!a.balance.overageAllowed, !b.balance.overageAllowed),
  OLDEST: (a, b) =>
    a.balance.createdAt - b.balance.createdAt ||
    compareText(a.balance.id, b.balance.id) ||
    (a.rollover ?? 0) - (b.rollover ?? 0),
} as const satisfies Record<string, Compare>;

export type DrainCriterion = keyof typeof CRITERIA;

const COMPARISONS = Object.entries(CRITERIA) as readonly [DrainCriterion, Compare][];

function compareSlots(a: Slot, b: Slot): number {
  for (const [, compare] of COMPARISONS) {
    const order = compare(a, b);
    if (order !== 0) return order;
  }
  return 0;
}

/** The first criterion in which two parts differ. */
export function criterionBetween(a: Slot, b: Slot): DrainCriterion {
  const decisive = COMPARISONS.find(([, compare]) => compare(a, b) !== 0);
  return decisive?.[0] ?? 'OLDEST';
}

function trueFirst(a: boolean, b: boolean): number {
  return Number(b) - Number(a);
}

function nullLast(a: Instant | null, b: Instant | null): number {
  return (a ?? Number.MAX_SAFE_INTEGER) - (b ?? Number.MAX_SAFE_INTEGER);
}

/** By code unit, as PostgreSQL compares ids. */
export function compareText(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1;
}
