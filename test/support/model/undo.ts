/** How the model undoes a usage event (R34). */
import type { PlainDeduction, PlainTrack, PlainVoided } from '../cases/plain.js';
import { type Holding, isLive, type Part } from './holdings.js';
import { amountOf, atLeastZero, least, sum, textOf } from './numbers.js';
import { compare, rank } from './order.js';

/** What an event took from one holding, and in which of its periods. */
export interface Taken {
  readonly grant: string;
  readonly amount: bigint;
  /** How often that had been reset. */
  readonly resets: number;
}

/** An event as it is listed. */
export interface ModelEvent {
  readonly usage: Pick<PlainTrack, 'featureId' | 'eventName' | 'entityId' | 'properties'>;
  readonly value: bigint;
  readonly occurredAt: number;
  readonly taken: readonly Taken[];
  /** Null as long as it counts. */
  readonly voided: PlainVoided | null;
}

/** What a call or a reservation says of its usage. */
export function usageOf(said: {
  readonly entityId?: string | null | undefined;
  readonly featureId?: string | undefined;
  readonly eventName?: string | undefined;
  readonly properties?: PlainTrack['properties'] | undefined;
}): ModelEvent['usage'] {
  const { entityId, featureId, eventName, properties } = said;
  return {
    ...((entityId ?? null) !== null && { entityId: entityId ?? '' }),
    ...(featureId !== undefined && { featureId }),
    ...(eventName !== undefined && { eventName }),
    ...(properties !== undefined && { properties }),
  };
}

/** Several features of one event may have been paid for by one holding. */
export function takenBy(
  holdings: readonly Holding[],
  deductions: readonly PlainDeduction[],
): Taken[] {
  return holdings.flatMap(({ grant: { name }, resets }) => {
    const amounts = deductions.filter(({ grant }) => grant === name).map(exact);
    return amounts.length === 0 ? [] : [{ grant: name, amount: sum(amounts), resets }];
  });
}

function exact({ amount }: PlainDeduction): bigint {
  const [whole = '', decimals = ''] = amount.replace('-', '').split('.');
  const count = BigInt(whole) * 10n ** 10n + BigInt(decimals.padEnd(10, '0'));
  return amount.startsWith('-') ? -count : count;
}

/** Gives back in place what was taken. */
export function undo(
  holdings: readonly Holding[],
  taken: readonly Taken[],
  now: number,
): Pick<PlainVoided, 'reversed' | 'notReversed'> {
  const reversed: Record<string, string> = {};
  const notReversed: Record<string, string> = {};
  for (const { grant, amount, resets } of taken) {
    const holding = holdings.find((one) => one.grant.name === grant);
    if (holding === undefined || !isLive(holding, now)) {
      notReversed[`${grant} BALANCE_ENDED`] = textOf(amount);
    } else if (holding.resets !== resets) {
      notReversed[`${grant} PERIOD_OVER`] = textOf(amount);
    } else if (amount < 0n) {
      holding.main.used -= amount;
      reversed[grant] = textOf(amount);
    } else {
      let left = amount;
      for (const part of lastDrainedFirst(holding).filter(({ endsAt }) => endsAt > now)) {
        const given = least(left, atLeastZero(part.used));
        part.used -= given;
        left -= given;
      }
      const lost = sum(
        holding.rolledOver.filter(({ endsAt }) => endsAt <= now).map(({ used }) => used),
      );
      const over = least(left, lost);
      if (left < amount) reversed[grant] = textOf(amount - left);
      if (over > 0n) notReversed[`${grant} PERIOD_OVER`] = textOf(over);
      if (left > over) notReversed[`${grant} ALREADY_GIVEN_BACK`] = textOf(left - over);
    }
  }
  return { reversed, notReversed };
}

function lastDrainedFirst(holding: Holding): Part[] {
  const rankOf = (part: Part) => rank(holding, part, true);
  return [holding.main, ...holding.rolledOver]
    .sort((a, b) => compare(rankOf(a), rankOf(b)))
    .toReversed();
}

/** An amount of a case, by grant and reason as above. */
export function undoneText(amounts: Readonly<Record<string, number>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(amounts).map(([name, amount]) => [name, textOf(amountOf(amount))]),
  );
}
