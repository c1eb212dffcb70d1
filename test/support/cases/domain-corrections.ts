/** Corrections of balances, decided by `src/domain` alone. */
import type { Account } from '../../../src/domain/account.js';
import type { Balance, LedgerEntry } from '../../../src/domain/balance.js';
import { type BalanceChanges, correct, refuseCorrection } from '../../../src/domain/correction.js';
import { deleteBalance, refuseHeld, refuseTransfer } from '../../../src/domain/delete-balance.js';
import type { Catalog } from '../../../src/domain/feature.js';
import { type GrantRequest, refuseGrant } from '../../../src/domain/grant.js';
import type { Instant } from '../../../src/domain/interval.js';
import type { Refusal } from '../../../src/domain/refusal.js';
import { amountOf } from '../model/numbers.js';
import type { PlainCall, PlainRollover, PlainUpdate } from './plain.js';

export type PlainChange = Extract<PlainCall, { update: unknown } | { delete: unknown }>;

interface Changed {
  readonly account: Account;
  readonly entries: readonly LedgerEntry[];
}

/** Undefined if it is a new balance, and null if the one that has its id is what is granted. */
export function givenBefore(
  account: Account,
  catalog: Catalog,
  request: GrantRequest,
  now: Instant,
): Refusal | null | undefined {
  const { balanceId } = request;
  const former = account.balances.find(({ givenId }) => givenId !== null && givenId === balanceId);
  const refused = refuseGrant(account, catalog, request, now, former);
  return former === undefined && refused?.code !== 'FEATURE_ARCHIVED' ? undefined : refused;
}

/** Thrown for a change that is refused. No case has one, but random ones are refused often. */
export class RefusedChange extends Error {}

/** Null if nothing changes. */
export function changeOf(
  call: PlainChange,
  account: Account,
  catalog: Catalog,
  now: Instant,
): Changed | null {
  if ('update' in call) {
    const balance = named(account, call.update.name);
    const changes = changesOf(call.update);
    accept(refuseCorrection(account, catalog, balance, changes, now));
    const corrected = correct(account, balance, changes, now);
    return corrected.entry === null ? null : { ...corrected, entries: [corrected.entry] };
  }
  const { name, transferUsage = false } = call.delete;
  const balance = named(account, name);
  accept(refuseHeld(account, balance, name));
  if (transferUsage) accept(refuseTransfer(account, catalog, balance, now));
  return deleteBalance(account, catalog, balance, transferUsage, now);
}

function named(account: Account, name: string): Balance {
  const balance = account.balances.find(({ id, expiredAt }) => id === name && expiredAt === null);
  if (balance === undefined) throw new RefusedChange(`there is no balance ${name}`);
  return balance;
}

function accept(refusal: Refusal | null): void {
  if (refusal !== null) throw new RefusedChange(refusal.message);
}

export function changesOf(plain: PlainUpdate): BalanceChanges {
  const { granted, usage, remaining, reset, expiresAt, overageLimit } = plain;
  const quantity = (value: number | undefined) =>
    value === undefined ? undefined : amountOf(value);
  return {
    granted: quantity(granted),
    usage: quantity(usage),
    remaining: quantity(remaining),
    priority: plain.priority,
    expiresAt: expiresAt ? Date.parse(expiresAt) : expiresAt === null ? null : undefined,
    overageAllowed: plain.overageAllowed,
    overageLimit: overageLimit === null ? null : quantity(overageLimit),
    resetInterval: reset === null ? null : reset?.interval,
    resetIntervalCount: reset?.count,
    resetAnchor: reset?.anchor === undefined ? undefined : Date.parse(reset.anchor),
    resetTimeZone: reset?.timeZone,
    rollover: ruleOf(reset?.rollover),
    carryOverage: reset?.carryOverage,
  };
}

function ruleOf(plain: PlainRollover | null | undefined): BalanceChanges['rollover'] {
  if (plain === null || plain === undefined) return plain;
  const { max, maxPercent, keep = null } = plain;
  if (max !== undefined) return { max: { kind: 'AMOUNT', amount: amountOf(max) }, keep };
  if (maxPercent === undefined) return { max: null, keep };
  return { max: { kind: 'PERCENT', percent: amountOf(maxPercent) }, keep };
}
