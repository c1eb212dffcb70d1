import type { Caller } from '../verb.js';
import { isAdmin } from './admin.js';
import { ADMIN, type DeclaredScope, hasScope, SCOPES, type ScopeSet, scopeSet } from './scopes.js';

/** Thrown if the caller's key may not do this. Nothing was done. */
export class ForbiddenError extends Error {
  override readonly name = 'ForbiddenError';
  /** With these in addition, the key could; none for an admin key, which can have no others. */
  readonly missingScopes: readonly DeclaredScope[];

  constructor(message: string, missingScopes: readonly DeclaredScope[]) {
    super(message);
    this.missingScopes = missingScopes;
  }
}

/** Throws unless the caller has one of the scopes, for each of these sets. */
export function checkScopes(caller: Caller, required: readonly ScopeSet[]): void {
  const refusal = forbidden(caller, required);
  if (refusal !== null) throw refusal;
}

export interface Access {
  /** Of each set, the caller needs one scope. */
  readonly scopes: readonly ScopeSet[];
  /** Whether it does nothing but manage projects and keys. */
  readonly isManagement: boolean;
}

/** Throws unless the caller may run an operation that needs this. */
export function checkAccess(caller: Caller, { scopes, isManagement }: Access): void {
  checkScopes(caller, scopes);
  if (!isManagement && isAdmin(caller)) throw new ForbiddenError(messageOf(caller, []), []);
}

/** Null if the caller has one of the scopes, for each of these sets. */
export function forbidden(caller: Caller, required: readonly ScopeSet[]): ForbiddenError | null {
  for (const oneOf of required) {
    if (oneOf !== 0 && (caller.scopes & oneOf) === 0) {
      const missing = isAdmin(caller) ? [] : missingScopes(caller.scopes, required);
      return new ForbiddenError(messageOf(caller, missing), missing);
    }
  }
  return null;
}

/** The fewest that are needed in addition: one that has to be added anyway may open what others open, too. */
function missingScopes(has: ScopeSet, required: readonly ScopeSet[]): DeclaredScope[] {
  const missing: DeclaredScope[] = [];
  let set = has;
  const choices = required.map((oneOf) => ALL.filter((scope) => hasScope(oneOf, scope)));
  for (const [scope, ...others] of choices.toSorted((a, b) => a.length - b.length)) {
    if (scope === undefined || (set & scopeSet([scope, ...others])) !== 0) continue;
    missing.push(scope);
    set |= scopeSet([scope]);
  }
  return ALL.filter((scope) => missing.includes(scope));
}

const ALL: readonly DeclaredScope[] = [...SCOPES, ADMIN];

function messageOf({ scopes: has, only }: Caller, missing: readonly DeclaredScope[]): string {
  if (hasScope(has, ADMIN)) {
    return (
      'An admin key manages projects and their keys, and does nothing else. Nothing was done. Use a key of the ' +
      'project; createApiKey creates one.'
    );
  }
  if (missing.includes(ADMIN)) {
    return (
      'This needs an admin key, and the key that was sent belongs to a project. Nothing was done. Create one: ' +
      'npm run keys -- create --admin'
    );
  }
  const names = missing.map((scope) => `"${scope}"`).join(', ');
  const [what, them] = missing.length === 1 ? ['the scope', 'it'] : ['the scopes', 'them'];
  if (only !== undefined) {
    return (
      `This needs ${what} ${names}, which a call with this key and a customer token does not have. Nothing was done. With a ` +
      'token, a call can at most read and track; use a secret key without one for everything else.'
    );
  }
  const all = SCOPES.filter((scope) => hasScope(has, scope) || missing.includes(scope));
  return (
    `This needs ${what} ${names}, which the key does not have. Nothing was done. Use a key that has ${them}: ` +
    `npm run keys -- create --scopes ${all.join(',')}`
  );
}
