import { type Account, advanceAccount } from '../domain/account.js';
import { present } from '../domain/assert.js';
import { type Check, type CheckRequest, check } from '../domain/check.js';
import type { Catalog } from '../domain/feature.js';
import type { Instant } from '../domain/interval.js';
import { refuseUnknown } from '../domain/track.js';
import { UnavailableError } from '../domain/unavailable.js';
import { isEntityWithin, keyWithin, NO_CUSTOMER, refuseOther } from './access/only-customer.js';
import { customerScope } from './customer-key.js';
import { type ReadKind, readOne, type Within } from './read/read-kind.js';
import type { Standing, StandingAddress } from './read/read-path.js';
import type { CustomerScope } from './store.js';
import { done, type ReadContext, type Result, refuse, type VerbContext } from './verb.js';
import type { AccountCache } from './write/account-cache.js';

/** Usage that is checked, whose own rules have been checked: exactly one of feature and event name, sizes, forms. */
export interface CheckBalanceInput extends CheckRequest {
  readonly customerId: string;
}

/** The answer, and whose balance it shows. */
export interface CheckBalance extends Check {
  readonly owner: CustomerScope & { readonly id: string };
}

/** Reads through the read queue, and what the write queue has cached. */
export type CheckContext = ReadContext & Pick<VerbContext, 'writeQueue'>;

/** Guarded by the version alone, or with as many balances as customers usually have. */
const ROWS_KNOWN = 1;
const ROWS_USUAL = 5;

const STANDING: ReadKind<StandingAddress, Standing | null, Standing> & Within<StandingAddress> = {
  rowsOf: ({ known }) => (known === null ? ROWS_USUAL : ROWS_KNOWN),
  textOf: ({ customerKey, entityId, known }) =>
    `${customerKey}:${known?.version ?? ''}:${entityId ?? ''}`,
  within: (address, only) => ({ ...address, customerKey: keyWithin(address.customerKey, only) }),
  load: (path, projectId, addresses) => path.standings(projectId, addresses),
  rowsFound: (found) => 1 + (found?.rows ?? 0),
  show: (found) => found ?? undefined,
};

/** How often it is read again because the catalogue has changed since it was cached. */
const ATTEMPTS_MAX = 5;

/**
 * Whether usage would be accepted now (R19 to R22). It takes no lock and writes nothing. Checks of one turn are read together:
 * one statement gives the database's clock and, of each customer, whether the cached account still stands, or else its balances.
 */
export function checkBalance(
  ctx: CheckContext,
  input: CheckBalanceInput,
): Promise<Result<CheckBalance>> {
  const refusal = refuseOther(ctx.caller, input);
  if (refusal !== null) return Promise.resolve(refuse(refusal));
  return checkCustomer(ctx, customerScope(ctx.caller.projectId, input.customerId), input);
}

/** The same of a customer, or of one of its entities, that has been read already. */
export async function checkCustomer(
  ctx: CheckContext,
  scope: CustomerScope,
  request: CheckRequest & { readonly customerId: string | null },
): Promise<Result<CheckBalance>> {
  return judgeOf(scope, await readStanding(ctx, scope, request.entityId))(request);
}

/** An account and the catalogue as they were at one instant. */
export interface StandingAt {
  readonly standing: Standing;
  readonly catalog: Catalog;
}

export type Judge = (
  request: CheckRequest & { readonly customerId: string | null },
) => Result<CheckBalance>;

/** Answers any number of checks of a customer by what was read of it. */
export function judgeOf(scope: CustomerScope, { standing, catalog }: StandingAt): Judge {
  const { now } = standing;
  const { projectId, customerKey } = scope;
  const account = standing.account && advanced(standing.account, now);
  const owner = account && { projectId, customerKey, id: account.customerId };
  return (request) => {
    const { entityId, featureId, eventName } = request;
    const customerId = request.customerId ?? customerKey;
    const call = { customerId, entityId, featureId, eventName, timestamp: null };
    const unknown = refuseUnknown(account, catalog, call, now);
    if (unknown !== null) return refuse(unknown);
    const known = present(account, 'an unknown customer is refused');
    const checked = check(known, catalog, request, now);
    return done({
      allowed: checked.allowed,
      requiredBalance: checked.requiredBalance,
      balance: checked.balance,
      reason: checked.reason,
      missing: checked.missing,
      largestAllowed: checked.largestAllowed,
      nextChangeAt: checked.nextChangeAt,
      owner: present(owner, 'an unknown customer is refused'),
    });
  };
}

/** The account and the catalogue as they were at one instant. */
export async function readStanding(
  ctx: CheckContext,
  { projectId, customerKey }: CustomerScope,
  entityId: string | null,
): Promise<StandingAt> {
  const { accounts, catalogs } = ctx.writeQueue;
  const key = isEntityWithin(entityId, ctx.caller.only) ? customerKey : NO_CUSTOMER;
  for (let attempt = 1; attempt <= ATTEMPTS_MAX; attempt += 1) {
    const catalog = await catalogs.find(projectId);
    const known = accounts.get(key) ?? null;
    const standing = await readOne(ctx, STANDING, { customerKey: key, entityId, known });
    keep(accounts, standing, known);
    if (standing.catalogVersion === catalog.version) return { standing, catalog };
    if (catalogs.get(projectId) === catalog) catalogs.delete(projectId);
  }
  throw new UnavailableError('WRITE_CONTENTION');
}

/** What was read serves the next checks and writes, unless a commit has cached something newer meanwhile. */
function keep(accounts: AccountCache, { account }: Standing, known: Account | null): void {
  if (account === null || account.version === known?.version) return;
  const { customerKey } = account;
  if ((accounts.get(customerKey) ?? null) !== known || accounts.isLocked(customerKey)) return;
  accounts.set(account);
}

/** Checks of one customer share what was read for it, so that it is advanced once. */
const advancedAccounts = new WeakMap<
  Account,
  { readonly now: Instant; readonly account: Account }
>();

export function advanced(account: Account, now: Instant): Account {
  const last = advancedAccounts.get(account);
  if (last?.now === now) return last.account;
  const advancedOne = advanceAccount(account, now).account;
  advancedAccounts.set(account, { now, account: advancedOne });
  return advancedOne;
}
