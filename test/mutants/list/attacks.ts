import type { Mutant } from '../mutant.js';

export const ATTACKS: readonly Mutant[] = [
  {
    guarantee: 'a key of another form takes no statement',
    file: 'src/meter/access/authenticate.ts',
    find: 'if (!isSecret(secret)) return null;',
    replace: '',
    tests: ['graphql/key-guesses.test.ts'],
  },
  {
    guarantee: 'the id of a request cannot bring control characters into the log',
    file: 'src/http/request-id.ts',
    find: String.raw`/^[\w.:/+=-]{1,128}$/`,
    replace: '/^.{1,128}$/',
    tests: ['graphql/attacks.test.ts'],
  },
];
