/** What comes of an id that a caller gives to a new balance and that a balance of the customer already has (R31). */
import type { Balance } from './balance.js';
import { canonicalJson, type Fingerprint, firstDifference, withoutNulls } from './idempotency.js';
import { type Quantity, quantityToText } from './quantity.js';
import { quoted, type Refusal } from './refusal.js';
import { timeZoneName } from './time-zone.js';

/** Null if the balance has not ended and is as the one that would be created: then it is that one. */
export function refuseTaken(former: Balance, asked: Balance): Refusal | null {
  const name = quoted(former.givenId ?? '');
  if (former.expiredAt !== null) {
    const when = new Date(former.expiredAt).toISOString();
    return taken(
      `The customer's balance with the balanceId ${name} ended at ${when}, and its balanceId cannot be used again. Use another one.`,
    );
  }
  const difference = firstDifference(termsOf(former), termsOf(asked));
  return difference === null
    ? null
    : taken(
        `The customer has another balance with the balanceId ${name}. The first field that differs is ${difference}. ` +
          'Change it with updateBalance, or use another balanceId.',
      );
}

function taken(message: string): Refusal {
  return { code: 'ALREADY_EXISTS', message };
}

/** What was agreed, by the fields of the input, with the defaults of those that were omitted. */
function termsOf(balance: Balance): Fingerprint {
  const { reset, startsAt, expiresAt, overageLimit } = balance;
  const text = (value: number | null) => (value === null ? null : String(value));
  const quantity = (amount: Quantity | null) => (amount === null ? null : quantityToText(amount));
  const rollover = reset?.rollover ?? null;
  return {
    featureId: balance.featureId,
    entityId: balance.entityId,
    granted: quantity(balance.granted),
    unlimited: String(balance.unlimited),
    priority: String(balance.priority),
    resetInterval: reset?.interval.unit ?? null,
    resetIntervalCount: text(reset?.interval.count ?? null),
    resetAnchor: text(reset?.anchor ?? null),
    resetTimeZone: reset === null ? null : timeZoneName(reset.timeZone),
    rollover: rollover === null ? null : canonicalJson(withoutNulls(rollover)),
    carryOverage: String(reset?.carryOverage ?? false),
    startsAt: text(startsAt),
    expiresAt: text(expiresAt),
    overageAllowed: String(balance.overageAllowed),
    overageLimit: quantity(overageLimit),
  };
}
