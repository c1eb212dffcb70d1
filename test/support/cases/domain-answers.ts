/** Answers of the domain, as a caller reads them. */
import type { featureBalance } from '../../../src/domain/account.js';
import * as balances from '../../../src/domain/balance.js';
import type { Hold } from '../../../src/domain/hold.js';
import { quantityToText } from '../../../src/domain/quantity.js';
import type { Refusal } from '../../../src/domain/refusal.js';
import type { Tracked } from '../../../src/domain/track.js';
import type { Accepted, PlainReservation, Refused, View } from './plain.js';

export function reservationOf(hold: Hold): PlainReservation {
  const { value, held, used, createdAt, expiresAt, ended } = hold;
  return {
    status: ended?.how ?? 'LIVE',
    value: quantityToText(value),
    held: quantityToText(held),
    used: quantityToText(used),
    createdAt: new Date(createdAt).toISOString(),
    expiresAt: new Date(expiresAt).toISOString(),
    endedAt: ended === null ? null : new Date(ended.at).toISOString(),
  };
}

export function answerOf(refusal: Refusal | null): Refused {
  if (refusal === null) throw new Error('a refusal was expected');
  const shortfalls = refusal.code === 'INSUFFICIENT_BALANCE' ? refusal.missing : [];
  return {
    ok: false,
    replayed: false,
    code: refusal.code,
    missing: shortfalls.map((part) => ({ ...part, amount: quantityToText(part.amount) })),
    field: refusal.code === 'IDEMPOTENCY_CONFLICT' ? refusal.field : null,
    ...(refusal.code === 'RESERVATION_ENDED' && {
      ended: {
        how: refusal.how,
        used: quantityToText(refusal.used),
        at: new Date(refusal.endedAt).toISOString(),
      },
    }),
  };
}

export function acceptedOf(tracked: Tracked): Accepted {
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

export function viewOf(seen: NonNullable<ReturnType<typeof featureBalance>>): View {
  return {
    featureId: seen.featureId,
    granted: quantityToText(seen.granted),
    remaining: quantityToText(seen.remaining),
    usage: quantityToText(seen.usage),
    overage: quantityToText(seen.overage),
    reserved: quantityToText(seen.reserved),
    unlimited: seen.unlimited,
    overageAllowed: seen.overageAllowed,
    nextResetAt: seen.nextResetAt === null ? null : new Date(seen.nextResetAt).toISOString(),
    breakdown: seen.breakdown.map((balance) => ({
      grant: balance.id,
      granted: quantityToText(balances.totalGranted(balance)),
      remaining: quantityToText(balances.remaining(balance)),
      usage: quantityToText(balances.totalUsed(balance)),
      overage: quantityToText(balances.overage(balance)),
      reserved: quantityToText(balances.totalReserved(balance)),
      rolledOver: balance.rollovers.map((part) => quantityToText(balances.rolloverFree(part))),
    })),
  };
}
