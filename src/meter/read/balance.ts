import { type FeatureBalance, featureBalance, featureBalances } from '../../domain/account.js';
import { advance, periodsReplayed } from '../../domain/advance.js';
import type { Balance } from '../../domain/balance.js';
import type { ReadContext } from '../verb.js';
import { type ReadKind, readOne } from './read-kind.js';
import type { BalanceAddress, BalanceAt, BalancesAt } from './read-path.js';

/** What a customer usually holds; it may hold a hundred times as many. */
const BALANCES_USUAL = 10;

const OF_CUSTOMER: ReadKind<string, BalancesAt | null, BalancesAt> = {
  rowsOf: () => BALANCES_USUAL,
  textOf: (customerKey) => customerKey,
  load: (path, projectId, keys) => path.balances(projectId, keys),
  rowsFound: (found) => found?.balances.length ?? 0,
  show: (found) => {
    if (found === null) return undefined;
    const { now, balances } = found;
    const replayedMax = periodsReplayed(balances.length);
    return { now, balances: balances.map((one) => advance(one, now, replayedMax).balance) };
  },
};

const ONE: ReadKind<BalanceAddress, BalanceAt | null, Balance | null> = {
  rowsOf: () => 1,
  textOf: ({ customerKey, balanceId }) => `${customerKey}:${balanceId}`,
  load: (path, projectId, addresses) => path.balancesById(projectId, addresses),
  show: (found) => found && advance(found.balance, found.now).balance,
};

/** A balance as it stands now, an expired one too, or null if it does not exist. */
export function readBalance(ctx: ReadContext, address: BalanceAddress): Promise<Balance | null> {
  return readOne(ctx, ONE, address);
}

/** What the customer, or one of its entities, has now of every feature it holds, by feature id. */
export async function readFeatureBalances(
  ctx: ReadContext,
  customerKey: string,
  entityId: string | null,
): Promise<FeatureBalance[]> {
  const { now, balances } = await readOne(ctx, OF_CUSTOMER, customerKey);
  return featureBalances(balances, entityId, now);
}

/** What the customer, or one of its entities, has now of one feature; null if it holds none. */
export async function readFeatureBalance(
  ctx: ReadContext,
  customerKey: string,
  entityId: string | null,
  featureId: string,
): Promise<FeatureBalance | null> {
  const { now, balances } = await readOne(ctx, OF_CUSTOMER, customerKey);
  return featureBalance(balances, featureId, entityId, now);
}
