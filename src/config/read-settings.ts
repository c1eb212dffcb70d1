import { whole } from './setting.js';

export interface ReadConfig {
  readonly readPoolMax: number;
  readonly readsPerProjectMax: number;
  readonly readQueueMax: number;
  readonly readWaitMaxMs: number;
}

/** What reads may have, so that they never take what writes need. */
export const readSettings = {
  READ_POOL_MAX: whole({
    default: 4,
    min: 1,
    max: 1_000,
    meaning:
      'Connections to PostgreSQL for reads, beside those of `DATABASE_POOL_MAX`, and so the ' +
      'statements that read at once.',
  }),
  READS_PER_PROJECT_MAX: whole({
    default: 2,
    min: 1,
    max: 1_000,
    meaning: 'How many of them one project may have at once. Projects take turns.',
  }),
  READ_QUEUE_MAX: whole({
    default: 50_000,
    min: 100,
    max: 10_000_000,
    meaning:
      'Things to read, such as a customer or a page, that may wait in one project; one more is ' +
      'answered `READS_OVERLOADED`.',
  }),
  READ_WAIT_MAX_MS: whole({
    default: 5_000,
    min: 10,
    max: 600_000,
    meaning: 'How long a read may wait for its statement to begin; then `READS_OVERLOADED`.',
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
