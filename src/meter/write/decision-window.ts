import { advance, earliest } from '../../domain/advance.js';
import type { Balance } from '../../domain/balance.js';
import type { Instant } from '../../domain/interval.js';
import type { Command } from './command.js';

/** When an account changed last by itself, and when it will next. */
export interface Bounds {
  readonly changedAt: Instant | null;
  readonly changesAt: Instant | null;
}

/** In which a decision is valid; null for no bound. */
export interface DecisionWindow {
  readonly validFrom: Instant | null;
  readonly validUntil: Instant | null;
}

/** The window of the database's clock in which the decision is the one that this clock would have given. */
export function decisionWindow(
  commands: readonly Command<unknown>[],
  remade: readonly Balance[],
  now: Instant,
  bounds: Bounds,
): DecisionWindow {
  let validFrom = bounds.changedAt;
  let validUntil = nextChange(remade, now, bounds);
  const changes = (at: Instant | null) => {
    if (at === null) return;
    if (at > now) validUntil = earliest(validUntil, at);
    else validFrom = Math.max(validFrom ?? at, at);
  };
  for (const { decisionChangesAt, decisionEndsAt } of commands) {
    changes(decisionChangesAt);
    changes(decisionEndsAt);
  }
  return { validFrom, validUntil };
}

/**
 * Balances that are new, or have other terms or parts, change by themselves at other times, and later commands use them: what is given back
 * to an amount that was carried over can expire again.
 */
function nextChange(
  remade: readonly Balance[],
  now: Instant,
  { changesAt }: Bounds,
): Instant | null {
  return remade.reduce(
    (next, balance) => earliest(next, advance(balance, now).changesAt),
    changesAt,
  );
}
