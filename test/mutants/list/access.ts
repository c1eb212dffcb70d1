import type { Mutant } from '../mutant.js';

export const ACCESS: readonly Mutant[] = [
  {
    guarantee: 'an operation runs only if the key has the scopes that it needs',
    file: 'src/http/exchange.ts',
    find: 'checkAccess(caller, operation);',
    replace: '',
    tests: ['graphql/scopes.test.ts'],
  },
  {
    guarantee: 'of each list of scopes, one is needed',
    file: 'src/meter/access/forbidden.ts',
    find: '(caller.scopes & oneOf) === 0) {',
    replace: '(caller.scopes & oneOf) !== oneOf) {',
    tests: ['unit/forbidden.test.ts'],
  },
  {
    guarantee: 'the fewest missing scopes are named',
    file: 'src/meter/access/forbidden.ts',
    find: 'choices.toSorted((a, b) => a.length - b.length)',
    replace: 'choices',
    tests: ['unit/forbidden.test.ts'],
  },
  {
    guarantee: 'a node is only read with the scopes of its type',
    file: 'src/schema/builder.ts',
    find: 'checkScopes(caller, [scopesOfType(info.schema, id.typename)]);',
    replace: 'void [caller, scopesOfType(info.schema, id.typename), checkScopes];',
    tests: ['graphql/scopes.test.ts'],
  },
  {
    guarantee: 'a reference of a gateway is only followed with the scopes of its type',
    file: 'src/schema/subgraph/entities.ts',
    find: 'forbidden(context.caller, [scopes]) ?? resolve',
    replace: 'forbidden(context.caller, []) ?? resolve',
    tests: ['graphql/scopes.test.ts'],
  },
  {
    guarantee: 'giving back needs track:refund',
    file: 'src/meter/track-balance.ts',
    find: 'if (input.value < 0n) checkScopes(ctx.caller, REFUND);',
    replace: 'void checkScopes;',
    tests: ['graphql/scopes.test.ts'],
  },
  {
    guarantee: 'fields of fragments need their scopes',
    file: 'src/http/required-scopes.ts',
    find: 'if (fragment) walk(',
    replace: 'if (fragment && fragments.size > 2) walk(',
    tests: ['unit/required-scopes.test.ts'],
  },
  {
    guarantee: 'what declares no scopes does not become a schema',
    file: 'src/schema/scopes.ts',
    find: 'if ((isRoot || isEdge) && !',
    replace: 'if (isRoot && !',
    tests: ['unit/declared-scopes.test.ts'],
  },
  {
    guarantee: 'a key of another release has no scope that this one does not know',
    file: 'src/meter/access/scopes.ts',
    find: 'return scopeSet(names.filter(isScope));',
    replace: 'return names.every(isScope) ? scopeSet(names) : EVERY_SCOPE;',
    tests: ['store/api-keys.test.ts'],
  },
];
