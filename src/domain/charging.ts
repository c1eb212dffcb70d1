import { type Account, withBalances } from './account.js';
import type { Balance } from './balance.js';
import type { Payer } from './feature.js';

/** From how many balances on, times the lookups among them, it pays to have them by feature. */
const INDEXED_FROM = 256;

/** Balances by feature, or all of them for each, if there are so few that looking through them takes no longer. */
export function balancesByFeature(
  balances: readonly Balance[],
  lookups: number,
): (featureId: string) => readonly Balance[] {
  if (balances.length * lookups < INDEXED_FROM) return () => balances;
  const groups = grouped(balances);
  return (featureId) => groups.get(featureId) ?? [];
}

function grouped(balances: readonly Balance[]): Map<string, Balance[]> {
  const groups = new Map<string, Balance[]>();
  for (const balance of balances) {
    const group = groups.get(balance.featureId);
    if (group === undefined) groups.set(balance.featureId, [balance]);
    else group.push(balance);
  }
  return groups;
}

/**
 * An account while one feature after the other is charged. An event name may charge a thousand features, each of which a
 * thousand balances may pay for: then each charge looks only at those that can pay, and the account is made anew once.
 */
export class Charging {
  #account: Account;
  readonly #groups: Map<string, Balance[]> | null;
  /** By id; null if the account is made anew with each charge. */
  readonly #changed: Map<string, Balance> | null;

  constructor(account: Account, features: number) {
    this.#account = account;
    const isLong = features > 1 && account.balances.length * features >= INDEXED_FROM;
    this.#groups = isLong ? grouped(account.balances) : null;
    this.#changed = isLong ? new Map() : null;
  }

  /** The balances that can pay, as they are by now, and maybe others. */
  balancesOf(payers: readonly Payer[]): readonly Balance[] {
    const groups = this.#groups;
    if (groups === null) return this.#account.balances;
    return payers.flatMap(({ feature }) => groups.get(feature.id) ?? []);
  }

  /** Puts balances in place of their former states. */
  replace(changed: readonly Balance[]): void {
    if (this.#groups === null) {
      this.#account = withBalances(this.#account, changed);
      return;
    }
    const ids = new Map(changed.map((balance) => [balance.id, balance]));
    for (const featureId of new Set(changed.map((balance) => balance.featureId))) {
      const group = this.#groups.get(featureId) ?? [];
      this.#groups.set(
        featureId,
        group.map((balance) => ids.get(balance.id) ?? balance),
      );
    }
    for (const [id, balance] of ids) this.#changed?.set(id, balance);
  }

  /** The account afterwards; the same one if nothing has changed. */
  account(): Account {
    if (this.#changed === null) return this.#account;
    return withBalances(this.#account, [...this.#changed.values()]);
  }
}
