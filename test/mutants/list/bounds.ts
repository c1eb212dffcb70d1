import type { Mutant } from '../mutant.js';

/** What is stored about clients is limited, and the write path drains and refuses as documented. */
export const BOUNDS: readonly Mutant[] = [
  {
    guarantee: 'the data cached to count the fields of an operation is limited',
    file: 'src/http/field-count/field-count.ts',
    find: 'if (trees.size < TREES_MAX) trees.set',
    replace: 'trees.set',
    tests: ['unit/field-count.test.ts'],
  },
  {
    guarantee: 'the catalogues cached by a write queue are limited',
    file: 'src/meter/write/write-queue.ts',
    find: 'featuresMax: CATALOG_FEATURES_MAX',
    replace: 'featuresMax: Number.POSITIVE_INFINITY',
    tests: ['unit/write-queue.test.ts'],
  },
  {
    guarantee: 'the number of connections is limited',
    file: 'src/http/listener.ts',
    find: 'server.maxConnections = CONNECTIONS_MAX;',
    replace: '',
    tests: ['graphql/shutdown.test.ts'],
  },
  {
    guarantee: 'the properties of calls count towards the size of their batch',
    file: 'src/meter/track-balance.ts',
    find: 'EVENT_BYTES + (this.properties?.length ?? 0)',
    replace: 'EVENT_BYTES',
    tests: ['store/batch-bytes.test.ts'],
  },
  {
    guarantee: 'an operation stops once its answer is too large',
    file: 'src/schema/execution.ts',
    find: 'execution.add(bytesOfKey(path.key) + bytesOf(value));',
    replace: '',
    tests: ['graphql/operation-stop.test.ts'],
  },
  {
    guarantee: 'what is stored about a connection is released when it ends',
    file: 'src/http/exchange-tracker.ts',
    find: 'this.#connections.delete(socket);',
    replace: '',
    tests: ['unit/released.test.ts'],
  },
  {
    guarantee: 'what is stored about a project that reads is released',
    file: 'src/meter/read/read-queue.ts',
    find: 'if (project.isIdle()) this.#projects.delete(project.id);',
    replace: '',
    tests: ['unit/released.test.ts'],
  },
  {
    guarantee: 'what is stored about a project that sends bodies is released',
    file: 'src/http/receiving.ts',
    find: `if (ofProject === 0) this.#bytesOf.delete(projectId);
    else this`,
    replace: 'this',
    tests: ['unit/released.test.ts'],
  },
  {
    guarantee: 'the cached spans of a time zone are limited',
    file: 'src/domain/time-zone.ts',
    find: '[span, ...known].slice(0, SPANS_PER_ZONE_MAX)',
    replace: '[span, ...known]',
    tests: ['unit/time-zone-spans.test.ts'],
  },
  {
    guarantee: 'a write queue has drained once its lanes have',
    file: 'src/meter/write/write-queue.ts',
    find: 'await Promise.all(lanes.map((lane) => lane.drained()));',
    replace: '',
    tests: ['unit/write-queue.test.ts'],
  },
  {
    guarantee: 'nothing is decided for a customer that cannot be read',
    file: 'src/meter/write/commit-groups.ts',
    find: 'if (unreadable !== undefined) return undecided(scope, commands, unreadable);',
    replace: '',
    tests: ['unit/batches.test.ts'],
  },
  {
    guarantee: 'a decision is valid only from the last change on',
    file: 'src/meter/write/decide-account.ts',
    find: 'let validFrom = changedAt;',
    replace: 'let validFrom = changedAt && null;',
    tests: ['unit/decide-account.test.ts'],
  },
];
