/** Somebody else on the database: who counts what is there, and keeps things locked. */
import { setTimeout as delay } from 'node:timers/promises';
import type pg from 'pg';
import { connect, openPool } from './connections.js';

export interface Meddler {
  /** What a query that selects one number says. */
  count(sql: string, values?: readonly unknown[]): Promise<number>;
  /** A transaction that keeps what it has locked until it is let go. */
  hold(sql: string, values?: readonly unknown[]): Promise<() => Promise<void>>;
  rows<Row extends pg.QueryResultRow>(sql: string, values?: readonly unknown[]): Promise<Row[]>;
  /** Resolves once so many wait for a lock. */
  waiting(sessions: number): Promise<void>;
  /** Resolves once somebody does. */
  someoneWaits(): Promise<void>;
  /** Ends the sessions of the gateways, as an administrator would. */
  endSessions(): Promise<void>;
  close(): Promise<void>;
}

/** Locks a customer, by its id as the only parameter. */
export const HOLD_CUSTOMER = 'SELECT 1 FROM customers WHERE id = $1 FOR UPDATE';

/** Lets reads pass, and keeps every commit of a use waiting. */
export const HOLD_EVENTS = 'LOCK TABLE events IN ACCESS EXCLUSIVE MODE';

const WAITING = `SELECT count(DISTINCT pid)::int AS count FROM pg_locks WHERE NOT granted
  AND pid IN (SELECT pid FROM pg_stat_activity WHERE datname = current_database())`;

export function createMeddler(databaseUrl: string): Meddler {
  const pool = openPool(databaseUrl, 4);
  const holders: pg.Client[] = [];
  const rows: Meddler['rows'] = async (sql, values = []) =>
    (await pool.query(sql, [...values])).rows;
  const count: Meddler['count'] = async (sql, values) =>
    (await rows<{ count: number }>(sql, values))[0]?.count ?? 0;
  // Not by a holder: the sessions that a transaction sees are those of its first look.
  const waiting = async (sessions: number) => {
    while ((await count(WAITING)) < sessions) await delay(10);
  };
  return {
    count,
    rows,
    waiting,
    hold: async (sql, values = []) => {
      const holder = await connect(databaseUrl);
      holders.push(holder);
      await holder.query('BEGIN');
      await holder.query(sql, [...values]);
      return async () => {
        await holder.query('ROLLBACK');
      };
    },
    someoneWaits: () => waiting(1),
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
