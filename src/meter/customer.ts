import { notFound, quoted, type Refusal } from '../domain/refusal.js';
import { customerScope } from './customer-key.js';
import type { Customer, CustomerChanges, CustomerDraft } from './store.js';
import { done, type Result, refuse, type VerbContext } from './verb.js';
import { writeCustomer } from './write/gates.js';

/** Creates a customer, or returns the existing one with the id unchanged. */
export async function createCustomer(
  ctx: VerbContext,
  draft: CustomerDraft,
): Promise<Result<{ customer: Customer; created: boolean }>> {
  const scope = customerScope(ctx.caller.projectId, draft.id);
  const found = await writeCustomer(ctx, scope, () => ctx.store.createCustomer(scope, draft));
  return found.customer.deletedAt === null ? done(found) : refuse(formerId(draft.id));
}

/** Its ledger is found by a key that is made of the id, and must not become another person's. */
function formerId(id: string): Refusal {
  return {
    code: 'ALREADY_EXISTS',
    message: `A customer that was deleted had the id ${quoted(id)}, which cannot be used again. Use another id.`,
  };
}

export interface UpdateCustomerInput {
  readonly customerId: string;
  readonly changes: CustomerChanges;
}

/** Changes the fields that are given. */
export async function updateCustomer(
  ctx: VerbContext,
  { customerId, changes }: UpdateCustomerInput,
): Promise<Result<Customer>> {
  const scope = customerScope(ctx.caller.projectId, customerId);
  const customer = await writeCustomer(ctx, scope, () => ctx.store.updateCustomer(scope, changes));
  return customer === null ? refuse(notFound('CUSTOMER_NOT_FOUND', customerId)) : done(customer);
}
