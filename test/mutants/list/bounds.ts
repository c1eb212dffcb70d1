import type { Mutant } from '../mutant.js';

/** What is kept of clients is bounded, and drained or refused as the write path says. */
export const BOUNDS: readonly Mutant[] = [
  {
    guarantee: 'what is kept to count an operation is bounded',
    file: 'src/http/field-count/field-count.ts',
    find: 'if (trees.size < TREES_MAX) trees.set',
    replace: 'trees.set',
    tests: ['unit/field-count.test.ts'],
  },
  {
    guarantee: 'the catalogues of a write queue are bounded',
    file: 'src/meter/write/write-queue.ts',
    find: 'featuresMax: CATALOG_FEATURES_MAX',
    replace: 'featuresMax: Number.POSITIVE_INFINITY',
    tests: ['unit/write-queue.test.ts'],
  },
  {
    guarantee: 'connections are bounded',
    file: 'src/http/listener.ts',
    find: 'server.maxConnections = CONNECTIONS_MAX;',
    replace: '',
    tests: ['graphql/shutdown.test.ts'],
  },
  {
    guarantee: 'what calls bring with them counts for their batch',
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
    guarantee: 'what is known of a connection is let go with it',
    file: 'src/http/exchange-tracker.ts',
    find: 'this.#connections.delete(socket);',
    replace: '',
    tests: ['unit/let-go.test.ts'],
  },
  {
    guarantee: 'what is known of a project that reads is let go',
    file: 'src/meter/read/read-queue.ts',
    find: 'if (count === 0 && inFlight === 0) this.#projects.delete(id);',
    replace: '',
    tests: ['unit/let-go.test.ts'],
  },
  {
    guarantee: 'what is known of a project that sends bodies is let go',
    file: 'src/http/receiving.ts',
    find: `if (ofProject === 0) this.#bytesOf.delete(projectId);
    else this`,
    replace: 'this',
    tests: ['unit/let-go.test.ts'],
  },
  {
    guarantee: 'what is kept of a time zone is bounded',
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
    guarantee: 'a customer that cannot be read is not decided',
    file: 'src/meter/write/commit-groups.ts',
    find: 'if (unreadable !== undefined) return undecided(scope, commands, unreadable);',
    replace: '',
    tests: ['unit/batches.test.ts'],
  },
  {
    guarantee: 'a decision holds from the last change on',
    file: 'src/meter/write/decide-account.ts',
    find: 'let validFrom = changedAt;',
    replace: 'let validFrom = changedAt && null;',
    tests: ['unit/decide-account.test.ts'],
  },
];
