import type pg from 'pg';
import { sqlStateOf } from './failure.js';

/**
 * A migration whose process is gone must not keep its locks, neither until a long statement has ended nor until the server
 * notices that the connection is dead.
 */
export async function endWithClient(client: pg.Client): Promise<void> {
  await client.query("SET LOCAL idle_in_transaction_session_timeout = '60s'");
  await endStatementsWithClient(client);
}

/** The same for statements alone: what happens between those of this transaction may take long. */
export async function endStatementsWithClient(client: pg.Client): Promise<void> {
  await client.query('SAVEPOINT watched');
  try {
    await client.query("SET LOCAL client_connection_check_interval = '1s'");
  } catch (error) {
    // Not every system that PostgreSQL runs on can tell.
    if (sqlStateOf(error) !== INVALID_VALUE) throw error;
    await client.query('ROLLBACK TO watched');
  }
}

const INVALID_VALUE = '22023';
