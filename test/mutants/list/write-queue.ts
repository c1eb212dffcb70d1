import type { Mutant } from '../mutant.js';

export const WRITE_QUEUE: readonly Mutant[] = [
  {
    guarantee:
      'a decision that gives back to an amount that was carried over lasts until that expires',
    file: 'src/meter/write/decide-account.ts',
    find: ', ...reshapedBalances];',
    replace: '];',
    tests: ['unit/decide-account.test.ts'],
  },
  {
    guarantee: 'long properties of reservations are not cached, even if nothing was written',
    file: 'src/meter/write/decide-account.ts',
    find: 'NO_HOLDS : cachedHolds(holds)',
    replace: 'NO_HOLDS : draft.wrote ? cachedHolds(holds) : holds',
    tests: ['unit/decide-account.test.ts'],
  },
  {
    guarantee: 'a batch is bounded in bytes',
    file: 'src/meter/write/lane.ts',
    find: ' && command.bytes <= bytes',
    replace: '',
    tests: ['unit/lane.test.ts'],
  },
  {
    guarantee: 'a batch is bounded in items',
    file: 'src/meter/write/lane.ts',
    find: 'weight <= items && ',
    replace: '',
    tests: ['unit/lane.test.ts'],
  },
  {
    guarantee: 'a command that alone is too large is taken alone',
    file: 'src/meter/write/lane.ts',
    find: ' && !(isFirst && count === 0)',
    replace: '',
    tests: ['unit/lane.test.ts'],
  },
  {
    guarantee: 'a lane that drains has nothing left',
    file: 'src/meter/write/lane.ts',
    find: 'while (this.#running !== null) await this.#running;',
    replace: '',
    tests: ['unit/lane.test.ts'],
  },
  {
    guarantee: 'commands in flight count as queued',
    file: 'src/meter/write/lane.ts',
    find: 'return this.#waits + this.#inFlight;',
    replace: 'return this.#waits;',
    tests: ['unit/lane.test.ts'],
  },
  {
    guarantee: 'on a lane that projects share, none fills a batch',
    file: 'src/meter/write/lane.ts',
    find: 'this.#lastPush < this.#sharedUntil ? SHARE : 1',
    replace: '1',
    tests: ['unit/lane.test.ts'],
  },
  {
    guarantee: 'projects take turns on a lane',
    file: 'src/meter/write/lane.ts',
    find: `this.#waiting.delete(projectId);
      if (count < queue.length)`,
    replace: `if (count === queue.length) this.#waiting.delete(projectId);
      if (count < queue.length)`,
    tests: ['unit/lane.test.ts'],
  },
  {
    guarantee: 'commands that take long to decide make a batch smaller',
    file: 'src/meter/write/lane.ts',
    find: 'items -= weight;',
    replace: 'items -= 1;',
    tests: ['unit/lane.test.ts'],
  },
  {
    guarantee: 'no project fills the queue',
    file: 'src/meter/write/write-queue.ts',
    find: ' || ofProject >= options.queueItemsMax * PROJECT_SHARE',
    replace: '',
    tests: ['unit/write-queue.test.ts'],
  },
  {
    guarantee: 'an account is known to be large when it is no longer cached',
    file: 'src/meter/write/account-cache.ts',
    find: '?? large.get(customerKey)',
    replace: '',
    tests: ['unit/account-cache.test.ts'],
  },
  {
    guarantee: 'a decision has a version of its own',
    file: 'src/platform/id.ts',
    find: 'return (random.readUInt32LE(0) & 0xfffff) * 2 ** 32 + random.readUInt32LE(4);',
    replace: 'return 1;',
    tests: ['store/failover.test.ts'],
  },
  {
    guarantee: 'a full queue takes no more',
    file: 'src/meter/write/write-queue.ts',
    find: 'queued >= options.queueItemsMax || ',
    replace: '',
    tests: ['unit/write-queue.test.ts'],
  },
  {
    guarantee: 'a queue whose head has waited too long takes no more',
    file: 'src/meter/write/write-queue.ts',
    find: 'return lane.waitedMs(projectId, now) > options.queueWaitMaxMs;',
    replace: 'return false;',
    tests: ['unit/write-queue.test.ts'],
  },
];
