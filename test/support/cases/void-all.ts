/** How many events of a customer in memory are undone at once (R36): one by one, the newest first. */
import { amountOf, sum, textOf } from '../model/numbers.js';
import type { Amount, PlainVoidAll, PlainVoided, PlainVoidedAll } from './plain.js';

/** What an event was for, whichever of the two shapes it has. */
export type UsedFor = Usage | { readonly usage: Usage };

interface Usage {
  readonly entityId?: string | null | undefined;
  readonly featureId?: string | null | undefined;
  readonly eventName?: string | null | undefined;
}

interface Undoable {
  readonly events: readonly ({ readonly occurredAt: number } & UsedFor)[];
  voidEvent(index: number, now: number): PlainVoided;
  clone(): Undoable;
}

export interface VoidAllOptions {
  readonly now: number;
  /** The features of the grants, by name. */
  readonly featureOf: (grant: string) => string;
  /** Indices of events, in the order in which a list has them; by default, in that of their times. */
  readonly newestFirst?: readonly number[];
  /** How many at most; all by default. */
  readonly limit?: number;
}

/** A dry run undoes the events of a copy. */
export function voidAll(
  customer: Undoable,
  call: PlainVoidAll,
  { now, featureOf, newestFirst = byTime(customer), limit }: VoidAllOptions,
): PlainVoidedAll {
  const undone = call.dryRun ? customer.clone() : customer;
  const found = newestFirst.filter((index) => matches(usageOf(customer.events[index]), call));
  const results = found.slice(0, limit).map((index) => undone.voidEvent(index, now));
  const first = results.filter(({ replayed }) => !replayed);
  const before = results.filter(({ replayed }) => replayed);
  const feature = ([grant, amount]: [string, Amount]) => [featureOf(grant), amount] as const;
  const left = ([text, amount]: [string, Amount]) => {
    const [, grant = '', reason = ''] = /^(.*) (\w+)$/.exec(text) ?? [];
    return [`${featureOf(grant)} ${reason}`, amount] as const;
  };
  const given = (of: typeof results) =>
    of.flatMap(({ reversed }) => Object.entries(reversed).map(feature));
  return {
    voided: first.length,
    alreadyVoided: before.length,
    reversed: summed(given(first)),
    reversedBefore: summed(given(before)),
    notReversed: summed(
      results.flatMap(({ notReversed }) => Object.entries(notReversed).map(left)),
    ),
  };
}

/** What several pages say together. */
export function together(pages: readonly PlainVoidedAll[]): PlainVoidedAll {
  const all = (part: 'reversed' | 'reversedBefore' | 'notReversed') =>
    summed(pages.flatMap((page) => Object.entries(page[part])));
  return {
    voided: pages.reduce((count, { voided }) => count + voided, 0),
    alreadyVoided: pages.reduce((count, { alreadyVoided }) => count + alreadyVoided, 0),
    reversed: all('reversed'),
    reversedBefore: all('reversedBefore'),
    notReversed: all('notReversed'),
  };
}

/** By name, without those that come to nothing. */
export function summed(amounts: readonly (readonly [string, Amount])[]): Record<string, Amount> {
  const names = [...new Set(amounts.map(([name]) => name))].sort();
  const sums = names.map((name) => {
    const ofName = amounts.filter(([other]) => other === name);
    return [name, textOf(sum(ofName.map(([, amount]) => exact(amount))))] as const;
  });
  return Object.fromEntries(sums.filter(([, amount]) => amount !== '0'));
}

function exact(amount: Amount): bigint {
  const [whole = '', decimals = ''] = amount.replace('-', '').split('.');
  const count = BigInt(whole) * amountOf(1) + BigInt(decimals.padEnd(10, '0'));
  return amount.startsWith('-') ? -count : count;
}

function usageOf(event: UsedFor | undefined): Usage | undefined {
  return event !== undefined && 'usage' in event ? event.usage : event;
}

function matches(usage: Usage | undefined, filter: PlainVoidAll): boolean {
  const { entityId, featureId, eventName } = filter;
  return (
    (entityId === undefined || usage?.entityId === entityId) &&
    (featureId === undefined || usage?.featureId === featureId) &&
    (eventName === undefined || usage?.eventName === eventName)
  );
}

function byTime({ events }: Undoable): number[] {
  const timeOf = (index: number) => events[index]?.occurredAt ?? 0;
  return [...events.keys()].sort((a, b) => timeOf(b) - timeOf(a) || b - a);
}
