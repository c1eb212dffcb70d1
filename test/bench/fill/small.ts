/** The small database: one project, and a number of customers of each family. */
import { createHash, randomBytes } from 'node:crypto';
import type pg from 'pg';
import { customerScope } from '../../../src/meter/customer-key.js';
import { uuidV7 } from '../../../src/platform/id.js';
import { creditCostRows } from '../../../src/store/credit-costs.js';
import { connect } from '../../support/database/connections.js';
import { customerId, type Family } from '../requests.js';
import { CREDIT_COSTS, featuresOf, GRANTS, type Grant } from './families.js';

const CHUNK = 10_000;

export interface BenchData {
  readonly url: string;
  readonly projectId: string;
  readonly secret: string;
}

export interface DataOptions {
  readonly url: string;
  readonly customers: Readonly<Partial<Record<Family, number>>>;
  /** The name of the project; `bench` by default. */
  readonly name?: string;
}

/** Creates the project with its key and catalogue, and the customers with their balances. */
export async function createData(options: DataOptions): Promise<BenchData> {
  const { url, customers, name = 'bench' } = options;
  const client = await connect(url);
  try {
    const secret = `tg_sk_${randomBytes(32).toString('base64url')}`;
    const data = { url, projectId: uuidV7(), secret };
    await createProject(client, data, name, familiesOf(customers));
    for (const family of familiesOf(customers)) {
      const count = customers[family] ?? 0;
      for (let from = 0; from < count; from += CHUNK) {
        const to = Math.min(from + CHUNK, count);
        await createCustomers(client, data.projectId, family, from, to);
      }
    }
    await client.query('VACUUM ANALYZE');
    return data;
  } finally {
    await client.end();
  }
}

/** `Object.keys` loses the type of the keys. */
function familiesOf(customers: DataOptions['customers']): readonly Family[] {
  return Object.keys(customers) as Family[];
}

async function createProject(
  client: pg.Client,
  { projectId, secret }: BenchData,
  name: string,
  families: readonly Family[],
): Promise<void> {
  const hash = createHash('sha256').update(secret).digest();
  await client.query('INSERT INTO projects (id, name) VALUES ($1, $2)', [projectId, name]);
  await client.query(
    `INSERT INTO api_keys (id, project_id, name, prefix, hash) VALUES ($1, $2, 'bench', $3, $4)`,
    [uuidV7(), projectId, secret.slice(0, 12), hash],
  );
  for (const { id, type, eventNames } of featuresOf(families)) {
    await client.query(
      'INSERT INTO features (project_id, id, name, type, event_names) VALUES ($1, $2, $2, $3, $4)',
      [projectId, id, type, eventNames],
    );
  }
  for (const { featureId, cost, prices } of creditCostRows(CREDIT_COSTS)) {
    await client.query(
      `INSERT INTO credit_costs (project_id, credit_system_id, feature_id, cost, prices)
       VALUES ($1, 'credits', $2, $3, $4)`,
      [projectId, featureId, cost, prices === null ? null : JSON.stringify(prices)],
    );
  }
}

async function createCustomers(
  client: pg.Client,
  projectId: string,
  family: Family,
  from: number,
  to: number,
): Promise<void> {
  const ids = Array.from({ length: to - from }, (_, index) => customerId(family, from + index));
  const keys = ids.map((id) => customerScope(projectId, id).customerKey);
  await client.query(
    `INSERT INTO customers (customer_key, project_id, id)
     SELECT t.key, $1, t.id FROM unnest($2::uuid[], $3::text[]) AS t(key, id)`,
    [projectId, keys, ids],
  );
  for (const grant of GRANTS[family]) await createBalances(client, projectId, keys, grant);
}

/** One grant to each customer, or to its entity if it has one, with its ledger entry. */
async function createBalances(
  client: pg.Client,
  projectId: string,
  keys: readonly string[],
  grant: Grant,
): Promise<void> {
  if (grant.entity !== null) {
    await client.query(
      `INSERT INTO entities (customer_key, id, project_id)
       SELECT t.key, $2, $1 FROM unnest($3::uuid[]) AS t(key)`,
      [projectId, grant.entity, keys],
    );
  }
  await client.query(
    `WITH new AS (
       INSERT INTO balances (customer_key, id, project_id, feature_id, entity_id, unlimited, granted,
         reset_interval, reset_interval_count, reset_anchor, next_reset_at, rollover_enabled,
         rollover_max, expires_at, overage_allowed, ledger_seq, created_at)
       SELECT t.key, t.id, $1, $4, $5, $6, $7, $8::interval_unit, since.count,
         CASE WHEN since.count = 1 THEN since.at END,
         since.at + ('1 ' || $8::text)::interval, $10::numeric IS NOT NULL, $10, now() + make_interval(days => $11),
         false, 1, since.at
       FROM unnest($2::uuid[], $3::uuid[]) AS t(key, id),
         (SELECT now() - make_interval(hours => $9) AS at, CASE WHEN $8::text IS NOT NULL THEN 1 END AS count) AS since
       RETURNING customer_key, id, granted, created_at)
     INSERT INTO ledger_entries (customer_key, balance_id, seq, project_id, kind, amount, granted_after,
       used_after, effective_at, recorded_at)
     SELECT customer_key, id, 1, $1, 'GRANT', granted, granted, 0, created_at, created_at FROM new`,
    [
      projectId,
      keys,
      keys.map(() => uuidV7()),
      grant.feature,
      grant.entity,
      grant.unlimited,
      grant.granted,
      grant.resetInterval,
      grant.ageHours,
      grant.rolloverMax,
      grant.lifetimeDays,
    ],
  );
}
