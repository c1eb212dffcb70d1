import { present } from '../domain/assert.js';
import { type Check, type CheckRequest, check } from '../domain/check.js';
import type { Catalog } from '../domain/feature.js';
import type { NotFound } from '../domain/refusal.js';
import { refuseUnknown } from '../domain/track.js';
import { UnavailableError } from '../domain/unavailable.js';
import { isEntityWithin, NO_CUSTOMER, refuseOther } from './access/only-customer.js';
import { customerScope } from './customer-key.js';
import { readOne } from './read/read-kind.js';
import type { Standing } from './read/read-path.js';
import { advanced, isNews, type StandingContext, standingKind } from './read/standing.js';
import type { CustomerScope } from './store.js';
import { done, type Result, refuse, type VerbContext } from './verb.js';

/** Usage that is checked, whose own rules have been checked: exactly one of feature and event name, sizes, forms. */
export interface CheckBalanceInput extends CheckRequest {
  readonly customerId: string;
}

/** The answer, and whose balance it shows. */
export interface CheckBalance extends Check {
  readonly owner: CustomerScope & { readonly id: string };
}

export type CheckContext = StandingContext & Pick<VerbContext, 'writeQueue'>;

/** A check costs what is read for it. */
const STANDING = standingKind(({ rows }) => 1 + rows);

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

/** Of a customer that has been read, so that it existed. */
const CUSTOMER_GONE: NotFound = {
  code: 'CUSTOMER_NOT_FOUND',
  message: 'The customer has been deleted, so nothing can be used for it any more.',
};

/** Answers any number of checks of a customer by what was read of it. */
export function judgeOf(scope: CustomerScope, { standing, catalog }: StandingAt): Judge {
  const { now } = standing;
  const { projectId, customerKey } = scope;
  const account = standing.account && advanced(standing.account, now);
  const owner = account && { projectId, customerKey, id: account.customerId };
  return (request) => {
    const { entityId, featureId, eventName } = request;
    if (account === null && request.customerId === null) return refuse(CUSTOMER_GONE);
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
    // What was read serves the next checks and writes.
    if (isNews(accounts, standing.account, known)) accounts.set(standing.account);
    if (standing.catalogVersion === catalog.version) return { standing, catalog };
    if (catalogs.get(projectId) === catalog) catalogs.delete(projectId);
  }
  throw new UnavailableError('WRITE_CONTENTION');
}
