/** The contents of a database, as far as schema.prisma can describe it, and how two databases differ. */
import { connect } from './connections.js';

/** A definition by kind and name: `column balances.used` -> `numeric(38,10) ...`. */
export type Catalog = ReadonlyMap<string, string>;

/**
 * Omitted, because Prisma cannot express them: CHECK constraints, triggers, functions, comments,
 * storage parameters, collations, the predicates and included columns of indexes, indexes on
 * expressions, and partitions.
 */
const FACTS = `
  WITH tables AS (
    SELECT c.oid, c.relname FROM pg_class c
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
      AND NOT c.relispartition AND c.relname <> '_prisma_migrations'
  )
  SELECT 'table ' || relname AS name, 'exists' AS fact FROM tables
  UNION ALL
  SELECT 'column ' || t.relname || '.' || a.attname,
    format_type(a.atttypid, a.atttypmod)
      || CASE WHEN a.attnotnull THEN ' NOT NULL' ELSE '' END
      || CASE WHEN a.attidentity = '' THEN '' ELSE ' IDENTITY ' || a.attidentity::text END
      || CASE WHEN d.adbin IS NULL THEN ''
           WHEN a.attgenerated <> '' THEN ' GENERATED ' || pg_get_expr(d.adbin, d.adrelid)
           ELSE ' DEFAULT ' || pg_get_expr(d.adbin, d.adrelid) END
  FROM tables t JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped
    LEFT JOIN pg_attrdef d ON d.adrelid = t.oid AND d.adnum = a.attnum
  UNION ALL
  SELECT 'constraint ' || t.relname || '.' || c.conname, pg_get_constraintdef(c.oid)
  FROM tables t JOIN pg_constraint c ON c.conrelid = t.oid AND c.contype IN ('p', 'f')
  UNION ALL
  -- A table without a primary key may have ranges that have one each.
  SELECT DISTINCT 'constraint ' || t.relname || '.' || t.relname || '_pkey', pg_get_constraintdef(c.oid)
  FROM tables t JOIN pg_inherits h ON h.inhparent = t.oid
    JOIN pg_constraint c ON c.conrelid = h.inhrelid AND c.contype = 'p' AND c.conparentid = 0
  UNION ALL
  SELECT 'index ' || t.relname || '.' || c.relname,
    CASE WHEN i.indisunique THEN 'UNIQUE ' ELSE '' END
      || CASE WHEN i.indnullsnotdistinct THEN 'NULLS NOT DISTINCT ' ELSE '' END
      || m.amname || ' (' || (
        SELECT string_agg(
          pg_get_indexdef(c.oid, n, false)
            || CASE i.indoption[n - 1] & 3
                 WHEN 1 THEN ' DESC NULLS LAST' WHEN 2 THEN ' NULLS FIRST' WHEN 3 THEN ' DESC'
                 ELSE '' END,
          ', ' ORDER BY n)
        FROM generate_series(1, i.indnkeyatts::int) n) || ')'
  FROM tables t JOIN pg_index i ON i.indrelid = t.oid AND NOT i.indisprimary AND i.indexprs IS NULL
    JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_am m ON m.oid = c.relam
  UNION ALL
  SELECT 'enum ' || t.typname, string_agg(e.enumlabel, ', ' ORDER BY e.enumsortorder)
  FROM pg_type t JOIN pg_enum e ON e.enumtypid = t.oid
  WHERE t.typnamespace = 'public'::regnamespace GROUP BY t.typname
`;

export async function readCatalog(connectionString: string): Promise<Catalog> {
  const client = await connect(connectionString);
  try {
    const { rows } = await client.query<{ name: string; fact: string }>(FACTS);
    return new Map(rows.map(({ name, fact }) => [name, fact]));
  } finally {
    await client.end();
  }
}

/** One line for each difference, sorted by name. */
export function differences(left: Catalog, right: Catalog): string[] {
  const names = [...new Set([...left.keys(), ...right.keys()])].sort();
  return names
    .filter((name) => left.get(name) !== right.get(name))
    .map((name) => `${name}: ${left.get(name) ?? 'missing'} / ${right.get(name) ?? 'missing'}`);
}
