import type { GraphQLError } from 'graphql';
import { httpOf, protocolError, withFacts } from '../errors.js';
import type { ThrottleStatus } from './budgets.js';

/** The error for an operation for which its key has not enough left, but will have in some seconds. */
export function budgetExceeded(
  cost: number,
  throttleStatus: ThrottleStatus,
  seconds: number,
): GraphQLError {
  const retryAfter = Math.max(1, Math.ceil(seconds));
  const { currentlyAvailable, maximumAvailable } = throttleStatus;
  const error = protocolError(
    'COST_BUDGET_EXCEEDED',
    `The operation may cost ${cost}, and ${currentlyAvailable} are left of the ${maximumAvailable} a minute that ` +
      `COST_PER_MINUTE gives each key, or each customer with a token. Try again in ${retryAfter} s, or ask for less. ` +
      'Nothing was done.',
  );
  const { status = 429 } = httpOf(error) ?? {};
  return withFacts(error, {
    cost: { requested: cost, throttleStatus },
    http: { status, headers: { 'Retry-After': String(retryAfter) } },
  });
}
