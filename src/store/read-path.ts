import type pg from 'pg';
import type { ReadPath } from '../meter/read/read-path.js';
import { apiKeyReads } from './api-key-reads.js';
import { balanceReads } from './balances.js';
import type { ClosedWait } from './closed-wait.js';
import { customerLedgerReads } from './customer-ledger.js';
import { customerSearch } from './customer-search.js';
import { customerReads } from './customers.js';
import { entityReads } from './entities.js';
import { eventReads } from './events.js';
import { featureReads } from './feature-reads.js';
import { ledgerEntryReads } from './ledger-entries.js';
import type { Place } from './placed.js';
import { projectReads } from './project-reads.js';
import { readClient } from './read-client.js';
import { reservationReads } from './reservation-reads.js';
import { standingReads } from './standings.js';

export interface ReadPathOptions {
  readonly pool: pg.Pool;
  /** Where the customers are. */
  readonly place: Place;
  /** Shifts the database's clock, for tests; 0 otherwise. */
  readonly clockOffsetMs: () => number;
  /** Where a place can move: how reads wait for it. */
  readonly closedWait?: ClosedWait;
}

/** The statements of all reads, on separate connections. */
export function createReadPath(options: ReadPathOptions): ReadPath {
  const { pool, place, clockOffsetMs, closedWait } = options;
  const client = readClient(pool, place, closedWait);
  return {
    ...customerReads(client),
    ...customerSearch(client),
    ...entityReads(client),
    ...featureReads(client),
    ...balanceReads(client, clockOffsetMs),
    ...standingReads(client, clockOffsetMs),
    ...eventReads(client),
    ...ledgerEntryReads(client),
    ...customerLedgerReads(client),
    ...projectReads(client),
    ...apiKeyReads(client),
    ...reservationReads(client, clockOffsetMs),
  };
}
