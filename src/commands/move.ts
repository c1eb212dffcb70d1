import { hostname } from 'node:os';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { type Config, loadConfigFor } from '../config.js';
import { UnavailableError } from '../domain/unavailable.js';
import { monotonicMs, wallClockMs } from '../platform/clock.js';
import { unwritable } from '../platform/file-trouble.js';
import { interruption } from '../platform/shutdown.js';
import { MigrationError } from '../store/check-server.js';
import { clusterToUse } from '../store/embedded/cluster-folder.js';
import {
  type EmbeddedDatabase,
  openEmbeddedDatabase,
} from '../store/embedded/embedded-database.js';
import { FolderInUseError } from '../store/embedded/folder-lock.js';
import { readMark, refuseMoved, removeMark, writeMark } from '../store/embedded/moved-mark.js';
import { failureOf, messageOf } from '../store/failure.js';
import { analyzeTarget, type Moved, MoveError, moveDatabase } from '../store/move/move.js';
import { placesOf } from '../store/placed.js';
import { openStore } from '../store/store.js';
import { argumentsOf, settingsOrHelp } from './arguments.js';
import { AUDIT_STATEMENT_TIMEOUT_MS, auditAll } from './audit-all.js';
import { locationOf, sentenceAbout } from './database-trouble.js';
import { createProgress, thousands } from './import/progress.js';
import { runningOn } from './open.js';
import { CommandError, runCommand } from './run.js';

const USAGE = `Usage:
  npm run move -- postgresql://user:password@host:5432/database
  DATABASE_URL=postgresql://... npm run move

Copies everything from the embedded database in DATA_DIR to an empty database of a PostgreSQL, and compares and audits it there. Stop the
gateway first. The second form keeps the password out of what npm prints. If it is interrupted, run the same command again.`;

const CONNECT_TIMEOUT_MS = 10_000;

interface Move {
  readonly folder: string;
  readonly connectionString: string;
  readonly places: number;
  /** For messages. */
  readonly place: string;
  /** What Ctrl-C does from now on, or at once if it has been pressed before. */
  whenStopped(act: () => void): void;
  /** Ends the process at once, with the exit code of the signal. */
  quit(sentence: string): void;
}

/** Moves the embedded database. The exit code is 1 if balances are damaged, and that of the signal if it was interrupted. */
async function moveAll(config: Config): Promise<void> {
  const { positionals } = argumentsOf(USAGE, { allowPositionals: true });
  const { database, dataFolder: folder, places } = config;
  if (database.kind === 'EMBEDDED' || positionals.length > 1) throw new CommandError(USAGE);
  const { connectionString } = database;
  const place = locationOf(connectionString);
  refuseOther(folder, place);
  const move = { folder, connectionString, places, place, ...interruptions() };
  // Whatever is in progress before the commit can be given up at any moment, as after a crash.
  move.whenStopped(() => move.quit(stateOf(folder)));
  const source = await opened(folder);
  try {
    const outcome = await moved(source, move);
    tell(move, outcome);
    move.whenStopped(() => move.quit(NOT_AUDITED));
  } catch (error) {
    throw explained(error, move);
  } finally {
    await source.close();
  }
  await audited(move);
  writeMark(folder, 'MOVED', place);
  console.log(`Next: start the gateway with DATABASE_URL set to the address of ${place}.`);
}

function interruptions(): Pick<Move, 'whenStopped' | 'quit'> {
  const stopped = interruption();
  let act: () => void = () => undefined;
  stopped.signal.addEventListener('abort', () => act());
  return {
    whenStopped(next) {
      act = next;
      if (stopped.signal.aborted) next();
    },
    quit(sentence) {
      // Where the bar is.
      if (process.stderr.isTTY) process.stderr.write('\r\x1b[K');
      console.error(`Interrupted. ${sentence}`);
      process.exit(stopped.exitCode() ?? 1);
    },
  };
}

const COMMITTING =
  'The move is being committed, and ends once that is known. Ctrl-C again ends it now, and leaves open whether it was committed.';

const NOT_AUDITED = 'Everything was moved, but not audited to the end. Run the same command again.';

/** And which command goes on. */
function stateOf(folder: string): string {
  switch (readMark(folder)?.state) {
    case undefined:
      return `Nothing was moved, and ${folder} is as it was. Run the same command again, or go on there.`;
    case 'MOVING':
      return 'It is not known whether the move was committed. Run the same command again to find out.';
    default:
      return NOT_AUDITED;
  }
}

/** A move whose end was not seen can be run again to the same place only: that may have everything already. */
function refuseOther(folder: string, place: string): void {
  const mark = readMark(folder);
  if (mark === null || mark.state === 'MOVED' || mark.to !== place) refuseMoved(folder);
}

async function opened(folder: string): Promise<EmbeddedDatabase> {
  if (clusterToUse(folder) === null) {
    throw new CommandError(
      `There is no database in ${folder}. Set DATA_DIR to the folder of the one to move.`,
    );
  }
  try {
    const source = await openEmbeddedDatabase({ folder });
    source.onFatal((error) => {
      console.error(error.message);
      process.exit(1);
    });
    return source;
  } catch (error) {
    if (!(error instanceof FolderInUseError)) throw error;
    const advice =
      'Stop it with Ctrl-C, and run this command again; what it would record meanwhile would be lost.';
    throw new CommandError(`${runningOn(error)} ${advice}`, { cause: error });
  }
}

async function moved(source: EmbeddedDatabase, move: Move): Promise<Moved> {
  const { folder, connectionString, places, place } = move;
  let progress: ReturnType<typeof createProgress> | undefined;
  const say = (sentence: string) =>
    progress === undefined ? console.error(sentence) : progress.say(sentence);
  try {
    const outcome = await moveDatabase({
      source: { stream: source.stream },
      target: { connectionString },
      from: sourceOf(folder),
      places,
      connectTimeoutMs: CONNECT_TIMEOUT_MS,
      say,
      onRows: (rows, rowsTotal) => {
        progress ??= createProgress({
          output: process.stderr,
          bytesTotal: rowsTotal,
          monotonicMs,
          noun: 'rows',
        });
        progress.tick({ lines: rows, bytes: rows });
      },
      onCommit: () => {
        move.whenStopped(() => say(COMMITTING));
        writeMark(folder, 'MOVING', place);
      },
      onRollback: () => {
        removeMark(folder);
        move.whenStopped(() => move.quit(stateOf(folder)));
      },
      wasCommitted: readMark(folder)?.state === 'COMMITTED',
    });
    writeMark(folder, 'COMMITTED', place);
    return outcome;
  } finally {
    progress?.end();
  }
}

/** For those who find the target of a move that was not completed. */
function sourceOf(folder: string): string {
  const at = new Date(wallClockMs()).toISOString();
  return `the embedded database in ${resolve(folder)} on ${hostname()}, at ${at}`;
}

function tell({ folder, place }: Move, { rows, wasThere }: Moved): void {
  const all = rows === null ? 'the' : `all ${thousands(rows)}`;
  const what = wasThere
    ? `${place} has ${all} rows of ${folder} from an earlier move`
    : `${thousands(rows ?? 0)} rows were moved from ${folder} to ${place}, and are the same there`;
  console.log(
    `${what}. No gateway starts on ${folder} any more, unless you remove moved.json there.`,
  );
}

/** Until this has ended, the mark says so: whatever ends the command, the next one audits. */
async function audited({ connectionString, places, place }: Move): Promise<void> {
  // Only statistics; what is wrong with the connection, the audit says.
  await analyzeTarget({ connectionString }, CONNECT_TIMEOUT_MS).catch(() => undefined);
  try {
    await auditTarget(connectionString, places);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const { cause } = error;
    const reason = error instanceof UnavailableError && cause instanceof Error ? cause : error;
    const sentence = `${place} could not be audited: ${messageOf(reason).replace(/\.$/, '')}.`;
    throw new CommandError(`${sentence} ${NOT_AUDITED}`, { cause: error });
  }
}

/** Of the copy, whose rows are those of the source: damage that it finds was there before. */
async function auditTarget(connectionString: string, places: number): Promise<void> {
  const store = openStore({
    address: { connectionString },
    poolMax: 2,
    readPoolMax: 1,
    acquireTimeoutMs: CONNECT_TIMEOUT_MS,
    statementTimeoutMs: AUDIT_STATEMENT_TIMEOUT_MS,
    clockOffsetMs: () => 0,
    onIdleError: () => undefined,
    places: placesOf(places),
  });
  try {
    await auditAll(store, null);
  } finally {
    await store.close();
  }
}

function explained(error: unknown, { folder, connectionString, place }: Move): unknown {
  if (!(error instanceof Error) || error instanceof CommandError) return error;
  const sentence = sentenceOf(error, connectionString, place);
  return sentence === null
    ? error
    : new CommandError(`${sentence} ${stateOf(folder)}`, { cause: error });
}

function sentenceOf(error: Error, connectionString: string, place: string): string | null {
  if (error instanceof MoveError || error instanceof MigrationError) return error.message;
  if ('syscall' in error && 'path' in error) return unwritable(String(error.path), error);
  if (failureOf(error) !== 'CONNECTION_LOST') return sentenceAbout(error, connectionString);
  return `The connection to ${place} was lost: ${error.message.replace(/\.$/, '')}.`;
}

/** The address may be an argument, in place of the setting. */
function load() {
  const { positionals } = parseArgs({ strict: false, allowPositionals: true });
  return loadConfigFor(positionals[0]);
}

await runCommand(moveAll, settingsOrHelp(USAGE, load));
