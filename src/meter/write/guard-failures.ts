import type { GuardCause, WriteFigures } from './write-figures.js';
import type { AccountChange, Loaded } from './write-path.js';

/** A group that is decided again, with what could not be committed of it. */
interface LeftOut {
  readonly failed?: AccountChange;
}

/** Notes why guards failed: what has been read since shows it, and the statement need not say. */
export function noteGuardFailures(
  groups: readonly LeftOut[],
  loaded: Loaded,
  { guardFailures }: WriteFigures,
): void {
  for (const { failed } of groups) {
    if (failed !== undefined) guardFailures.add(causeOf(failed, loaded));
  }
}

function causeOf(change: AccountChange, loaded: Loaded): GuardCause {
  const { customerKey, projectId } = change;
  if (loaded.lockedElsewhere.has(customerKey)) return 'customer_locked';
  const stored = loaded.storedResults.get(customerKey);
  if (stored !== undefined && change.keysUnused.some((key) => stored.has(key))) return 'key_used';
  const catalogVersion = loaded.catalogVersions.get(projectId);
  if (catalogVersion !== undefined && catalogVersion !== change.catalogVersion)
    return 'catalog_changed';
  if (loaded.accounts.get(customerKey)?.version !== change.version) return 'customer_changed';
  if (isOutside(change, loaded.now)) return 'clock';
  // It was locked then, and is as it was before: only another gateway's lock skips it.
  return 'customer_locked';
}

function isOutside({ validFrom, validUntil }: AccountChange, now: number): boolean {
  return (validFrom !== null && now < validFrom) || (validUntil !== null && now >= validUntil);
}
