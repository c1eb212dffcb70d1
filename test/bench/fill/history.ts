/** The history of customers, with events and ledger entries, so that there is much to read. */
import { connect } from '../../support/database/connections.js';
import type { BenchData } from './small.js';

/** Ten events per feature and customer, with ledger entries. */
export async function createHistory({ url, projectId }: BenchData, events: number): Promise<void> {
  const client = await connect(url);
  try {
    await client.query(
      `CREATE TEMPORARY TABLE used AS
        SELECT b.customer_key, b.id AS balance_id, b.feature_id, b.granted, n,
          tollgate_event_id(now() - n * interval '1 minute',
            '7' || substr(md5(b.id || '-' || n), 1, 3) || '8' || substr(md5(b.id || '-' || n), 4, 15)) AS event_id
        FROM balances b, generate_series(1, $2::int) AS n WHERE b.project_id = $1`,
      [projectId, events],
    );
    await client.query(
      `INSERT INTO events (customer_key, id, project_id, feature_id, value, occurred_at, recorded_at, outcome)
        SELECT customer_key, event_id, $1, feature_id, 0, now(), now(), json_build_object(
          'deductions', json_build_array(json_build_object(
            'balanceId', balance_id, 'featureId', feature_id, 'amount', '0')), 'unapplied', '[]'::json)
        FROM used`,
      [projectId],
    );
    // The values are 0, so that the ledger sums to the balance.
    await client.query(
      `INSERT INTO ledger_entries (customer_key, balance_id, seq, project_id, kind, amount, granted_after,
          used_after, event_id, effective_at, recorded_at)
        SELECT customer_key, balance_id, n + 1, $1, 'TRACK', 0, granted, 0, event_id, now(), now() FROM used`,
      [projectId],
    );
    await client.query('UPDATE balances SET ledger_seq = $2 WHERE project_id = $1', [
      projectId,
      events + 1,
    ]);
    await client.query('VACUUM ANALYZE');
  } finally {
    await client.end();
  }
}
