/** In what the tables of places differ from those of `public`, by PostgreSQL's own definitions. */
import type pg from 'pg';
import { CUSTOMER_TABLES } from '../customer-tables.js';
import { numberOf, PLACE_0, type Place, placesOf } from '../placed.js';
import { CLOSING } from '../ranges/read-ranges.js';
import { NO_CUSTOMERS, PLACE_CHECK, placeCheck } from './place-check.js';

/** What a difference is about if it is about none of its parts. */
export const WHOLE_TABLE = 'the table';

export interface PlaceDifference {
  readonly place: string;
  readonly table: string;
  /** As a part of a sentence: `the column value`. */
  readonly what: string;
  /** How it is in the place; null if there is none. */
  readonly fact: string | null;
  /** How it should be. */
  readonly model: string | null;
}

/** Of the places that are there, by default all of so many. Within a transaction of the caller. Which ranges a place has is its own matter; those of the same name are compared. */
export async function placeDifferences(
  client: pg.Client,
  count: number,
  places: readonly Place[] = placesOf(count),
): Promise<PlaceDifference[]> {
  // With it, definitions name the schemas of what they refer to.
  await client.query("SET LOCAL search_path = ''");
  const { rows } = await client.query<PlaceDifference>({
    text: DIFFERENCES,
    values: [places, CUSTOMER_TABLES],
  });
  const isMissing = (one: PlaceDifference) => one.what === WHOLE_TABLE && one.fact === null;
  const missing = new Set(rows.filter(isMissing).map(({ place, table }) => `${place}.${table}`));
  return [
    ...rows.filter((one) => isMissing(one) || !missing.has(`${one.place}.${one.table}`)),
    ...(await otherChecks(client, count, places)),
  ];
}

/** The check that keeps customers in their places differs by design. */
async function otherChecks(
  client: pg.Client,
  count: number,
  places: readonly Place[],
): Promise<PlaceDifference[]> {
  const { rows } = await client.query<{ place: string; fact: string }>({
    text: CHECKS,
    values: [places],
  });
  const facts = new Map(rows.map(({ place, fact }) => [place, fact]));
  return places.flatMap((place): PlaceDifference[] => {
    const [fact = null, model] = [facts.get(place), placeCheck(numberOf(place), count)];
    if (place === PLACE_0 && fact === NO_CUSTOMERS) return [];
    const what = `the constraint ${PLACE_CHECK}`;
    return fact === model ? [] : [{ place, table: 'customers', what, fact, model }];
  });
}

const CHECKS = `SELECT n.nspname AS place, pg_get_constraintdef(k.oid, true) AS fact
  FROM pg_constraint AS k JOIN pg_class AS c ON c.oid = k.conrelid JOIN pg_namespace AS n ON n.oid = c.relnamespace
  WHERE n.nspname = ANY ($1) AND c.relname = 'customers' AND k.conname = '${PLACE_CHECK}'`;

/** Of the schema of a table of customers or of a range; what else is named keeps its schema. */
const own = (definition: string) =>
  `regexp_replace(${definition}, '\\m' || t.place || '\\.(?=(${CUSTOMER_TABLES.join('|')}))', '', 'g')`;

/** With the object that each is about. A check that `public` has not applied to its older rows is made for all of those of a place. */
const FACTS = `SELECT t.*, '${WHOLE_TABLE}' AS what, 'pg_class'::regclass AS class, t.oid AS object, 0 AS part,
    concat_ws(', ', CASE c.relkind WHEN 'p' THEN 'PARTITION BY ' || pg_get_partkeydef(c.oid) ELSE 'ordinary' END,
      CASE c.relpersistence WHEN 'p' THEN NULL ELSE 'not permanent' END, array_to_string(c.reloptions, ', '),
      CASE c.relreplident WHEN 'd' THEN NULL ELSE 'replica identity ' || c.relreplident::text END,
      CASE WHEN c.relrowsecurity THEN 'row security' END,
      CASE WHEN NOT t.is_range THEN 'of the role ' || pg_get_userbyid(c.relowner) END) AS fact
  FROM tables AS t JOIN pg_class AS c ON c.oid = t.oid
  UNION ALL
  SELECT t.*, 'the column ' || a.attname, 'pg_class'::regclass, t.oid, a.attnum,
    concat_ws(' ', format_type(a.atttypid, a.atttypmod),
      (SELECT 'COLLATE ' || collname FROM pg_collation AS c JOIN pg_type AS y ON y.oid = a.atttypid
        WHERE c.oid = a.attcollation AND c.oid <> y.typcollation),
      CASE WHEN a.attnotnull THEN 'NOT NULL' END,
      CASE a.attgenerated WHEN '' THEN 'DEFAULT ' ELSE 'GENERATED ' END || pg_get_expr(d.adbin, d.adrelid),
      nullif('IDENTITY ' || a.attidentity::text, 'IDENTITY '), 'STORAGE ' || nullif(a.attstorage, y.typstorage)::text,
      nullif('COMPRESSION ' || a.attcompression::text, 'COMPRESSION '))
  FROM tables AS t JOIN pg_attribute AS a ON a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped
    JOIN pg_type AS y ON y.oid = a.atttypid LEFT JOIN pg_attrdef AS d ON d.adrelid = t.oid AND d.adnum = a.attnum
  UNION ALL
  SELECT t.*, 'the constraint ' || k.conname, 'pg_constraint'::regclass, k.oid, 0,
    ${own("replace(pg_get_constraintdef(k.oid, true), ' NOT VALID', '')")}
  FROM tables AS t JOIN pg_constraint AS k ON k.conrelid = t.oid AND k.contype IN ('c', 'p', 'u', 'x', 'f')
  WHERE k.conname NOT IN ('${PLACE_CHECK}', '${CLOSING}')
  UNION ALL
  SELECT t.*, 'the index ' || i.relname, 'pg_class'::regclass, i.oid, 0,
    concat_ws(' ', ${own('pg_get_indexdef(i.oid)')}, CASE WHEN x.indisreplident THEN 'replica identity' END)
  FROM tables AS t JOIN pg_index AS x ON x.indrelid = t.oid JOIN pg_class AS i ON i.oid = x.indexrelid WHERE NOT t.is_range
  UNION ALL
  SELECT t.*, 'the trigger ' || g.tgname, 'pg_trigger'::regclass, g.oid, 0, ${own('pg_get_triggerdef(g.oid, true)')}
  FROM tables AS t JOIN pg_trigger AS g ON g.tgrelid = t.oid AND NOT g.tgisinternal AND g.tgname <> 'tollgate_closed'
  UNION ALL
  SELECT t.*, 'what is granted to ' || r.role, 'pg_class'::regclass, NULL, 0, string_agg(r.kind, ', ' ORDER BY r.kind)
      || CASE WHEN has_schema_privilege(r.role, t.place, 'USAGE') THEN '' ELSE ' without USAGE on the schema' END
  FROM tables AS t JOIN pg_class AS c ON c.oid = t.oid CROSS JOIN LATERAL (
    SELECT CASE grantee WHEN 0 THEN 'public' ELSE pg_get_userbyid(grantee) END AS role,
      privilege_type || of_column || CASE WHEN is_grantable THEN ' WITH GRANT OPTION' ELSE '' END AS kind
    FROM (SELECT c.relacl AS acl, '' AS of_column
      UNION ALL SELECT attacl, format(' (%I)', attname) FROM pg_attribute WHERE attrelid = c.oid AND attacl IS NOT NULL
    ) AS acls CROSS JOIN LATERAL aclexplode(acl) WHERE grantee <> c.relowner) AS r
  WHERE NOT t.is_range GROUP BY t.oid, t.place, t.name, t.is_range, r.role`;

const DIFFERENCES = `WITH tables AS MATERIALIZED (
    SELECT c.oid, n.nspname::text AS place, c.relname::text AS name, c.relispartition AS is_range
    FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
    WHERE n.nspname = ANY ($1) AND c.relkind IN ('r', 'p') AND (c.relname = ANY ($2) OR EXISTS (
      SELECT FROM pg_inherits JOIN pg_class AS whole ON whole.oid = inhparent
      WHERE inhrelid = c.oid AND whole.relnamespace = n.oid AND whole.relname = ANY ($2)))
  ), facts AS MATERIALIZED (${FACTS}
  ), all_facts AS MATERIALIZED (
    SELECT place, name, is_range, what, fact FROM facts
    UNION ALL SELECT place, name, is_range, 'the comment of ' || what, quote_literal(description)
    FROM facts JOIN pg_description ON classoid = class AND objoid = object AND objsubid = part WHERE NOT is_range
  ), wanted AS (
    SELECT p.place, f.name, f.what, f.fact FROM unnest($1::text[]) AS p(place) CROSS JOIN all_facts AS f
    WHERE f.place = '${PLACE_0}' AND p.place <> '${PLACE_0}'
      AND (NOT f.is_range OR (p.place, f.name) IN (SELECT place, name FROM tables))
  ), found AS (
    SELECT f.place, f.name, f.what, f.fact FROM all_facts AS f
    WHERE f.place <> '${PLACE_0}' AND (NOT f.is_range OR f.name IN (SELECT name FROM tables WHERE place = '${PLACE_0}'))
  )
  SELECT place, name AS table, what, found.fact, wanted.fact AS model
  FROM found FULL JOIN wanted USING (place, name, what)
  WHERE found.fact IS DISTINCT FROM wanted.fact ORDER BY array_position($1::text[], place), name, what LIMIT 1000`;
