import { type FeatureBalance, featureBalance, featureBalances } from '../../domain/account.js';
import { advance, PERIODS_REPLAYED_MAX, periodsReplayed } from '../../domain/advance.js';
import type { Balance } from '../../domain/balance.js';
import {
  isEntityWithin,
  keyWithin,
  NO_CUSTOMER,
  type OnlyCustomer,
} from '../access/only-customer.js';
import type { ReadContext } from '../verb.js';
import { type ReadKind, readOne, type Within } from './read-kind.js';
import type { BalanceAddress, BalanceAt, BalancesAt } from './read-path.js';

/** What a customer usually holds; it may hold a hundred times as many. */
const BALANCES_USUAL = 10;

const OF_CUSTOMER: ReadKind<string, BalancesAt | null, BalancesAt> & Within<string> = {
  rowsOf: () => BALANCES_USUAL,
  textOf: (customerKey) => customerKey,
  within: keyWithin,
  load: (path, projectId, keys) => path.balances(projectId, keys),
  rowsFound: (found) => found?.balances.length ?? 0,
  show: (found) => {
    if (found === null) return undefined;
    const { now, balances, due } = found;
    const replayedMax = periodsReplayed(balances.length);
    const stand = (one: Balance) => advance(one, now, replayedMax, due.get(one.id)).balance;
    return { now, balances: balances.map(stand), due };
  },
};

const ONE: ReadKind<BalanceAddress, BalanceAt | null, Balance | null> & Within<BalanceAddress> = {
  rowsOf: () => 1,
  textOf: ({ customerKey, balanceId }) => `${customerKey}:${balanceId}`,
  within: addressWithin,
  load: (path, projectId, addresses) => path.balancesById(projectId, addresses),
  show: (found) =>
    found && advance(found.balance, found.now, PERIODS_REPLAYED_MAX, found.due).balance,
};

/** A balance as it stands now, an expired one too, or null if it does not exist. */
export async function readBalance(
  ctx: ReadContext,
  address: BalanceAddress,
): Promise<Balance | null> {
  const balance = await readOne(ctx, ONE, address);
  const isUsable = balance?.entityId === null || isOwn(balance, ctx);
  return isUsable ? balance : null;
}

/** Whether a balance is one of those whose ledger the caller may read: an entity's uses of its customer's are among others'. */
export async function hasLedger(ctx: ReadContext, address: BalanceAddress): Promise<boolean> {
  const { only } = ctx.caller;
  if (only === undefined || only.entityId === null) return true;
  return isOwn(await readOne(ctx, ONE, address), ctx);
}

function isOwn(balance: Balance | null, { caller }: ReadContext): boolean {
  return balance !== null && isEntityWithin(balance.entityId, caller.only);
}

/** The address, of a balance of the caller's customer. */
export function addressWithin<Address extends BalanceAddress>(
  address: Address,
  only: OnlyCustomer,
): Address {
  return { ...address, customerKey: keyWithin(address.customerKey, only) };
}

/** What the customer, or one of its entities, has now of every feature it holds, by feature id. */
export async function readFeatureBalances(
  ctx: ReadContext,
  customerKey: string,
  entityId: string | null,
): Promise<FeatureBalance[]> {
  const { now, balances } = await ofOwner(ctx, customerKey, entityId);
  return featureBalances(balances, entityId, now);
}

/** What the customer, or one of its entities, has now of one feature; null if it holds none. */
export async function readFeatureBalance(
  ctx: ReadContext,
  customerKey: string,
  entityId: string | null,
  featureId: string,
): Promise<FeatureBalance | null> {
  const { now, balances } = await ofOwner(ctx, customerKey, entityId);
  return featureBalance(balances, featureId, entityId, now);
}

/** The customer's sums contain those of all its entities, so that a token for one of these does not open them. */
function ofOwner(ctx: ReadContext, customerKey: string, entityId: string | null) {
  const isWithin = isEntityWithin(entityId, ctx.caller.only);
  return readOne(ctx, OF_CUSTOMER, isWithin ? customerKey : NO_CUSTOMER);
}
