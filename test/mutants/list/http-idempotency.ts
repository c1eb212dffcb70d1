import type { Mutant } from '../mutant.js';

const tests = ['graphql/idempotency-header.test.ts'];

export const HTTP_IDEMPOTENCY: readonly Mutant[] = [
  {
    guarantee: 'a mutation with a key of its own keeps it',
    file: 'src/schema/request-key.ts',
    find: '|| (input.idempotencyKey ?? null) !== null',
    replace: '',
    tests,
  },
  {
    guarantee: 'an idempotencyKey that is null is none',
    file: 'src/schema/request-key.ts',
    find: '(input.idempotencyKey ?? null) !== null',
    replace: 'input.idempotencyKey !== undefined',
    tests,
  },
  {
    guarantee: 'a request of which only a part was done before is no replay',
    file: 'src/schema/request-key.ts',
    find: 'this.#taken > 0 && this.#replayed === this.#taken',
    replace: 'this.#replayed > 0',
    tests,
  },
  {
    guarantee: 'a request whose key nothing has taken is no replay',
    file: 'src/schema/request-key.ts',
    find: 'this.#taken > 0 && ',
    replace: '',
    tests,
  },
  {
    guarantee: 'items of a batch have different keys',
    file: 'src/schema/request-key.ts',
    find: 'return index === undefined ? key : `${key}/${index}`;',
    replace: 'return key;',
    tests,
  },
  {
    guarantee: 'several mutations have different keys',
    file: 'src/http/idempotency-header.ts',
    find: 'responseKeys.length === 1',
    replace: 'responseKeys.length > 0',
    tests,
  },
  {
    guarantee: 'a mutation that is skipped does not count',
    file: 'src/http/mutation-keys.ts',
    find: 'inclusion(given, variables)',
    replace: '() => true',
    tests,
  },
  {
    guarantee: '__typename does not count as a mutation',
    file: 'src/http/mutation-keys.ts',
    find: "name.value !== '__typename'",
    replace: "name.value !== ''",
    tests,
  },
  {
    guarantee: 'two keys are not one key',
    file: 'src/http/idempotency-header.ts',
    find: "if (text.includes(','))",
    replace: "if (text === ',')",
    tests,
  },
  {
    guarantee: 'a key fits together with what is appended to it',
    file: 'src/http/idempotency-header.ts',
    find: 'key.length + longest >',
    replace: 'key.length >',
    tests,
  },
  {
    guarantee: 'the header in quotes is the same key as without',
    file: 'src/http/idempotency-header.ts',
    find: 'const key = quoted ?? text;',
    replace: 'const key = text;',
    tests,
  },
  {
    guarantee: 'the other header counts only if the usual one is missing',
    file: 'src/http/idempotency-header.ts',
    find: 'if (value === undefined && fallback !== null) {',
    replace: 'if (fallback !== null) {',
    tests,
  },
  {
    guarantee: 'an answer without data is no replay',
    file: 'src/http/idempotency-header.ts',
    find: 'Boolean(data) && ',
    replace: '',
    tests,
  },
  {
    guarantee: 'no secret becomes an idempotency key',
    file: 'src/config/idempotency-settings.ts',
    find: "  'authorization',\n",
    replace: '',
    tests: ['unit/config.test.ts'],
  },
];
