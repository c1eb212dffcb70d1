/** Somebody else on the database: who counts what is there, and keeps things locked. */
import { setTimeout as delay } from 'node:timers/promises';
import type pg from 'pg';
import { connect, openPool } from './connections.js';

export interface Meddler {
  /** What a query that selects one number says. */
  count(sql: string, values?: readonly unknown[]): Promise<number>;
  /** A transaction that keeps what it has locked until it is let go. */
  hold(sql: string, values?: readonly unknown[]): Promise<() => Promise<void>>;
  /** Resolves once somebody waits for a lock. */
  someoneWaits(): Promise<void>;
  /** Ends the sessions of the gateways, as an administrator would. */
  endSessions(): Promise<void>;
  close(): Promise<void>;
}

/** Locks a customer, by its id as the only parameter. */
export const HOLD_CUSTOMER = 'SELECT 1 FROM customers WHERE id = $1 FOR UPDATE';

/** Lets reads pass, and keeps every commit of a use waiting. */
export const HOLD_EVENTS = 'LOCK TABLE events IN ACCESS EXCLUSIVE MODE';

const WAITING = `SELECT count(*)::int FROM pg_locks WHERE NOT granted
  AND pid IN (SELECT pid FROM pg_stat_activity WHERE datname = current_database())`;

export function createMeddler(databaseUrl: string): Meddler {
  const pool = openPool(databaseUrl, 4);
  const holders: pg.Client[] = [];
  const count: Meddler['count'] = async (sql, values = []) => {
    const { rows } = await pool.query<{ count: number }>(sql, [...values]);
    return rows[0]?.count ?? 0;
  };
  return {
    count,
    hold: async (sql, values = []) => {
      const holder = await connect(databaseUrl);
      holders.push(holder);
      await holder.query('BEGIN');
      await holder.query(sql, [...values]);
      return async () => {
        await holder.query('ROLLBACK');
      };
    },
    someoneWaits: async () => {
      while ((await count(WAITING)) === 0) await delay(10);
    },
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
