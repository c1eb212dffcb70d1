import type { Mutant } from '../mutant.js';

export const CLIENTS: readonly Mutant[] = [
  {
    guarantee: 'the documented clients retry if their answer is lost',
    file: 'docs/clients.md',
    find: 'if (errors === undefined) return true;',
    replace: 'if (errors === undefined) return false;',
    tests: ['graphql/clients-page.test.ts'],
  },
  {
    guarantee: 'the documented clients retry what may succeed in a moment, and nothing else',
    file: 'docs/clients.md',
    find: "extensions?.['retryable'] === true ||",
    replace: 'extensions !== undefined ||',
    tests: ['graphql/clients-page.test.ts'],
  },
  {
    guarantee: 'the documented switch has a case for each outcome',
    file: 'docs/clients.md',
    find: "    case 'EntityNotFoundError':\n",
    replace: '',
    tests: ['graphql/clients-page.test.ts'],
  },
  {
    guarantee: 'schema.graphql has no directive that it does not define',
    file: 'src/schema/sdl.ts',
    find: '(defined.has(name.value) ? undefined : null)',
    replace: '(defined.has(name.value) ? undefined : undefined)',
    tests: ['spec/sdl.test.ts'],
  },
];
