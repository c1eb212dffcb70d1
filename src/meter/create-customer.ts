import { customerScope } from './customer-key.js';
import type { Customer, CustomerDraft } from './store.js';
import { type Answer, done, type VerbContext } from './verb.js';

/** Creates a customer; where one has the id already, that one is given as it is. */
export async function createCustomer(
  ctx: VerbContext,
  draft: CustomerDraft,
): Promise<Answer<{ customer: Customer; created: boolean }>> {
  const scope = customerScope(ctx.caller.projectId, draft.id);
  return done(await ctx.store.createCustomer(scope, draft));
}
