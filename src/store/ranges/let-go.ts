import type { Instant } from '../../domain/interval.js';
import { createRange, type PrepareOptions, readClock } from './prepare.js';
import { inTransaction, isAlone, type RangeClient, underLock } from './range-session.js';
import { dueOf } from './range-state.js';
import { LET_GO, monthOf, qualified, type RangedTable, toldName } from './ranged-tables.js';
import { CLOSING, type Range, readRanges } from './read-ranges.js';

const DAY_MS = 86_400_000;

/**
 * Detaches the ranges of a table that are older than so many days, and gives them names that say so. What has to stay of them is copied to the new
 * first range before, so that it is missing at no moment. Returns their former names, as messages have them.
 */
export function detachRanges(
  options: PrepareOptions,
  table: RangedTable,
  olderThanDays: number,
): Promise<readonly string[]> {
  return inTransaction(options, async (client) => {
    if (!(await isAlone(client))) return [];
    const now = (await readClock(client)) + options.clockOffsetMs();
    const before = now - olderThanDays * DAY_MS;
    const due = dueOf(await readRanges(client, table), before, table);
    const end = due.at(-1)?.to ?? null;
    if (end === null) return [];
    const first = firstRange(table, end);
    await createRange(client, table, first);
    await client.query(
      `ALTER TABLE ${qualified(table, first)} ADD CONSTRAINT ${CLOSING} CHECK (${table.key} < ${table.literal(end)})`,
    );
    await keep(client, table, due, first, before);
    await underLock(
      client,
      due.map(({ name }) => qualified(table, name)),
      () => exchange(client, table, due, first, end),
      options.ending,
    );
    return due.map(({ name }) => toldName(table, name));
  });
}

/** The name of a first range that has what was kept of those before that time. The audit knows openings by it. */
function firstRange(table: RangedTable, end: Instant): string {
  return `${table.name}_before_${monthOf(end)}`;
}

async function keep(
  client: RangeClient,
  table: RangedTable,
  due: readonly Range[],
  first: string,
  before: Instant,
): Promise<void> {
  const columns = await columnsOf(client, table);
  const rows = due
    .map(({ name }) => `SELECT ${columns} FROM ${qualified(table, name)}`)
    .join(' UNION ALL ');
  await client.query(
    `INSERT INTO ${qualified(table, first)} (${columns}) ${table.kept(`(${rows}) AS old`, columns, before)}`,
  );
}

async function columnsOf(client: RangeClient, table: RangedTable): Promise<string> {
  const { rows } = await client.query<{ columns: string }>(
    `SELECT string_agg(attname, ', ' ORDER BY attnum) AS columns FROM pg_attribute
    WHERE attrelid = '${qualified(table)}'::regclass AND attnum > 0 AND NOT attisdropped`,
  );
  return rows[0]?.columns ?? '';
}

async function exchange(
  client: RangeClient,
  table: RangedTable,
  due: readonly Range[],
  first: string,
  end: Instant,
): Promise<void> {
  await client.query(`LOCK TABLE ONLY ${qualified(table)} IN ACCESS EXCLUSIVE MODE`);
  for (const { name } of due) {
    const range = qualified(table, name);
    await client.query(`ALTER TABLE ${qualified(table)} DETACH PARTITION ${range}`);
    await client.query(`ALTER TABLE ${range} RENAME TO ${LET_GO}${name}`);
  }
  await client.query(
    `ALTER TABLE ${qualified(table)} ATTACH PARTITION ${qualified(table, first)}
      FOR VALUES FROM (MINVALUE) TO (${table.literal(end)})`,
  );
  await client.query(`ALTER TABLE ${qualified(table, first)} DROP CONSTRAINT ${CLOSING}`);
}

/**
 * Takes back what came into a detached range while it was being detached, and, if so wanted, drops it. Returns the tables that were dropped,
 * as messages have them.
 */
export async function finishDetached(
  options: PrepareOptions,
  table: RangedTable,
  { olderThanDays, drops }: { readonly olderThanDays: number; readonly drops: boolean },
): Promise<readonly string[]> {
  const dropped: string[] = [];
  for (const name of await inTransaction(options, (client) => detachedOf(client, table))) {
    await inTransaction(options, async (client) => {
      if (!(await isAlone(client))) return;
      const before = (await readClock(client)) + options.clockOffsetMs() - olderThanDays * DAY_MS;
      const columns = await columnsOf(client, table);
      const late = table.late(qualified(table, name), columns, before);
      if (late !== null) {
        await client.query(
          `INSERT INTO ${qualified(table)} (${columns}) ${late} ON CONFLICT DO NOTHING`,
        );
      }
      if (!drops) return;
      await client.query(`DROP TABLE ${qualified(table, name)}`);
      dropped.push(toldName(table, name));
    });
  }
  return dropped;
}

async function detachedOf(
  client: RangeClient,
  { name, schema }: RangedTable,
): Promise<readonly string[]> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT relname AS name FROM pg_class WHERE relnamespace = '${schema}'::regnamespace
      AND relkind = 'r' AND NOT relispartition AND relname ~ '^${LET_GO}${name}_(first|before|from)' ORDER BY relname`,
  );
  return rows.map((row) => row.name);
}
