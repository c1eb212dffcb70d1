import type { Buffer } from 'node:buffer';
import { setTimeout as delay } from 'node:timers/promises';
import type { Config } from '../config.js';
import { UnavailableError } from '../domain/unavailable.js';
import { EVERY_SCOPE } from '../meter/access/scopes.js';
import type { VerbContext } from '../meter/verb.js';
import { monotonicMs } from '../platform/clock.js';
import { type Interruption, interruption } from '../platform/shutdown.js';
import { argumentsOf, settingsOrHelp } from './arguments.js';
import { type Line, linesOf } from './import/lines.js';
import { checkedName, keysOf, nameOfFile } from './import/name.js';
import { durationOf, type Progress, thousands, watchProgress } from './import/progress.js';
import { type KeyOf, type ReadLine, readLine } from './import/read-line.js';
import { createReport, type Report } from './import/report.js';
import { openSource, type Source } from './import/source.js';
import { ImportWindow, type LineOutcome } from './import/window.js';
import { openQuietly } from './open.js';
import { projectGiven } from './project-given.js';
import { CommandError, runCommand } from './run.js';

const USAGE = `Usage:
  npm run import -- FILE [--project NAME] [--name NAME] [--report FILE]

Records the usage events of a file, one JSON object on each line, with the fields of BalancesTrackInput. FILE is - for
standard input. Lines without an idempotencyKey get one from the name of the import and their number, so that after
an interruption the same command goes on: what has been recorded is not recorded again. Refused lines are listed in
FILE.refused.jsonl or the --report. The gateway may be running, unless it uses the embedded database.`;

interface Given {
  readonly path: string;
  readonly project: string | undefined;
  readonly name: string | undefined;
  readonly report: string;
}

/** A queue of its own, in front of which the window of lines is the limit. */
const QUEUE = { queueItemsMax: 1_000_000, queueWaitMaxMs: 600_000 } as const;

/** Imports a file. The exit code is 1 if lines were refused, and that of the signal if it was interrupted. */
async function importLines(config: Config): Promise<void> {
  const given = parsed();
  const source = await openSource(given.path);
  try {
    const name = await nameOf(given, source);
    const { store, writeQueue, close } = await openQuietly({ ...config, ...QUEUE });
    try {
      const project = await projectGiven(store, given.project);
      const report = await createReport(given.report);
      const caller = { projectId: project.id, scopes: EVERY_SCOPE };
      const stopped = interruption();
      const run = { source, report, keyOf: keysOf(name), stopped, tally: newTally() };
      const startedAt = monotonicMs();
      await recordAll({ caller, store, writeQueue }, run).finally(() => report.close());
      summarize(run, {
        given,
        project: project.name,
        seconds: (monotonicMs() - startedAt) / 1_000,
      });
    } finally {
      await close();
    }
  } finally {
    await source.close();
  }
}

function parsed(): Given {
  const { positionals, values } = argumentsOf(USAGE, {
    allowPositionals: true,
    options: {
      project: { type: 'string' },
      name: { type: 'string' },
      report: { type: 'string' },
    },
  });
  const [path, ...more] = positionals;
  if (path === undefined || path === '' || more.length > 0) throw new CommandError(USAGE);
  const { project, name, report } = values;
  if (name !== undefined) checkedName(name);
  const reported = path === '-' ? `${name}.refused.jsonl` : `${path}.refused.jsonl`;
  return { path, project, name, report: report ?? reported };
}

async function nameOf({ path, name }: Given, { content }: Source): Promise<string> {
  if (name !== undefined) return name;
  if (content !== null) return nameOfFile(path, content);
  throw new CommandError(
    'Standard input has no name: add one with --name, and use it again to go on after an interruption.',
  );
}

interface Tally {
  /** Blank ones included. */
  lines: number;
  bytes: number;
  recorded: number;
  replayed: number;
}

function newTally(): Tally {
  return { lines: 0, bytes: 0, recorded: 0, replayed: 0 };
}

interface Run {
  readonly source: Source;
  readonly report: Report;
  readonly keyOf: KeyOf;
  readonly stopped: Interruption;
  readonly tally: Tally;
}

async function recordAll(ctx: VerbContext, run: Run): Promise<void> {
  const { source, tally, stopped, keyOf } = run;
  const { signal: stop } = stopped;
  const bytesTotal = source.content?.bytes ?? null;
  const progress = watchProgress({ bytesTotal }, () => tally);
  const window = new ImportWindow({
    ctx,
    ...said(progress),
    onOutcome: (line, outcome) => count(run, line, outcome),
    wait: (ms) => delay(ms, undefined, { signal: stop }).catch(() => undefined),
    monotonicMs,
    stop,
  });
  try {
    for await (const lines of linesOf(counted(source.chunks(stop), tally))) {
      for (const line of lines) {
        if (stop.aborted) break;
        tally.lines += 1;
        const isFull = added(window, line, readLine(line, keyOf));
        if (isFull !== null) await isFull;
      }
    }
    await window.drain();
  } catch (error) {
    if (!(error instanceof UnavailableError)) throw error;
    throw new CommandError(`${error.message} Run the same command again to go on.`, {
      cause: error,
    });
  } finally {
    progress.end();
  }
}

/** As `ImportWindow.add`. */
function added(window: ImportWindow, line: Line, read: ReadLine): Promise<void> | null {
  if (read.kind === 'REFUSED') return window.addRefused(line.number, read.refused);
  if (read.kind === 'BLANK') return null;
  return window.add(line.number, line.bytes?.length ?? 0, read.input);
}

function said(progress: Pick<Progress, 'say'>) {
  return {
    onTrouble: (error: Error) => progress.say(`Waiting: ${error.message}`),
    onRecovery: () => progress.say('Going on.'),
  };
}

async function* counted(chunks: AsyncIterable<Buffer>, tally: Tally): AsyncGenerator<Buffer> {
  for await (const chunk of chunks) {
    tally.bytes += chunk.length;
    yield chunk;
  }
}

function count({ report, tally }: Run, line: number, outcome: LineOutcome): Promise<void> | null {
  if (outcome.kind === 'REFUSED') return report.add(line, outcome.refused);
  if (outcome.kind === 'RECORDED') tally[outcome.replayed ? 'replayed' : 'recorded'] += 1;
  return null;
}

interface About {
  readonly given: Given;
  readonly project: string;
  readonly seconds: number;
}

/** Says what was done, on stdout, and sets the exit code. */
function summarize({ report, source, stopped, tally }: Run, about: About): void {
  const { given, project, seconds } = about;
  const { lines, recorded, replayed } = tally;
  const refused = [...report.counts.values()].reduce((sum, count) => sum + count, 0);
  const rate = thousands(Math.round((recorded + replayed) / Math.max(seconds, 0.001)));
  console.log(
    `${thousands(recorded)} usage events recorded in the project "${project}", ${thousands(replayed)} had been ` +
      `recorded before, ${thousands(refused)} of ${thousands(lines)} lines refused, in ${durationOf(seconds)} (${rate}/s).`,
  );
  if (refused > 0) {
    const codes = [...report.counts].map(([code, count]) => `${thousands(count)} ${code}`);
    console.log(`Refused: ${codes.join(', ')}. ${report.path} lists each with its line number.`);
    process.exitCode = 1;
  }
  if (source.hasChanged()) {
    console.log(`${given.path} was changed while it was read: compare what was recorded.`);
    process.exitCode = 1;
  }
  const interrupted = stopped.exitCode();
  if (interrupted === null) return;
  console.log(
    'Interrupted. Run the same command again to go on: what has been recorded is not recorded again.',
  );
  process.exitCode = interrupted;
}

await runCommand(importLines, settingsOrHelp(USAGE));
