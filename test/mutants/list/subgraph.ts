import type { Mutant } from '../mutant.js';

const ENTITIES = ['graphql/entities.test.ts', 'graphql/entities-errors.test.ts'];
const NAMES = ['graphql/subgraph.test.ts'];
const SIGNATURES = ['graphql/gateway-signature.test.ts'];

export const SUBGRAPH: readonly Mutant[] = [
  {
    guarantee: 'no more than a thousand entities are read in one field',
    file: 'src/schema/subgraph/entities.ts',
    find: 'if (representations.length <= REPRESENTATIONS_MAX) return representations;',
    replace: 'if (representations.length > 0) return representations;',
    tests: ENTITIES,
  },
  {
    guarantee: 'two keys of a representation that contradict each other are of no object',
    file: 'src/schema/subgraph/entities.ts',
    find: '|| (found !== undefined && found !== address)',
    replace: '',
    tests: ENTITIES,
  },
  {
    guarantee: 'a global id of another type is of no object of this one',
    file: 'src/schema/entity-keys.ts',
    find: 'decoded?.typename === type ? decoded.id : null',
    replace: 'decoded?.id ?? null',
    tests: ENTITIES,
  },
  {
    guarantee: 'types of results have the names of the subgraph',
    file: 'src/schema/subgraph/renamed.ts',
    find: "return typeof name === 'string' ? nameOf(name) : name;",
    replace: 'return name;',
    tests: NAMES,
  },
  {
    guarantee: 'a batch is counted at the root under each name that it has',
    file: 'src/http/document.ts',
    find: 'this.#batchFields = batchFieldsOf(options.schema);',
    replace: "this.#batchFields = new Set(['trackBalances']);",
    tests: NAMES,
  },
  {
    guarantee: 'each entity of a request counts towards its fields',
    file: 'src/schema/subgraph/entities.ts',
    find: "holds(REPRESENTATIONS_MAX, { asManyAs: 'representations' })",
    replace: "holds(REPRESENTATIONS_MAX, { asManyAs: 'representations', isBatch: true })",
    tests: ENTITIES,
  },
  {
    guarantee: 'each path has its own documents',
    file: 'src/http/exchange.ts',
    find: 'const { schema } = this.#door;',
    replace: "const { schema } = this.#stages.doors.at('/graphql') ?? this.#door;",
    tests: NAMES,
  },
  {
    guarantee: 'what writes is internal',
    file: 'src/schema/subgraph/marks.ts',
    find: 'return isPublic(name) ? known :',
    replace: "return isPublic(name) || name.startsWith('create') ? known :",
    tests: ['spec/subgraph-directives.test.ts'],
  },
  {
    guarantee: 'routers demand the scopes that keys need',
    file: 'src/schema/subgraph/marks.ts',
    find: '.map((scope) => [scope]);',
    replace: '.slice(0, 1).map((scope) => [scope]);',
    tests: ['spec/subgraph-directives.test.ts'],
  },
  {
    guarantee: 'a request that no gateway has signed is refused',
    file: 'src/http/exchange.ts',
    find: 'if (!isSigned) signatures.checkExtension(params);',
    replace: '',
    tests: SIGNATURES,
  },
  {
    guarantee: 'a recorded request cannot be sent again after five minutes',
    file: 'src/http/gateway-signature.ts',
    find: 'if (Math.abs(ageSeconds) > SIGNATURE_WINDOW_SECONDS) throw',
    replace: 'if (Math.abs(ageSeconds) > 3_600) throw',
    tests: SIGNATURES,
  },
  {
    guarantee: 'a signature is of its time as well',
    file: 'src/http/gateway-signature.ts',
    find: '`${seconds}.${text}`',
    replace: 'text',
    tests: SIGNATURES,
  },
  {
    guarantee: 'the variables are signed with the query',
    file: 'src/http/gateway-signature.ts',
    find: 'Object.keys(variables).length === 0 ? { query } : { query, variables }',
    replace: '{ query }',
    tests: SIGNATURES,
  },
  {
    guarantee: 'a secret is in no message',
    file: 'src/config.ts',
    find: 'if (setting?.isSecret)',
    replace: 'if (false)',
    tests: ['unit/config.test.ts'],
  },
];
