import { type Place, placesOf } from '../../../src/store/placed.js';
import { type OpenStore, openStore } from '../../../src/store/store.js';
import { PATIENT_DATABASE } from '../gateway/limits.js';
import { createDatabase, type TestDatabase } from './database.js';
import { moveCustomers } from './moved-customers.js';
import { PLACES } from './places.js';
import { addressesOf } from './servers.js';

/** A store on a new database, with one project. */
export interface TestStore {
  readonly store: OpenStore;
  readonly database: TestDatabase;
  readonly projectId: string;
  /** Moves the store's clock this far ahead of the database's. */
  setClockOffset(offsetMs: number): void;
  close(): Promise<void>;
}

export interface TestStoreOptions {
  /** Called before each statement. By default, returns what `setClockOffset` has set. */
  readonly clockOffsetMs?: () => number;
  /** How long a statement may take, and how long it may wait for a lock. */
  readonly limits?: Partial<Record<'statementTimeoutMs' | 'acquireTimeoutMs', number>>;
  /** How many places there are; 1 by default. */
  readonly places?: number;
  /** A schema to which the tables of customers are moved: it is the only place then. */
  readonly place?: Exclude<Place, 'public'>;
}

export async function createStore(options: TestStoreOptions = {}): Promise<TestStore> {
  const { places = PLACES } = options;
  const database = await createDatabase(options.place === undefined ? places : 1);
  if (options.place !== undefined) await moveCustomers(database.url, options.place);
  const address = { connectionString: database.url };
  let clockOffsetMs = 0;
  const store = openStore({
    address,
    poolMax: 4,
    readPoolMax: 2,
    ...PATIENT_DATABASE,
    ...options.limits,
    places: options.place === undefined ? placesOf(places) : [options.place],
    servers: addressesOf(address),
    clockOffsetMs: options.clockOffsetMs ?? (() => clockOffsetMs),
    onIdleError: () => undefined,
  });
  const { project } = await store.projects.ensure('test');
  return {
    store,
    database,
    projectId: project.id,
    setClockOffset: (offsetMs) => {
      clockOffsetMs = offsetMs;
    },
    close: async () => {
      await store.close();
      await database.drop();
    },
  };
}
