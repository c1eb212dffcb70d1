/** Who writes SQL about customers leaves open in which schema they are (docs/adr/0070-places.md). */
import { expect, it } from 'vitest';
import { CUSTOMER_TABLES } from '../../src/store/customer-tables.js';
import { readTexts, type SourceFile } from './source-files.js';

const TABLES = CUSTOMER_TABLES.join('|');

/** A table where SQL has one, the schema `public` before what belongs to customers or what is computed, and Prisma's typed client for them. */
const NAMED = [
  new RegExp(`\\b(FROM|JOIN|INTO|UPDATE|ONLY|TABLE|USING)\\s+"?(${TABLES})\\b`),
  new RegExp(`\\bpublic"?\\."?(${TABLES}|\\$\\{)`),
  /\.(customer|entity|balance|event|eventVoid|ledgerEntry|reservation|idempotencyKey)\.(find|count|create|update|upsert|delete|aggregate|groupBy)\w*\(/,
];

/** What works on the one place that there is, by the names of its tables: ranges, the fence and migrations. */
const OF_ONE_PLACE =
  /^src\/store\/(ranges\/|(fence|concurrent-index|index-progress|index-state)\.ts$)/;

const COMMENTS = /\/\*[\s\S]*?\*\/|\/\/.*/g;

function namesIn({ path, text }: Pick<SourceFile, 'path' | 'text'>): string[] {
  if (OF_ONE_PLACE.test(path)) return [];
  const code = text.replace(COMMENTS, '');
  return NAMED.flatMap((named) =>
    named.exec(code)?.[0] ? [`${path}: ${named.exec(code)?.[0]}`] : [],
  );
}

it('no statement names a table of customers but through `table`', async () => {
  expect((await readTexts('src')).flatMap(namesIn)).toEqual([]);
});

it.each([
  'const A = `SELECT 1 FROM customers WHERE true`;',
  'const A = placed`SELECT 1 FROM a\n  JOIN events AS e`;',
  'const A = `DELETE FROM public.idempotency_keys`;',
  'const A = "\'public.customers\'::regclass";',
  `const A = (table: string) => \`SELECT '' FROM public.\${table}\`;`,
  'const A = `UPDATE "public"."balances" SET used = 0`;',
  'await prisma.balance.count({ where });',
  'await tx.ledgerEntry.findMany({ where });',
])('is reported if it does: %s', (text) => {
  expect(namesIn({ path: 'src/store/a.ts', text })).toHaveLength(1);
});

it.each([
  `const A = placed\`SELECT 1 FROM \${table('customers')} AS c JOIN public.projects\`;`,
  '/** Reads FROM customers. */ // and FROM events',
  'prisma.feature.findMany({ where });',
])('may contain: %s', (text) => {
  expect(namesIn({ path: 'src/store/a.ts', text })).toEqual([]);
});
