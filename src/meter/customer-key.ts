import { uuidV5 } from '../platform/id.js';
import type { CustomerScope } from './store.js';

/** A customer's scope, derived from project and id, so that no look-up is needed to find its rows. */
export function customerScope(projectId: string, customerId: string): CustomerScope {
  return { projectId, customerKey: uuidV5(projectId, customerId) };
}
