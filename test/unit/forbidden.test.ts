/** What a key is told that lacks scopes: the fewest that it needs in addition. */
import { describe, expect, it } from 'vitest';
import { checkScopes, ForbiddenError } from '../../src/meter/access/forbidden.js';
import { type Scope, scopeSet } from '../../src/meter/access/scopes.js';

function refusal(
  has: readonly Scope[],
  needs: readonly (readonly Scope[])[],
): ForbiddenError | null {
  try {
    checkScopes({ projectId: 'p', scopes: scopeSet(has) }, needs.map(scopeSet));
    return null;
  } catch (error) {
    if (error instanceof ForbiddenError) return error;
    throw error;
  }
}

const PROFILE: readonly Scope[] = ['balances:read', 'customers:write'];

describe('a key', () => {
  it.each<[readonly Scope[], readonly (readonly Scope[])[]]>([
    [[], []],
    [[], [[]]],
    [['events:read'], [['events:read']]],
    [['customers:write'], [PROFILE]],
    [
      ['customers:write', 'events:read'],
      [PROFILE, ['events:read'], []],
    ],
  ])('with %j may do what needs %j', (has, needs) => {
    expect(refusal(has, needs)).toBeNull();
  });

  it.each<[readonly Scope[], readonly (readonly Scope[])[], readonly Scope[]]>([
    [[], [['events:read']], ['events:read']],
    [['track:write'], [['track:write'], ['events:read']], ['events:read']],
    [[], [PROFILE], ['balances:read']],
    [[], [PROFILE, ['customers:write']], ['customers:write']],
    [['check:read'], [PROFILE, ['events:read'], ['check:read']], ['balances:read', 'events:read']],
  ])('with %j lacks, for %j, %j', (has, needs, missing) => {
    expect(refusal(has, needs)?.missingScopes).toEqual(missing);
  });

  it('is told what to do, with what it has and needs', () => {
    expect(refusal(['track:write'], [['track:write'], ['events:read']])?.message).toBe(
      'This needs the scope "events:read", which the key does not have. Nothing was done. Use a key that has it: ' +
        'npm run keys -- create --scopes track:write,events:read',
    );
    expect(refusal([], [['balances:write'], ['events:read']])?.message).toContain(
      'needs the scopes "balances:write", "events:read", which the key does not have.',
    );
  });
});
