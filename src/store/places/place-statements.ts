/** The statements with which a place gets what `public` has, read from PostgreSQL's catalogues: none of it is written down twice. */
import type pg from 'pg';
import { CUSTOMER_TABLES } from '../customer-tables.js';
import { PLACE_0, type Place } from '../placed.js';

/** Makes an empty table of a place, without ranges. The names in definitions must have their schemas: the search path has no `public`. */
export async function statementsFor(
  client: pg.Client,
  place: Place,
  table: string,
): Promise<string[]> {
  const [tail = ''] = await textsOf(client, TAIL, table);
  const made = `CREATE TABLE ${place}.${table} (LIKE ${PLACE_0}.${table} INCLUDING ALL EXCLUDING INDEXES) ${tail}`;
  const statements = [made];
  for (const query of [COMMENT, CONSTRAINTS, INDEXES, TRIGGERS]) {
    for (const sql of await textsOf(client, query, table)) {
      statements.push(sql.replace(OF_PUBLIC, `${place}.`));
    }
  }
  return statements;
}

/** Gives a place the rights and the owners that `public` has. Rights come first: only an owner can grant them. */
export function rightsFor(client: pg.Client, place: Place): Promise<string[]> {
  return textsOf(client, RIGHTS, place);
}

/** Of tables of customers; the catalogue, functions and types stay. */
const OF_PUBLIC = new RegExp(`\\b${PLACE_0}\\.(?=(${CUSTOMER_TABLES.join('|')})\\b)`, 'g');

const TABLE = `SELECT oid FROM pg_class WHERE relnamespace = '${PLACE_0}'::regnamespace AND relname = $1`;

const TAIL = `SELECT concat_ws(' ', 'PARTITION BY ' || pg_get_partkeydef(oid),
    'WITH (' || array_to_string(reloptions, ', ') || ')') AS sql
  FROM pg_class WHERE oid = (${TABLE})`;

const COMMENT = `SELECT format('COMMENT ON TABLE ${PLACE_0}.%I IS %L', $1::text, comment) AS sql
  FROM obj_description((${TABLE}), 'pg_class') AS comment WHERE comment IS NOT NULL`;

/** Checks are made with the table. */
const CONSTRAINTS = `SELECT format('ALTER TABLE ${PLACE_0}.%I ADD CONSTRAINT %I %s', $1::text, conname, pg_get_constraintdef(oid)) AS sql
  FROM pg_constraint WHERE conrelid = (${TABLE}) AND contype IN ('p', 'u', 'x', 'f') AND conparentid = 0
  ORDER BY contype DESC, conname`;

const INDEXES = `SELECT replace(pg_get_indexdef(indexrelid), ' ON ONLY ', ' ON ') AS sql
  FROM pg_index WHERE indrelid = (${TABLE})
    AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid AND contype IN ('p', 'u', 'x'))
  ORDER BY indexrelid`;

/** The fence is no part of a table. */
const TRIGGERS = `SELECT pg_get_triggerdef(oid) AS sql FROM pg_trigger
  WHERE tgrelid = (${TABLE}) AND NOT tgisinternal AND tgparentid = 0 AND tgname <> 'tollgate_closed'
  ORDER BY tgname`;

const RIGHTS = `WITH tables AS (
    SELECT made.oid, made.relname, made.relowner, model.relowner AS owner, model.oid AS model, model.relacl AS acl
    FROM pg_class AS made JOIN pg_class AS model ON model.relname = made.relname
    WHERE made.relnamespace = $1::regnamespace AND model.relnamespace = '${PLACE_0}'::regnamespace AND made.relkind IN ('r', 'p')
  ), acls AS (
    SELECT relname, owner, acl, '' AS of_column FROM tables
    UNION ALL SELECT relname, owner, attacl, format(' (%I)', attname)
    FROM tables JOIN pg_attribute ON attrelid = model AND attacl IS NOT NULL
  ), rights AS (
    SELECT DISTINCT relname, privilege_type || of_column AS privilege, CASE WHEN is_grantable THEN ' WITH GRANT OPTION' ELSE '' END AS option,
      CASE grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(grantee)) END AS role
    FROM acls CROSS JOIN LATERAL aclexplode(acl) WHERE grantee <> owner
  )
  SELECT sql FROM (
    SELECT 1, format('GRANT USAGE ON SCHEMA %I TO %s', $1, role) FROM (SELECT DISTINCT role FROM rights) AS roles
    UNION ALL SELECT 2, format('GRANT %s ON %I.%I TO %s%s', privilege, $1, relname, role, option) FROM rights
    UNION ALL SELECT 3, format('ALTER TABLE %I.%I OWNER TO %I', $1, relname, pg_get_userbyid(owner))
      FROM tables WHERE owner <> relowner
    UNION ALL SELECT 4, format('ALTER SCHEMA %I OWNER TO %I', $1, pg_get_userbyid(owner))
      FROM tables WHERE relname = 'customers' AND owner <> relowner
  ) AS statements (step, sql) ORDER BY step, sql`;

async function textsOf(client: pg.Client, text: string, value: string): Promise<string[]> {
  const { rows } = await client.query<{ sql: string }>(text, [value]);
  return rows.map(({ sql }) => sql);
}
