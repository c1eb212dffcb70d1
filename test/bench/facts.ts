/** The machine and the versions of a run. */
import { readFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import type { Options } from './arguments.js';
import type { RunFacts } from './results.js';

export function runFacts(
  { rounds, seconds }: Options,
  server: Pick<RunFacts, 'postgres' | 'settings'>,
): RunFacts {
  const gibibytes = Math.round(totalmem() / 2 ** 30);
  return {
    date: new Date().toISOString().slice(0, 10),
    machine: `${cpus().length} cores of ${cpus()[0]?.model ?? 'unknown'}, ${gibibytes} GiB`,
    node: process.version,
    ...server,
    tollgate: versionIn(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')),
    rounds,
    seconds,
  };
}

function versionIn(manifest: string): string {
  const { version } = JSON.parse(manifest) as { readonly version: string };
  return version;
}
