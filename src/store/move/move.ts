import type pg from 'pg';
import { checkServer, MigrationError } from '../check-server.js';
import type { Facts } from '../checks/server.js';
import { sqlName, toldName } from '../checks/table-names.js';
import { connectOnce, type DatabaseAddress } from '../database.js';
import { provesNoCommit, sqlStateOf } from '../failure.js';
import { migrate } from '../migrate.js';
import { MIGRATIONS, readMigrations } from '../migration-files.js';
import { isRecorded, isUpToDate } from '../migration-record.js';
import { endStatementsWithClient } from '../migration-session.js';
import { removeMoveRecord } from '../move-record.js';
import { placesOf } from '../placed.js';
import { readPlaces } from '../places/places-record.js';
import { copyRanges } from '../ranges/copy-ranges.js';
import { markTarget } from './mark-target.js';
import { filledTables, type MovedTable, readLetGo, readTables } from './moved-tables.js';
import { addedUp, insertRows, pagesOf, sumOf, type TableSum, type TextRow } from './table-rows.js';

/** Why nothing was moved, in a sentence that is meant to be shown. */
export class MoveError extends Error {
  override readonly name = 'MoveError';
}

export interface MoveOptions {
  readonly source: DatabaseAddress;
  readonly target: DatabaseAddress;
  /** What is moved, for those who find the target of a move that was interrupted. */
  readonly from: string;
  /** Both have as many. */
  readonly places: number;
  readonly connectTimeoutMs: number;
  readonly say: (sentence: string) => void;
  /** How many rows of all tables have been read. */
  readonly onRows: (rows: number, rowsTotal: number) => void;
  /** The target is complete and about to be committed: from now on, the end of the process leaves open whether it was. */
  readonly onCommit: () => void;
  /** It was not, for certain. */
  readonly onRollback: () => void;
  /** An earlier move was seen to be committed: the rows may have been used there since. */
  readonly wasCommitted: boolean;
}

export interface Moved {
  /** Null if they have not been compared: an earlier move has. */
  readonly rows: number | null;
  /** An earlier move had been committed. */
  readonly wasThere: boolean;
}

const STAY = 'Months that were let go are not moved, and stay where they are:';

/**
 * Copies every row to an empty database, in one transaction: until it is committed, the target has no rows, and a note that keeps gateways
 * from starting on it, whatever interrupts the move. The source is only read.
 */
export async function moveDatabase(options: MoveOptions): Promise<Moved> {
  const { source, target, connectTimeoutMs } = options;
  const from = await connectOnce(source, connectTimeoutMs);
  try {
    const tables = await tablesOf(from, options.places);
    const letGo = await readLetGo(from, placesOf(options.places));
    if (letGo.length > 0) options.say(`${STAY} ${letGo.join(', ')}.`);
    const to = await connectOnce(target, connectTimeoutMs);
    try {
      const facts = await checkServer(to, { embedded: false });
      const filled = await filledTables(to, tables);
      const count = await placesIn(to);
      if (filled.length === 0) {
        // One without customers can be divided; nothing else can be changed.
        if (count !== 1 && count !== options.places) throw otherTarget(count, options.places);
        return await copy({ from, to, tables, options }, facts);
      }
      if (options.wasCommitted) return { rows: null, wasThere: true };
      if (count !== options.places) throw notEmpty(filled);
      return await alreadyThere({ from, to, tables, options }, filled);
    } finally {
      // A broken connection has nothing to say any more.
      await to.end().catch(() => undefined);
    }
  } finally {
    await from.end();
  }
}

/** Both sides have the same tables, because both have all migrations of this release. */
async function tablesOf(from: pg.Client, places: number): Promise<MovedTable[]> {
  if (!(await isUpToDate(from, await readMigrations(MIGRATIONS)))) {
    throw new MigrationError(
      'The embedded database has not been brought up to date by this release. Run `npm run db:migrate` without DATABASE_URL first.',
    );
  }
  const count = await readPlaces(from);
  if (count !== places) throw otherSource(count, places);
  return readTables(from, placesOf(places));
}

async function placesIn(to: pg.Client): Promise<number> {
  return (await isRecorded(to)) ? readPlaces(to) : 1;
}

const inPlaces = (count: number) => (count === 1 ? 'one place' : `${count} places`);

function otherSource(count: number, places: number): MoveError {
  return new MoveError(
    `What is to be moved has its customers in ${inPlaces(count)}, and PLACES is ${places}. A move keeps their number. Set PLACES=${count}, ` +
      'for the gateway on the target as well.',
  );
}

function otherTarget(count: number, places: number): MoveError {
  return new MoveError(
    `The target is made for customers in ${inPlaces(count)}, and what is to be moved has them in ${inPlaces(places)}. Give a database that ` +
      'has no tables yet.',
  );
}

interface Move {
  readonly from: pg.Client;
  readonly to: pg.Client;
  readonly tables: readonly MovedTable[];
  readonly options: MoveOptions;
}

async function copy(move: Move, facts: Facts): Promise<Moved> {
  const { to, tables, options } = move;
  const { target, from, connectTimeoutMs, say, places } = options;
  await markTarget(to, { facts, migrations: await readMigrations(MIGRATIONS), from, say });
  await migrate({ address: target, connectTimeoutMs, say, warn: say, places, isMove: true });
  await to.query('BEGIN');
  try {
    await endStatementsWithClient(to);
    await lock(to, tables);
    await refuseFilled(to, tables);
    for (const place of placesOf(places)) await copyRanges(move.from, to, place);
    const read = await readAll(move, (table, rows) => insertRows(to, table, rows));
    say('Copied; comparing what the server has stored.');
    const differing = await differingTable(to, tables, read);
    if (differing !== null) {
      throw new MoveError(
        `The rows of ${differing} are not what they are in the source. Please report this.`,
      );
    }
    await removeMoveRecord(to);
    await commit(to, options);
    return { rows: rowsOf(read), wasThere: false };
  } catch (error) {
    await to.query('ROLLBACK').catch(() => undefined);
    throw error;
  }
}

async function refuseFilled(to: pg.Client, tables: readonly MovedTable[]): Promise<void> {
  const filled = await filledTables(to, tables);
  if (filled.length === 0) return;
  await to.query('ROLLBACK');
  throw await inUse(to, filled);
}

/** A gateway that was running there when a move began has filled the target since, and may be started there again. */
async function inUse(to: pg.Client, filled: readonly string[]): Promise<MoveError> {
  await removeMoveRecord(to);
  return notEmpty(filled);
}

async function commit(to: pg.Client, { onCommit, onRollback }: MoveOptions): Promise<void> {
  onCommit();
  try {
    await to.query('COMMIT');
  } catch (error) {
    if (!provesNoCommit(error)) throw unknown(error);
    onRollback();
    throw error;
  }
}

function unknown(cause: unknown): MoveError {
  const sentence = 'The connection was lost while the move was being committed.';
  const advice = 'Run the same command again: it finds out, and goes on from there.';
  return new MoveError(`${sentence} ${advice}`, { cause });
}

const LOCK_TIMEOUT_MS = 10_000;
const LOCK_TIMEOUT = '55P03';

/** Against gateways that have been started on the target too early, and other moves. */
async function lock(to: pg.Client, tables: readonly MovedTable[]): Promise<void> {
  await to.query(`SET LOCAL lock_timeout = ${LOCK_TIMEOUT_MS}`);
  const names = tables.map(sqlName).join(', ');
  try {
    await to.query(`LOCK TABLE ${names} IN SHARE ROW EXCLUSIVE MODE`);
  } catch (error) {
    if (sqlStateOf(error) !== LOCK_TIMEOUT) throw error;
    throw new MoveError(
      'Another session uses the tables of the target: stop the gateway that runs on it, or wait until the server notices that an ' +
        'interrupted move is gone.',
      { cause: error },
    );
  }
}

function notEmpty(filled: readonly string[]): MoveError {
  return new MoveError(
    `The target is not empty: ${filled.join(', ')} ${filled.length === 1 ? 'has' : 'have'} rows. Give an empty database; a move adds ` +
      'nothing to one that is in use.',
  );
}

/** Rows that are exactly those of the source are those of a move whose end was not seen. */
async function alreadyThere(move: Move, filled: readonly string[]): Promise<Moved> {
  const { to, tables, options } = move;
  const migrations = await readMigrations(MIGRATIONS);
  if (!(await isUpToDate(to, migrations, { isMove: true }))) throw notEmpty(filled);
  options.say('The target is not empty; comparing it with the source.');
  const read = await readAll(move, () => Promise.resolve());
  if ((await differingTable(to, tables, read)) !== null) throw await inUse(to, filled);
  return { rows: rowsOf(read), wasThere: true };
}

type Sums = ReadonlyMap<string, TableSum>;

async function readAll(
  { from, tables, options }: Move,
  onPage: (table: MovedTable, rows: readonly TextRow[]) => Promise<void>,
): Promise<Sums> {
  const total = await countRows(from, tables);
  const sums = new Map<string, TableSum>();
  let done = 0;
  for (const table of tables) {
    let sum: TableSum = { rows: 0, digest: 0n };
    for await (const rows of pagesOf(from, table)) {
      await onPage(table, rows);
      sum = addedUp(sum, rows);
      done += rows.length;
      options.onRows(done, total);
    }
    sums.set(toldName(table), sum);
  }
  return sums;
}

async function countRows(from: pg.Client, tables: readonly MovedTable[]): Promise<number> {
  let count = 0;
  for (const table of tables) {
    const text = `SELECT count(*)::text AS count FROM ${sqlName(table)}`;
    const { rows } = await from.query<{ count: string }>({ text, values: [] });
    count += Number(rows[0]?.count);
  }
  return count;
}

/** The first table that the server has with other rows than were read. */
async function differingTable(
  to: pg.Client,
  tables: readonly MovedTable[],
  read: Sums,
): Promise<string | null> {
  for (const table of tables) {
    const stored = await sumOf(to, table);
    const sum = read.get(toldName(table));
    if (stored.rows !== sum?.rows || stored.digest !== sum.digest) return toldName(table);
  }
  return null;
}

/** A server learns of many new rows by itself only after a minute. */
export async function analyzeTarget(
  target: DatabaseAddress,
  connectTimeoutMs: number,
): Promise<void> {
  const to = await connectOnce(target, connectTimeoutMs);
  try {
    await to.query('ANALYZE (SKIP_LOCKED)');
  } finally {
    await to.end().catch(() => undefined);
  }
}

function rowsOf(sums: Sums): number {
  return [...sums.values()].reduce((total, { rows }) => total + rows, 0);
}
