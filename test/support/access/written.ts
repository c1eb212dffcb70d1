import type { TestGateway } from '../gateway/gateway.js';

const TABLES = [
  'projects',
  'customers',
  'entities',
  'features',
  'removed_features',
  'balances',
  'events',
  'ledger_entries',
  'reservations',
] as const;

/** Whatever calls can have written, to see whether one has. */
export async function written({ sql }: TestGateway): Promise<string> {
  const rows = await Promise.all(
    TABLES.map((table) =>
      sql(`SELECT md5(coalesce(string_agg(t::text, ' ' ORDER BY t::text), '')) FROM ${table} t`),
    ),
  );
  return JSON.stringify(rows);
}
