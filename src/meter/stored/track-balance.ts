/**
 * What is stored under the key of a `trackBalance`. Version 1 holds the balances that the answer
 * shows, each once, and what was taken by their indexes; sums are recomputed from them. What the
 * call itself says, such as when it occurred, is not repeated.
 */
import { type FeatureBalance, sumOf } from '../../domain/account.js';
import { present } from '../../domain/assert.js';
import type { Balance } from '../../domain/balance.js';
import type { Deduction } from '../../domain/deduction.js';
import { type Quantity, quantityToText } from '../../domain/quantity.js';
import { readStored, STORED_VERSION } from '../../domain/stored.js';
import {
  amount,
  elementsOf,
  formsOf,
  int,
  Members,
  type Reader,
  tail,
} from '../../domain/stored-values.js';
import { type Tracked, theOne } from '../../domain/track.js';
import { balanceOf, balanceToJson } from './balance.js';
import { type Missing, missingOf, missingToJson, shortfallOf, shortfallToJson } from './missing.js';
import { trackedOfV0 } from './version-0.js';

/** Either what was done or what was missing. */
export type StoredTrackBalance =
  | {
      /** The tail of the event's id. */
      readonly event: string;
      readonly tracked: Tracked;
    }
  | Missing;

export function trackBalanceToJson(stored: StoredTrackBalance): string {
  if ('missing' in stored) return JSON.stringify({ v: STORED_VERSION, ...missingToJson(stored) });
  const { balances, deductions, unapplied } = stored.tracked;
  const [only] = balances;
  const shown =
    only !== undefined && balances.length === 1
      ? only.breakdown
      : balances.flatMap(({ breakdown }) => breakdown);
  const placeOf = placesIn(shown);
  const deductionToJson = ({ balanceId, amount }: Deduction) => [
    placeOf(balanceId),
    quantityToText(amount),
  ];
  // A member that is undefined is omitted from the text.
  return JSON.stringify({
    v: STORED_VERSION,
    event: stored.event,
    balances: shown.length > 0 ? shown.map(balanceToJson) : undefined,
    deductions: deductions.length > 0 ? deductions.map(deductionToJson) : undefined,
    unapplied: unapplied.length > 0 ? unapplied.map(shortfallToJson) : undefined,
  });
}

/** Up to so many balances are looked through, which takes less long than to index them. */
const LOOKED_THROUGH_MAX = 8;

function placesIn(shown: readonly Balance[]): (balanceId: string) => number {
  const found = (place: number | undefined) =>
    present(place, 'a balance that paid is among those shown');
  if (shown.length <= LOOKED_THROUGH_MAX) {
    return (balanceId) => {
      const place = shown.findIndex(({ id }) => id === balanceId);
      return found(place === -1 ? undefined : place);
    };
  }
  const places = new Map(shown.map(({ id }, place) => [id, place]));
  return (balanceId) => found(places.get(balanceId));
}

/** The call's `featureId` says which balance it is. */
export function trackBalanceFromJson(
  json: unknown,
  call: { readonly featureId: string | null },
): StoredTrackBalance {
  const stored = readStored(json, [trackedOfV0, version1]);
  if ('missing' in stored) return stored;
  const { event, balances, deductions, unapplied } = stored;
  return {
    event,
    tracked: { balances, balance: theOne(balances, call), deductions, unapplied },
  };
}

/** What was done, without what the call itself says. */
export type Shown = { readonly event: string } & Omit<Tracked, 'balance'>;

const shownOf: Reader<Shown> = (json) => {
  const stored = new Members(json);
  const balances = stored.all('balances', balanceOf);
  return {
    event: stored.get('event', tail),
    balances: byFeature(balances),
    deductions: stored
      .all('deductions', placedOf)
      .flatMap(([place, taken]) => deductionOf(balances[place], taken)),
    unapplied: stored.all('unapplied', shortfallOf),
  };
};

const placedOf: Reader<readonly [place: number, taken: Quantity]> = (json) => {
  const parts = elementsOf(json, 2);
  return [parts.at(0, int), parts.at(1, amount)];
};

const version1 = formsOf<Shown | Missing>(['missing', missingOf], ['event', shownOf]);

function byFeature(balances: readonly Balance[]): FeatureBalance[] {
  const features = new Map<string, Balance[]>();
  for (const balance of balances) {
    const found = features.get(balance.featureId);
    if (found === undefined) features.set(balance.featureId, [balance]);
    else found.push(balance);
  }
  return [...features].map(([featureId, breakdown]) => sumOf(featureId, breakdown));
}

function deductionOf(balance: Balance | undefined, amount: Quantity): Deduction[] {
  return balance === undefined
    ? []
    : [{ balanceId: balance.id, featureId: balance.featureId, amount }];
}
