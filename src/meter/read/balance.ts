import { type FeatureBalance, featureBalance, featureBalances } from '../../domain/account.js';
import { advance, PERIODS_REPLAYED_MAX } from '../../domain/advance.js';
import type { Balance } from '../../domain/balance.js';
import type { Instant } from '../../domain/interval.js';
import {
  isEntityWithin,
  keyWithin,
  NO_CUSTOMER,
  type OnlyCustomer,
} from '../access/only-customer.js';
import type { ReadContext } from '../verb.js';
import { customerKeyIn, type ReadKind, readOne, type Within } from './read-kind.js';
import type { BalanceAddress, BalanceAt } from './read-path.js';
import { advanced, isNews, type StandingContext, standingKind } from './standing.js';

/** What they cost does not depend on what is cached. */
const OF_CUSTOMER = standingKind(({ account }) => account?.balances.length ?? 0);

const ONE: ReadKind<BalanceAddress, BalanceAt | null, Balance | null> & Within<BalanceAddress> = {
  rowsOf: () => 1,
  textOf: ({ customerKey, balanceId }) => `${customerKey}:${balanceId}`,
  within: addressWithin,
  customerKeyOf: customerKeyIn,
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
  ctx: StandingContext,
  customerKey: string,
  entityId: string | null,
): Promise<FeatureBalance[]> {
  const { now, balances } = await ofOwner(ctx, customerKey, entityId);
  return featureBalances(balances, entityId, now);
}

/** What the customer, or one of its entities, has now of one feature; null if it holds none. */
export async function readFeatureBalance(
  ctx: StandingContext,
  customerKey: string,
  entityId: string | null,
  featureId: string,
): Promise<FeatureBalance | null> {
  const { now, balances } = await ofOwner(ctx, customerKey, entityId);
  return featureBalance(balances, featureId, entityId, now);
}

interface Balances {
  readonly now: Instant;
  readonly balances: readonly Balance[];
}

const NO_BALANCES: Balances = { now: 0, balances: [] };

/** The customer's sums contain those of all its entities, so that a token for one of these does not open them. */
async function ofOwner(
  ctx: StandingContext,
  customerKey: string,
  entityId: string | null,
): Promise<Balances> {
  const key = isEntityWithin(entityId, ctx.caller.only) ? customerKey : NO_CUSTOMER;
  const { accounts } = ctx.writeQueue;
  const known = accounts.get(key) ?? null;
  const { now, account } = await readOne(ctx, OF_CUSTOMER, {
    customerKey: key,
    entityId: null,
    known,
  });
  // What is left of a deleted customer has ended.
  if (account === null) return NO_BALANCES;
  if (isNews(accounts, account, known)) accounts.offer(account);
  return { now, balances: advanced(account, now).balances };
}
