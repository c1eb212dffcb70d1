import type { Mutant } from '../mutant.js';

export const HTTP_DOCUMENTS: readonly Mutant[] = [
  {
    guarantee: 'introspection leaves time for others',
    file: 'src/http/paced.ts',
    find: 'restsUntil = endedAt + (endedAt - startedAt) * REST_PER_WORK;',
    replace: '',
    tests: ['unit/paced.test.ts'],
  },
  {
    guarantee: 'requests that wait for one document wait as one',
    file: 'src/http/pipeline.ts',
    find: "'OVERLOADED', choose, this.#workOf(params));",
    replace: "'OVERLOADED', choose);",
    tests: ['graphql/new-documents.test.ts'],
  },
  {
    guarantee: 'requests that wait for one count wait as one',
    file: 'src/http/pipeline.ts',
    find: "'OVERLOADED', execute, this.#workOf(params, part));",
    replace: "'OVERLOADED', execute);",
    tests: ['graphql/new-documents.test.ts'],
  },
  {
    guarantee: 'a long document that is not cached is read by each request in its turn',
    file: 'src/http/document.ts',
    find: 'return query.length <= DOCUMENT_BOUNDS.entryCharsMax;',
    replace: 'return true;',
    tests: ['unit/documents-in-turn.test.ts'],
  },
  {
    guarantee: 'invalid documents are cached like valid ones',
    file: 'src/http/document.ts',
    find: 'this.#cache.set(query, known);',
    replace: "if (!('errors' in known)) this.#cache.set(query, known);",
    tests: ['unit/document.test.ts'],
  },
  {
    guarantee: 'an operation that does not exist is refused',
    file: 'src/http/document.ts',
    find: 'return known.get(operationName) ?? unresolved(operationName);',
    replace: 'return known.get(operationName) ?? known.get(null) ?? unresolved(operationName);',
    tests: ['unit/document.test.ts'],
  },
  {
    guarantee: 'long documents are parsed in turn',
    file: 'src/http/document.ts',
    find: 'return this.#cache.get(query) === undefined;',
    replace: 'return false;',
    tests: ['unit/documents-in-turn.test.ts'],
  },
];
