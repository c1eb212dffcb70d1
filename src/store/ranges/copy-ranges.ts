import type pg from 'pg';
import { createRange } from './prepare.js';
import { RANGED_TABLES, type RangedTable } from './ranged-tables.js';
import { type Range, readRanges } from './read-ranges.js';

/**
 * Gives an empty database the ranges of another one, within the transaction of the caller: the audit knows by a range what has been let go
 * (audit.ts), and what is old can be let go as soon as there.
 */
export async function copyRanges(from: pg.Client, to: pg.Client): Promise<void> {
  for (const table of RANGED_TABLES) await replaceRanges(to, table, await readRanges(from, table));
}

/** Gives an empty table these ranges in place of those that it has. */
export async function replaceRanges(
  client: pg.Client,
  table: RangedTable,
  ranges: readonly Omit<Range, 'closing'>[],
): Promise<void> {
  for (const { name } of await readRanges(client, table)) {
    await client.query(`DROP TABLE public.${name}`);
  }
  for (const { name, from, to } of ranges) {
    await createRange(client, table, name);
    await client.query(
      `ALTER TABLE public.${table.name} ATTACH PARTITION public.${name}
        FOR VALUES FROM (${from === null ? 'MINVALUE' : table.literal(from)})
        TO (${to === null ? 'MAXVALUE' : table.literal(to)})`,
    );
  }
}
