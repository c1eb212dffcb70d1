/** What a key may give to others when it manages its project, and how it is refused. */
import { invalidInput, notFound, type Refusal } from '../../domain/refusal.js';
import type { Caller } from '../verb.js';
import { isAdmin } from './admin.js';
import { hasScope, isScope } from './scopes.js';

/** What a caller cannot give, as it does not have it. An admin key can give what it may not do itself. */
export function lackedBy(caller: Caller, scopes: readonly string[]): readonly string[] {
  if (isAdmin(caller)) return [];
  // Of a scope that a newer release has stored, this one cannot tell whether the caller has it.
  return scopes.filter((scope) => !(isScope(scope) && hasScope(caller.scopes, scope)));
}

export function scopesNotHeld(lacking: readonly string[]): Refusal {
  return {
    code: 'SCOPES_NOT_HELD',
    message:
      `The key that was sent lacks ${lacking.join(', ')}, and no key can give what it lacks. Use a key that has ` +
      'all of them, or an admin key.',
    scopes: lacking,
  };
}

export function noProject(id: string | null): Refusal {
  return notFound('PROJECT_NOT_FOUND', id ?? '');
}

export function projectRequired(): Refusal {
  const message = 'an admin key belongs to no project, so it has to say which one is meant';
  return invalidInput([{ path: 'projectId', value: 'null', rule: 'required', message }]);
}
