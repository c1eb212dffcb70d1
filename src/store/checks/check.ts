import type pg from 'pg';
import type { DatabaseAddress } from '../database.js';
import type { Migration } from '../migration-files.js';
import type { Place } from '../placed.js';
import type { FindingCode } from './codes.js';
import type { Finding } from './finding.js';
import type { Limits } from './limits.js';
import type { Facts } from './server.js';
import type { ServerSettings } from './server-settings.js';

/** Those settings of the gateway on which a finding depends. */
export interface GatewaySettings {
  readonly workers: number;
  readonly databasePoolMax: number;
  readonly readPoolMax: number;
  readonly databaseAcquireTimeoutMs: number;
  readonly statementTimeoutMs: number;
  readonly sweep: boolean;
  readonly idempotencyKeyDays: number | null;
  readonly eventPropertiesDays: number | null;
  readonly eventsDays: number | null;
  readonly ledgerDays: number | null;
  readonly dropDetached: boolean;
  readonly places: number;
}

export interface RecordedPlaces {
  /** All, on whichever server. */
  readonly places: readonly Place[];
  /** The other servers that were added. */
  readonly servers: readonly string[];
  serverOf(place: Place): string;
}

export interface CheckContext {
  readonly address: DatabaseAddress;
  /** In a transaction that can only read, with a limit on each statement and on waiting for locks. */
  readonly client: pg.Client;
  /** Another connection, without settings of its own, but with a limit on how long it may be silent. */
  readonly connect: () => Promise<pg.Client>;
  readonly facts: Facts;
  readonly settings: ServerSettings;
  /** Of the embedded database, where its files are; null for a server. */
  readonly folder: string | null;
  /** Whether the tables are there. */
  readonly isMigrated: boolean;
  readonly migrations: readonly Migration[];
  /** Those that the database has, the first of which is `public`. */
  readonly places: readonly Place[];
  /** As the server of the catalogue has it. */
  readonly recorded: RecordedPlaces;
  /** The name of the server that is examined. */
  readonly server: string;
  /** The other servers of which the address is known, by name. */
  readonly servers: ReadonlyMap<string, DatabaseAddress>;
  /** Connects to one of them, with the limits that `client` has or, if it is not pinned, as `connect` does. */
  readonly connectTo: (address: DatabaseAddress, isPinned: boolean) => Promise<pg.Client>;
  readonly gateway: GatewaySettings;
  readonly limits: Limits;
  readonly wallClockMs: () => number;
}

/** Reads only, and waits for nothing that others hold. */
export interface Check {
  /** Of each, it gives a finding at least. */
  readonly codes: readonly FindingCode[];
  /** Whether it says something about the embedded database too. */
  readonly embedded: boolean;
  /** Whether it needs the tables. */
  readonly tables: boolean;
  /** What is examined on the server of the catalogue only: about all of them, or settings of the gateway. */
  readonly home?: boolean;
  /** What is about rows of customers, of whom other servers have none in `public`. */
  readonly ofCustomers?: boolean;
  run(context: CheckContext): Promise<readonly Finding[]>;
}

/** How many of the same kind are listed. */
export const LISTED_MAX = 10;
