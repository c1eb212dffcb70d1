import type { Instant } from '../../domain/interval.js';
import { sqlStateOf } from '../failure.js';
import {
  inTransaction,
  isAlone,
  type RangeClient,
  type RangeSessions,
  underLock,
} from './range-session.js';
import { isAhead } from './range-state.js';
import { monthAfter, monthOf, qualified, type RangedTable, toldName } from './ranged-tables.js';
import { CLOSING, type Range, readRanges } from './read-ranges.js';

export interface PrepareOptions extends RangeSessions {
  readonly clockOffsetMs: () => number;
}

const DAY_MS = 86_400_000;

/**
 * A range is closed at least so long before its end. Until that is done, a constraint refuses later rows, so a step that is interrupted has to
 * be finished within this time, by any gateway of this release.
 */
const CLOSED_BEFORE_MS = 30 * DAY_MS;

/**
 * Closes the last range of a table at the end of a month, and adds the next, until the coming months have ranges of their own. Each step is a short
 * transaction, except for a scan that calls do not wait for, and an interrupted one is continued. Returns how many ranges were added.
 */
export async function prepareRanges(
  options: PrepareOptions & Telling,
  table: RangedTable,
): Promise<number> {
  let added = 0;
  for (;;) {
    const done = await tried(options, table);
    if (done === 'NOTHING') return added;
    if (done === 'ADDED') added += 1;
  }
}

/** A range that has rows of the far future is not closed: what would refuse them is taken back at once. */
async function tried(options: PrepareOptions & Telling, table: RangedTable): Promise<Step> {
  try {
    return await inTransaction(options, (client) => step(client, table, options));
  } catch (error) {
    if (sqlStateOf(error) === CHECK_VIOLATION) {
      await inTransaction(options, async (client) => {
        const last = (await readRanges(client, table)).at(-1);
        if (!last?.closing) return;
        await underLock(
          client,
          [qualified(table, last.name)],
          () => dropClosing(client, table, last),
          options.ending,
        );
      });
    }
    throw error;
  }
}

const CHECK_VIOLATION = '23514';

export interface Telling {
  readonly say: (sentence: string) => void;
}

type Step = 'NOTHING' | 'BEGUN' | 'SCANNED' | 'ADDED';

async function step(
  client: RangeClient,
  table: RangedTable,
  { clockOffsetMs, ending, say }: PrepareOptions & Telling,
): Promise<Step> {
  if (!(await isAlone(client))) return 'NOTHING';
  const now = (await readClock(client)) + clockOffsetMs();
  const last = (await readRanges(client, table)).at(-1);
  if (last === undefined || last.to !== null) return 'NOTHING';
  const { closing } = last;
  const range = qualified(table, last.name);
  if (closing !== null && closing.at - now < CLOSED_BEFORE_MS / 2) {
    // It was left by a process that did not come back in time.
    await underLock(client, [range], () => dropClosing(client, table, last), ending);
    return 'BEGUN';
  }
  if (closing === null) {
    if (isAhead(last, now)) return 'NOTHING';
    const end = endOf(last, now);
    await underLock(client, [range], () => begin(client, table, last, end), ending);
    return 'BEGUN';
  }
  if (!closing.isValid) {
    await tellSize(client, table, last, say);
    await client.query(`ALTER TABLE ${range} VALIDATE CONSTRAINT ${CLOSING}`);
    return 'SCANNED';
  }
  await add(client, table, last, { at: closing.at, ending });
  return 'ADDED';
}

/** A small one is done before it is read. */
const TOLD_BYTES = 256 * 2 ** 20;

/** PostgreSQL does not say how far such a scan is: how much there is to read has to do. */
async function tellSize(
  client: RangeClient,
  table: RangedTable,
  { name }: Range,
  say: Telling['say'],
): Promise<void> {
  const range = qualified(table, name);
  const { rows } = await client.query<{ bytes: number; pretty: string }>(
    `SELECT pg_table_size('${range}')::float8 AS bytes, pg_size_pretty(pg_table_size('${range}')) AS pretty`,
  );
  const { bytes = 0, pretty = '' } = rows[0] ?? {};
  if (bytes < TOLD_BYTES) return;
  say(
    `Reading ${toldName(table, name)} once, ${pretty}, to close it at the end of a month. No call waits for it, and it may be interrupted.`,
  );
}

export async function readClock(client: RangeClient): Promise<Instant> {
  const { rows } = await client.query<{ now: number }>(
    'SELECT (extract(epoch FROM clock_timestamp()) * 1000)::float8 AS now',
  );
  return rows[0]?.now ?? Number.NaN;
}

/** The first beginning of a month that is far enough from now and from its own beginning. */
function endOf({ from }: Range, now: Instant): Instant {
  const earliest = Math.max(now + CLOSED_BEFORE_MS, (from ?? 0) + 1);
  return monthAfter(earliest - 1, 1);
}

/** No row can be later, so nothing is refused. What is there already is scanned by the next step, which calls do not wait for. */
async function begin(
  client: RangeClient,
  table: RangedTable,
  { name, from }: Range,
  at: Instant,
): Promise<void> {
  const start = from === null ? '' : `${table.key} >= ${table.literal(from)} AND `;
  await client.query(
    `ALTER TABLE ${qualified(table, name)} ADD CONSTRAINT ${CLOSING}
      CHECK (${start}${table.key} < ${table.literal(at)}) NOT VALID`,
  );
}

async function dropClosing(
  client: RangeClient,
  table: RangedTable,
  { name }: Range,
): Promise<void> {
  await client.query(`ALTER TABLE ${qualified(table, name)} DROP CONSTRAINT ${CLOSING}`);
}

/** The constraint proves where the last range ends, so that nothing is scanned while calls wait. */
async function add(
  client: RangeClient,
  table: RangedTable,
  last: Range,
  { at, ending }: { readonly at: Instant; readonly ending: AbortSignal },
): Promise<void> {
  const next = `${table.name}_from_${monthOf(at)}`;
  await createRange(client, table, next);
  const whole = qualified(table);
  const range = qualified(table, last.name);
  const from = last.from === null ? 'MINVALUE' : table.literal(last.from);
  const exchange = async () => {
    await client.query(`LOCK TABLE ONLY ${whole} IN ACCESS EXCLUSIVE MODE`);
    await client.query(`ALTER TABLE ${whole} DETACH PARTITION ${range}`);
    await client.query(
      `ALTER TABLE ${whole} ATTACH PARTITION ${range}
        FOR VALUES FROM (${from}) TO (${table.literal(at)})`,
    );
    await client.query(
      `ALTER TABLE ${whole} ATTACH PARTITION ${qualified(table, next)}
        FOR VALUES FROM (${table.literal(at)}) TO (MAXVALUE)`,
    );
    await dropClosing(client, table, last);
  };
  await underLock(client, [range], exchange, ending);
}

/** Like the table, but not yet a part of it. */
export async function createRange(
  client: RangeClient,
  table: RangedTable,
  name: string,
): Promise<void> {
  const whole = qualified(table);
  const range = qualified(table, name);
  await client.query(
    `CREATE TABLE ${range} (LIKE ${whole} INCLUDING DEFAULTS INCLUDING CONSTRAINTS
      INCLUDING INDEXES INCLUDING COMMENTS)`,
  );
  for (const statement of table.statements(range)) await client.query(statement);
  await client.query(`COMMENT ON TABLE ${range} IS 'A range of ${table.name}.'`);
  const owner = `SELECT pg_get_userbyid(relowner) AS owner, pg_get_userbyid(relowner) = current_user AS same
    FROM pg_class WHERE oid = '${whole}'::regclass`;
  const { rows } = await client.query<{ owner: string; same: boolean }>(owner);
  if (rows[0]?.same === false) {
    const owned = `"${rows[0].owner.replaceAll('"', '""')}"`;
    await client.query(`ALTER TABLE ${range} OWNER TO ${owned}`);
  }
}
