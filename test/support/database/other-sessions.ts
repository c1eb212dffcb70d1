/** Other sessions on the database, which query it and hold locks. */
import { setTimeout as delay } from 'node:timers/promises';
import type pg from 'pg';
import { connect, openPool } from './connections.js';

export interface OtherSessions {
  /** The number that a query selects. */
  count(sql: string, values?: readonly unknown[]): Promise<number>;
  /** Runs the statement in a transaction that stays open until the returned function is called. */
  hold(sql: string, values?: readonly unknown[]): Promise<() => Promise<void>>;
  /** Makes statements on events take longer than any may, without a lock, until the returned function is called. */
  slowDown(what: keyof typeof SLOW): Promise<() => Promise<void>>;
  rows<Row extends pg.QueryResultRow>(sql: string, values?: readonly unknown[]): Promise<Row[]>;
  /** The number of sessions that wait for a lock. */
  waitingNow(): Promise<number>;
  /** Resolves once this many sessions wait for a lock. */
  untilWaiting(sessions: number): Promise<void>;
  /** Resolves once a session waits for a lock. */
  untilOneWaits(): Promise<void>;
  /** Terminates the sessions of the gateways, as an administrator would. */
  endSessions(): Promise<void>;
  close(): Promise<void>;
}

/** Locks a customer, by its id as the only parameter. */
export const HOLD_CUSTOMER = 'SELECT 1 FROM customers WHERE id = $1 FOR UPDATE';

/** Blocks every commit of a usage event, and reads of events, but not other reads. */
export const HOLD_EVENTS = 'LOCK TABLE events IN ACCESS EXCLUSIVE MODE';

const SLEEP = 'pg_sleep(60)';

/** How statements on events are slowed down, and how that ends. */
const SLOW = {
  reads: [
    `ALTER TABLE events RENAME TO stored_events;
      CREATE VIEW events AS SELECT * FROM stored_events WHERE (SELECT count(*) FROM ${SLEEP}) >= 0`,
    'DROP VIEW events; ALTER TABLE stored_events RENAME TO events',
  ],
  writes: [
    `CREATE FUNCTION sleep() RETURNS trigger LANGUAGE plpgsql
        AS 'BEGIN PERFORM ${SLEEP}; RETURN NULL; END';
      CREATE TRIGGER sleep BEFORE INSERT ON events FOR EACH STATEMENT EXECUTE FUNCTION sleep()`,
    'DROP FUNCTION sleep() CASCADE',
  ],
} as const;

const WAITING = `SELECT count(DISTINCT pid)::int AS count FROM pg_locks WHERE NOT granted
  AND pid IN (SELECT pid FROM pg_stat_activity WHERE datname = current_database())`;

export function openOtherSessions(databaseUrl: string): OtherSessions {
  const pool = openPool(databaseUrl, 4);
  const holders: pg.Client[] = [];
  const rows: OtherSessions['rows'] = async (sql, values = []) =>
    (await pool.query(sql, [...values])).rows;
  const count: OtherSessions['count'] = async (sql, values) =>
    (await rows<{ count: number }>(sql, values))[0]?.count ?? 0;
  // Not in a transaction, which would see the sessions as they were at its first query.
  const waitingNow = () => count(WAITING);
  const untilWaiting = async (sessions: number) => {
    while ((await waitingNow()) < sessions) await delay(10);
  };
  return {
    count,
    rows,
    slowDown: async (what) => {
      const [begin, end] = SLOW[what];
      await pool.query(begin);
      return async () => {
        await pool.query(end);
      };
    },
    waitingNow,
    untilWaiting,
    hold: async (sql, values = []) => {
      const holder = await connect(databaseUrl);
      holders.push(holder);
      await holder.query('BEGIN');
      await holder.query(sql, [...values]);
      return async () => {
        await holder.query('ROLLBACK');
      };
    },
    untilOneWaits: () => untilWaiting(1),
    endSessions: async () => {
      await pool.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE datname = current_database() AND application_name = 'tollgate'`);
    },
    close: async () => {
      await Promise.all(holders.map((holder) => holder.end()));
      await pool.end();
    },
  };
}
