/** The figures by workload name, as stored in docs/benchmarks.json. */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Ratio, Row } from './figures.js';

/** Where and when a workload was measured: some may be newer than the rest, or from another machine. */
export interface RunFacts {
  readonly date: string;
  readonly machine: string;
  readonly node: string;
  readonly postgres: string;
  /** PostgreSQL's settings by name, as reported by the server. */
  readonly settings: Readonly<Record<string, string>>;
  readonly tollgate: string;
  readonly rounds: number;
  readonly seconds: number;
}

export interface StoredWorkload {
  readonly about: string;
  readonly run: RunFacts;
  readonly rows: readonly Row[];
  readonly ratios: readonly Ratio[];
  readonly remarks: readonly string[];
  readonly extra: Readonly<Record<string, number>>;
  /** The result of the audit of the database afterwards; null if there was none. */
  readonly audit: string | null;
}

export interface Results {
  readonly workloads: Readonly<Record<string, StoredWorkload>>;
}

const FILE = fileURLToPath(new URL('../../docs/benchmarks.json', import.meta.url));

/** The current results in the file; none if it is missing or malformed. */
export function readResults(): Results {
  return resultsIn(attempt(() => readFileSync(FILE, 'utf8')));
}

/** The last committed results, or those in the file if git cannot provide them. */
export function committedResults(): Results {
  const options = { cwd: fileURLToPath(new URL('.', import.meta.url)), encoding: 'utf8' } as const;
  const show = () =>
    execFileSync('git', ['show', 'HEAD:./../../docs/benchmarks.json'], {
      ...options,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
  const committed = attempt(show);
  return committed === null ? readResults() : resultsIn(committed);
}

export function writeResults(results: Results): void {
  writeFileSync(FILE, `${JSON.stringify(results, rounded, 2)}\n`);
}

/** More digits would only make diffs of the file longer. */
const DIGITS = 5;

function rounded(_key: string, value: unknown): unknown {
  return typeof value === 'number' && Number.isFinite(value)
    ? Number(value.toPrecision(DIGITS))
    : value;
}

/** Replaces the workloads that were measured, in the order of `names`, and keeps the others. */
export function merge(
  old: Results,
  measured: Readonly<Record<string, StoredWorkload>>,
  names: readonly string[],
): Results {
  const all = { ...old.workloads, ...measured };
  const entries = names.flatMap((name) => {
    const workload = all[name];
    return workload === undefined ? [] : [[name, workload] as const];
  });
  return { workloads: Object.fromEntries(entries) };
}

export function resultsIn(text: string | null): Results {
  const value: unknown = text === null ? null : attempt(() => JSON.parse(text));
  return isResults(value) ? value : { workloads: {} };
}

/** This program writes the file. A file from before there were workloads does not have any. */
function isResults(value: unknown): value is Results {
  return typeof value === 'object' && value !== null && 'workloads' in value;
}

function attempt<T>(read: () => T): T | null {
  try {
    return read();
  } catch {
    return null;
  }
}
