/** A database whose settings are all wrong for Tollgate, as its role or another program may have left them. */
import { connect } from './connections.js';

export const HOSTILE: Readonly<Record<string, string>> = {
  synchronous_commit: 'off',
  search_path: 'elsewhere',
  TimeZone: 'Asia/Kolkata',
  DateStyle: 'SQL, DMY',
  IntervalStyle: 'sql_standard',
  extra_float_digits: '-15',
  bytea_output: 'escape',
  array_nulls: 'off',
  standard_conforming_strings: 'off',
  enable_indexscan: 'off',
  enable_bitmapscan: 'on',
  enable_tidscan: 'off',
  enable_nestloop: 'off',
  plan_cache_mode: 'force_custom_plan',
  default_transaction_isolation: 'serializable',
  statement_timeout: '3s',
  lock_timeout: '3s',
  idle_in_transaction_session_timeout: '3s',
};

/** Changes the settings of the database for all later connections. */
export async function makeHostile(databaseUrl: string, settings = HOSTILE): Promise<void> {
  const name = new URL(databaseUrl).pathname.slice(1);
  const client = await connect(databaseUrl);
  try {
    for (const [setting, value] of Object.entries(settings)) {
      await client.query(`ALTER DATABASE ${name} SET ${setting} = '${value}'`);
    }
    await client.query('CREATE SCHEMA IF NOT EXISTS elsewhere');
  } finally {
    await client.end();
  }
}
