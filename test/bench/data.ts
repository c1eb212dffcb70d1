/** The database that the benchmark runs on. */
import { createHash, randomBytes } from 'node:crypto';
import pg from 'pg';
import { customerScope } from '../../src/meter/customer-key.js';
import { uuidV7 } from '../../src/platform/id.js';
import { customerId, FEATURE_ID } from './protocol.js';

const CHUNK = 10_000;
const GRANTED = 1_000_000_000;

export interface BenchData {
  readonly projectId: string;
  readonly secret: string;
}

/** Creates a project with a key, one feature and so many customers with a monthly balance each. */
export async function createData(url: string, customers: number): Promise<BenchData> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const data = { projectId: uuidV7(), secret: `tg_sk_${randomBytes(32).toString('base64url')}` };
    await createProject(client, data);
    for (let from = 0; from < customers; from += CHUNK) {
      await createCustomers(client, data.projectId, from, Math.min(from + CHUNK, customers));
    }
    await client.query('VACUUM ANALYZE');
    return data;
  } finally {
    await client.end();
  }
}

async function createProject(client: pg.Client, { projectId, secret }: BenchData): Promise<void> {
  const hash = createHash('sha256').update(secret).digest();
  await client.query(`INSERT INTO projects (id, name) VALUES ($1, 'bench')`, [projectId]);
  await client.query(
    `INSERT INTO api_keys (id, project_id, name, prefix, hash) VALUES ($1, $2, 'bench', $3, $4)`,
    [uuidV7(), projectId, secret.slice(0, 12), hash],
  );
  await client.query(
    `INSERT INTO features (project_id, id, name, type, event_names)
     VALUES ($1, $2, 'API calls', 'CONSUMABLE', '{}')`,
    [projectId, FEATURE_ID],
  );
}

async function createCustomers(
  client: pg.Client,
  projectId: string,
  from: number,
  to: number,
): Promise<void> {
  const ids = Array.from({ length: to - from }, (_, index) => customerId(from + index));
  const keys = ids.map((id) => customerScope(projectId, id).customerKey);
  const balances = ids.map(() => uuidV7());
  await client.query(
    `INSERT INTO customers (customer_key, project_id, id)
     SELECT t.key, $1, t.id FROM unnest($2::uuid[], $3::text[]) AS t(key, id)`,
    [projectId, keys, ids],
  );
  await client.query(
    `INSERT INTO balances (customer_key, id, project_id, feature_id, granted, reset_interval,
       reset_interval_count, reset_anchor, next_reset_at, overage_allowed, ledger_seq, created_at)
     SELECT t.key, t.id, $1, $4, $5, 'MONTH', 1, now(), now() + interval '1 month', false, 1, now()
     FROM unnest($2::uuid[], $3::uuid[]) AS t(key, id)`,
    [projectId, keys, balances, FEATURE_ID, GRANTED],
  );
  await client.query(
    `INSERT INTO ledger_entries (customer_key, balance_id, seq, project_id, kind, amount, granted_after,
       used_after, effective_at, recorded_at)
     SELECT t.key, t.id, 1, $1, 'GRANT', $4, $4, 0, now(), now()
     FROM unnest($2::uuid[], $3::uuid[]) AS t(key, id)`,
    [projectId, keys, balances, GRANTED],
  );
}
