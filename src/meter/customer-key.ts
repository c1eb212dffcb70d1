import { uuidV5 } from '../platform/id.js';
import { TextCache } from '../platform/text-cache.js';
import type { CustomerScope } from './store.js';

/** Those used last, because to derive one takes as long as to read a call's variables. A few megabytes at most. */
const scopes = new TextCache<CustomerScope>({
  entryCharsMax: 300,
  generationEntriesMax: 20_000,
  generationCharsMax: 2 * 1024 * 1024,
});

/** A customer's scope, derived from project and id, so that no lookup is needed to find its rows. */
export function customerScope(projectId: string, customerId: string): CustomerScope {
  // A project's id has no spaces.
  const text = `${projectId} ${customerId}`;
  const known = scopes.get(text);
  if (known !== undefined) return known;
  const scope = { projectId, customerKey: uuidV5(projectId, customerId) };
  scopes.set(text, scope);
  return scope;
}
