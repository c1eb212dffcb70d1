/** A project in which every edge of the schema leads to objects, from a hundred parents. */
import { customerScope } from '../../../src/meter/customer-key.js';
import { uuidOf } from '../../../src/platform/id.js';

/** The number of customers, of credit systems, and of the first customer's entities, events and entries of a balance. */
export const WIDE = 100;

const START = Date.UTC(2026, 0, 1);
const ids = (prefix: string) =>
  Array.from({ length: WIDE }, (_, n) => `${prefix}${String(n).padStart(3, '0')}`);
const tail = (n: number) => `7000${String(n).padStart(16, '8')}`;

export const CUSTOMERS = ids('c');
export const CREDIT_SYSTEMS = ids('s');
export const ENTITIES = ids('e');
const [CUSTOMER = '', ENTITY = '', CREDIT_SYSTEM = ''] = [
  CUSTOMERS[0],
  ENTITIES[0],
  CREDIT_SYSTEMS[0],
];
export const FIRST = {
  customerId: CUSTOMER,
  entityId: ENTITY,
  featureId: 'messages',
  reservationId: 'held',
};

type Sql = (text: string, values?: readonly unknown[]) => Promise<unknown>;

/** Global ids by type, as many as one operation may request. */
export type NodeIds = Readonly<Record<string, readonly string[]>>;

export async function fillWideProject(sql: Sql, projectId: string, now: number): Promise<NodeIds> {
  const keys = CUSTOMERS.map((id) => customerScope(projectId, id).customerKey);
  const balanceIds = CUSTOMERS.map((_id, n) => uuidOf(START, tail(n)));
  const seatIds = CUSTOMERS.map((_id, n) => uuidOf(START, tail(WIDE + n)));
  const firstSeatIds = ENTITIES.map((_id, n) => uuidOf(START, tail(2 * WIDE + n)));
  const eventIds = CUSTOMERS.map((_id, n) => uuidOf(START + WIDE + n, tail(n)));
  const moreEventIds = ENTITIES.map((_id, n) => uuidOf(START + n, tail(n)));
  await sql(
    `INSERT INTO features (project_id, id, name, type) VALUES
      ($1, 'messages', 'Messages', 'CONSUMABLE'), ($1, 'words', 'Words', 'CONSUMABLE')`,
    [projectId],
  );
  await sql(
    `INSERT INTO features (project_id, id, name, type)
      SELECT $1, id, id, 'CREDIT_SYSTEM' FROM unnest($2::text[]) AS id`,
    [projectId, CREDIT_SYSTEMS],
  );
  await sql(
    `INSERT INTO credit_costs (project_id, credit_system_id, feature_id, cost)
      SELECT $1::uuid, id, CASE id WHEN 'messages' THEN 'words' ELSE 'messages' END, 1
      FROM unnest($2::text[] || ARRAY['messages', 'words']) AS id`,
    [projectId, CREDIT_SYSTEMS],
  );
  await sql(
    `INSERT INTO customers (customer_key, project_id, id)
      SELECT key, $1, id FROM unnest($2::uuid[], $3::text[]) AS t(key, id)`,
    [projectId, keys, CUSTOMERS],
  );
  await sql(
    `INSERT INTO entities (customer_key, project_id, id) SELECT key, $1::uuid, $3::text FROM unnest($2::uuid[]) AS key
      UNION SELECT $4::uuid, $1::uuid, id FROM unnest($5::text[]) AS id`,
    [projectId, keys, ENTITY, keys[0], ENTITIES],
  );
  // A customer has its own balance and one of an entity; the first customer has one of each of its entities.
  await sql(
    `INSERT INTO balances (customer_key, id, project_id, feature_id, entity_id, granted, overage_allowed,
        ledger_seq, created_at, reset_interval, reset_interval_count, reset_anchor, next_reset_at,
        rollover_enabled, rollovers)
      SELECT key, id, $1::uuid, 'messages', entity_id, 10, false, CASE n WHEN 1 THEN $6::int ELSE 1 END, to_timestamp($2::float8), 'YEAR', 10,
        to_timestamp($2::float8), to_timestamp($2::float8) + interval '10 years', true,
        '[{"granted":"1","used":"0","expiresAt":null}]'
      FROM unnest($3::uuid[], $4::uuid[], $5::text[]) WITH ORDINALITY AS t(key, id, entity_id, n)`,
    [
      projectId,
      now / 1000,
      [...keys, ...keys, ...ENTITIES.map(() => keys[0])],
      [...balanceIds, ...seatIds, ...firstSeatIds],
      [...keys.map(() => null), ...keys.map(() => ENTITY), ...ENTITIES],
      WIDE,
    ],
  );
  // An event of every customer, and one of each entity of the first customer.
  await sql(
    `INSERT INTO events (customer_key, id, project_id, entity_id, feature_id, value, occurred_at, recorded_at, outcome)
      SELECT key, id, $1::uuid, entity_id, 'messages', 1, to_timestamp(0), now(), json_build_object(
        'deductions', json_build_array(json_build_object('balanceId', balance, 'featureId', 'messages', 'amount', '1')),
        'unapplied', json_build_array(
          json_build_object('featureId', $2::text, 'chargedFeatureId', 'messages', 'amount', '1')))
      FROM unnest($3::uuid[], $4::uuid[], $5::text[], $6::uuid[]) AS t(key, id, entity_id, balance)`,
    [
      projectId,
      CREDIT_SYSTEM,
      [...keys, ...ENTITIES.map(() => keys[0])],
      [...eventIds, ...moreEventIds],
      [...keys.map(() => ENTITY), ...ENTITIES],
      [...seatIds, ...firstSeatIds],
    ],
  );
  // All of them have been undone in part, and each is in the place of another.
  await sql(
    `INSERT INTO event_voids (customer_key, event_id, project_id, amended_by_id, outcome, voided_at)
      SELECT customer_key, id, project_id,
        coalesce(lead(id) OVER of_customer, first_value(id) OVER of_customer), json_build_object('v', 1, 'reversed', outcome -> 'deductions',
        'notReversed', json_build_array((outcome -> 'deductions' -> 0)::jsonb || '{"reason": "PERIOD_OVER"}')), now()
      FROM events WHERE project_id = $1 WINDOW of_customer AS (PARTITION BY customer_key ORDER BY id)`,
    [projectId],
  );
  // Entries of every balance, and a hundred of the first customer's balance. Those of entities' balances are newer.
  await sql(
    `INSERT INTO ledger_entries (customer_key, balance_id, seq, project_id, kind, amount, granted_after,
        used_after, event_id, effective_at, recorded_at)
      SELECT key, balance, seq, $1::uuid, 'TRACK', -1, 10, 1, event, now(), now() + CASE WHEN n > $5::int THEN interval '1 second' ELSE '0' END
      FROM unnest($2::uuid[], $3::uuid[], $4::uuid[])
        WITH ORDINALITY AS t(key, balance, event, n),
        LATERAL generate_series(1, CASE n WHEN 1 THEN $5::int ELSE 1 END) AS seq`,
    [
      projectId,
      [...keys, ...keys, ...ENTITIES.map(() => keys[0])],
      [...balanceIds, ...seatIds, ...firstSeatIds],
      [...eventIds, ...eventIds, ...moreEventIds],
      WIDE,
    ],
  );
  await fillReservations(sql, projectId, keys);
  const projectIds = CUSTOMERS.map((_id, n) => uuidOf(START + n, tail(n)));
  const apiKeyIds = CUSTOMERS.map((_id, n) => uuidOf(START + n, tail(WIDE + n)));
  await fillKeys(sql, { projectId, projectIds, apiKeyIds });
  return nodeIds({ keys, balanceIds: seatIds, eventIds, projectIds, apiKeyIds });
}

/** One of each customer, and a hundred of the first. */
async function fillReservations(sql: Sql, projectId: string, keys: readonly string[]) {
  await sql(
    `INSERT INTO reservations (customer_key, id, project_id, entity_id, feature_id, value, held, used, charges,
        properties, created_at, expires_at)
      SELECT key, id, $1::uuid, $2::text, 'messages', 1, 1, 0, '{"v": 1, "charges": []}', '{"a": 1}', now(),
        now() + interval '1 day'
      FROM unnest($3::uuid[], $4::text[]) AS t(key, id)`,
    [
      projectId,
      ENTITY,
      [...keys, ...ENTITIES.map(() => keys[0])],
      [...keys.map(() => FIRST.reservationId), ...ENTITIES],
    ],
  );
}

interface ProjectsAndKeys {
  readonly projectId: string;
  readonly projectIds: readonly string[];
  readonly apiKeyIds: readonly string[];
}

/** A hundred other projects, each with a key, and a hundred keys of this one. */
async function fillKeys(sql: Sql, given: ProjectsAndKeys): Promise<void> {
  const { projectId, projectIds, apiKeyIds } = given;
  await sql('INSERT INTO projects (id, name) SELECT id, id::text FROM unnest($1::uuid[]) AS id', [
    projectIds,
  ]);
  await sql(
    `INSERT INTO api_keys (id, project_id, name, prefix, hash)
      SELECT id, project, 'wide', 'tg_sk_AAAAAA', sha256(id::text::bytea)
      FROM unnest($1::uuid[], $2::uuid[]) AS t(id, project)`,
    [
      [...apiKeyIds, ...projectIds],
      [...apiKeyIds.map(() => projectId), ...projectIds],
    ],
  );
}

/** The number of fields at the root of an operation, each of which may request a node. */
const NODES_MAX = 20;

interface Keys {
  readonly keys: readonly string[];
  readonly balanceIds: readonly string[];
  readonly eventIds: readonly string[];
  readonly projectIds: readonly string[];
  readonly apiKeyIds: readonly string[];
}

function nodeIds({ keys, balanceIds, eventIds, projectIds, apiKeyIds }: Keys): NodeIds {
  const of = (type: string, idOf: (key: string, n: number) => string) =>
    keys
      .slice(0, NODES_MAX)
      .map((key, n) => Buffer.from(`${type}:${idOf(key, n)}`).toString('base64'));
  return {
    Customer: of('Customer', (key) => key),
    CustomerEntity: of('CustomerEntity', (key) => `${key}:${ENTITY}`),
    Feature: of('Feature', (_key, n) => CREDIT_SYSTEMS[n] ?? ''),
    Balance: of('Balance', (key, n) => `${key}:${balanceIds[n]}`),
    UsageEvent: of('UsageEvent', (key, n) => `${key}:${eventIds[n]}`),
    LedgerEntry: of('LedgerEntry', (key, n) => `${key}:${balanceIds[n]}:1`),
    Project: of('Project', (_key, n) => projectIds[n] ?? ''),
    ApiKey: of('ApiKey', (_key, n) => apiKeyIds[n] ?? ''),
  };
}
