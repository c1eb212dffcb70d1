/** What a key may do: each field of the schema declares the scopes that open it. */

/** The position of a scope is its bit; a new one goes at the end. The order is that of lists and messages. */
export const SCOPES = [
  'track:write',
  'track:refund',
  'check:read',
  'balances:read',
  'balances:write',
  'customers:write',
  'catalog:write',
  'events:read',
  'usage:read',
  'keys:write',
] as const;

export type Scope = (typeof SCOPES)[number];

/** What only admin keys may do; no other key can have it. */
export const ADMIN = 'admin';

export type DeclaredScope = Scope | typeof ADMIN;

/** Far from the bits of scopes, of which there will be more. */
const ADMIN_BIT = 30;

/** A bit for each scope: compared for every call. */
export type ScopeSet = number;

export const NO_SCOPES: ScopeSet = 0;

/** What keys have unless told otherwise, and what the program itself may do. */
export const EVERY_SCOPE: ScopeSet = scopeSet(SCOPES);

/** What a publishable key can have: it cannot change anything. */
export const PUBLISHABLE_SCOPES: readonly Scope[] = SCOPES.filter((scope) =>
  scope.endsWith(':read'),
);

/** What a call with a customer token may do at most, whatever its key may do. Giving back usage is not among it. */
export const NARROWED_SCOPES: readonly Scope[] = [
  'track:write',
  'check:read',
  'balances:read',
  'events:read',
  'usage:read',
];

/** Admin keys manage projects and their keys, and do nothing else. */
export const ADMIN_SCOPES: ScopeSet = scopeSet([ADMIN, 'keys:write']);

export function scopeSet(scopes: readonly DeclaredScope[]): ScopeSet {
  return scopes.reduce((set, scope) => set | bitOf(scope), NO_SCOPES);
}

/** The scopes with these names. Others are those of a newer release: what they allow, this one does not offer. */
export function knownScopes(names: readonly string[]): ScopeSet {
  return scopeSet(names.filter(isScope));
}

export function isScope(name: string): name is Scope {
  return SCOPES.some((scope) => scope === name);
}

export function hasScope(set: ScopeSet, scope: DeclaredScope): boolean {
  return (set & bitOf(scope)) !== 0;
}

function bitOf(scope: DeclaredScope): ScopeSet {
  return 1 << (scope === ADMIN ? ADMIN_BIT : SCOPES.indexOf(scope));
}
