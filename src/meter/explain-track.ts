import { present } from '../domain/assert.js';
import { type Explanation, explain } from '../domain/explain.js';
import { refuseUnknown } from '../domain/track.js';
import { refuseOther } from './access/only-customer.js';
import { type CheckContext, readStanding } from './check-balance.js';
import { customerScope } from './customer-key.js';
import { advanced } from './read/standing.js';
import type { CustomerScope } from './store.js';
import type { TrackBalanceInput } from './track-balance.js';
import { done, type Result, refuse } from './verb.js';

/** The explanation, and of whose balances. */
export interface ExplainTrack extends Explanation {
  readonly owner: CustomerScope & { readonly id: string };
}

/** What `trackBalance` would do with the input, told without doing it (R30). Its idempotency key is not looked up. */
export async function explainTrack(
  ctx: CheckContext,
  input: TrackBalanceInput,
): Promise<Result<ExplainTrack>> {
  const other = refuseOther(ctx.caller, input);
  if (other !== null) return refuse(other);
  const scope = customerScope(ctx.caller.projectId, input.customerId);
  const { standing, catalog } = await readStanding(ctx, scope, input.entityId);
  const { now } = standing;
  const account = standing.account && advanced(standing.account, now);
  const unknown = refuseUnknown(account, catalog, input, now);
  if (unknown !== null) return refuse(unknown);
  const known = present(account, 'an unknown customer is refused');
  return done({
    ...explain(known, catalog, input, now),
    owner: { ...scope, id: known.customerId },
  });
}
