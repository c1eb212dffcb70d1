import type { Place } from '../placed.js';
import { createRange } from './prepare.js';
import type { RangeClient } from './range-session.js';
import { qualified, type RangedTable, rangedTables } from './ranged-tables.js';
import { type Range, readRanges } from './read-ranges.js';

/**
 * Gives a place of an empty database the ranges that it has in another one, within the transaction of the caller: the audit knows by a
 * range what has been let go (audit.ts), and what is old can be let go as soon as there.
 */
export async function copyRanges(from: RangeClient, to: RangeClient, place: Place): Promise<void> {
  for (const table of rangedTables(place)) {
    await replaceRanges(to, table, await readRanges(from, table));
  }
}

/**
 * Gives the empty tables of a place the ranges of another place of the database, with their names and bounds, within the transaction of
 * the caller. A range that is being closed has no end yet, and is closed anew there.
 */
export async function rangesLike(client: RangeClient, from: Place, to: Place): Promise<void> {
  for (const table of rangedTables(to)) {
    const ranges = await readRanges(client, { name: table.name, schema: from });
    await replaceRanges(client, table, ranges);
  }
}

/** Gives an empty table these ranges in place of those that it has. */
export async function replaceRanges(
  client: RangeClient,
  table: RangedTable,
  ranges: readonly Omit<Range, 'closing'>[],
): Promise<void> {
  for (const { name } of await readRanges(client, table)) {
    await client.query(`DROP TABLE ${qualified(table, name)}`);
  }
  for (const { name, from, to } of ranges) {
    await createRange(client, table, name);
    await client.query(
      `ALTER TABLE ${qualified(table)} ATTACH PARTITION ${qualified(table, name)}
        FOR VALUES FROM (${from === null ? 'MINVALUE' : table.literal(from)})
        TO (${to === null ? 'MAXVALUE' : table.literal(to)})`,
    );
  }
}
