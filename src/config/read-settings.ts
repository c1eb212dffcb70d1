import { whole } from './setting.js';

export interface ReadConfig {
  readonly readPoolMax: number;
  readonly readsPerProjectMax: number;
  readonly readQueueMax: number;
  readonly readWaitMaxMs: number;
}

/** The limits of reads, so that they never take what writes need. */
export const readSettings = {
  READ_POOL_MAX: whole({
    default: 4,
    min: 1,
    max: 1_000,
    meaning:
      'The maximum number of connections to PostgreSQL for reads, in addition to ' +
      '`DATABASE_POOL_MAX`. It is also the maximum number of read statements that run at once.',
  }),
  READS_PER_PROJECT_MAX: whole({
    default: 2,
    min: 1,
    max: 1_000,
    meaning: 'How many read statements one project may run at once. Projects take turns.',
  }),
  READ_QUEUE_MAX: whole({
    default: 50_000,
    min: 100,
    max: 10_000_000,
    meaning:
      'How many items to be read, such as customers or pages, may wait in one project; more are ' +
      'answered with `READS_OVERLOADED`.',
  }),
  READ_WAIT_MAX_MS: whole({
    default: 5_000,
    min: 100,
    max: 600_000,
    meaning:
      'How long a read may wait for its statement to begin, and a query that may read much for its turn; ' +
      'then `READS_OVERLOADED`.',
  }),
};

type Environment = Readonly<Record<keyof typeof readSettings, number>>;

export function readConfigOf(environment: Environment): ReadConfig {
  return {
    readPoolMax: environment.READ_POOL_MAX,
    readsPerProjectMax: environment.READS_PER_PROJECT_MAX,
    readQueueMax: environment.READ_QUEUE_MAX,
    readWaitMaxMs: environment.READ_WAIT_MAX_MS,
  };
}
