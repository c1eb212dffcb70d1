/** The files of a database, as pg_basebackup copies them. */
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { SEGMENT } from './disk.js';
import { EmbeddedError } from './embedded-error.js';

export interface ClusterFiles {
  /** All of them, relative to the database's folder: some are empty, and must exist nevertheless. */
  readonly folders: readonly string[];
  readonly files: readonly string[];
  readonly bytes: number;
}

export const LOG = 'pg_wal';

/** The last to be copied: it says where the others are, as of the last checkpoint. */
const CONTROL = 'global/pg_control';

/** What is in them belongs to a running process. */
const EMPTIED = new Set([
  LOG,
  'pg_dynshmem',
  'pg_notify',
  'pg_replslot',
  'pg_serial',
  'pg_snapshots',
  'pg_stat_tmp',
  'pg_subtrans',
]);

const SKIPPED =
  /^(postmaster\.(pid|opts)|backup_label(\.old)?|tablespace_map(\.old)?|.*pg_internal\.init|.*pgsql_tmp.*)$/;

/** Without those of the log. */
export function filesOf(cluster: string): ClusterFiles {
  const folders: string[] = [];
  const files: string[] = [];
  let bytes = 0;
  const walk = (folder: string) => {
    for (const entry of readdirSync(join(cluster, folder), { withFileTypes: true })) {
      const name = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (SKIPPED.test(name)) continue;
      if (entry.isDirectory()) {
        folders.push(name);
        if (!EMPTIED.has(name)) walk(name);
      } else {
        files.push(name);
        bytes += statSync(join(cluster, name), { throwIfNoEntry: false })?.size ?? 0;
      }
    }
  };
  walk('');
  // PostgreSQL does not create it.
  folders.push(`${LOG}/archive_status`, `${LOG}/summaries`);
  const others = files.filter((name) => name !== CONTROL).toSorted();
  return { folders: folders.toSorted(), files: [...others, CONTROL], bytes };
}

/** The segments of the log from the first to the last, relative to the database's folder. Throws if one is missing. */
export function segmentsOf(cluster: string, first: string, last: string): string[] {
  const found = readdirSync(join(cluster, LOG))
    .filter((name) => SEGMENT.test(name) && name >= first && name <= last)
    .toSorted();
  const wanted = numberOf(last) - numberOf(first) + 1;
  if (found.length !== wanted) {
    throw new EmbeddedError(
      `The database could not be backed up: its log has ${found.length} of the ${wanted} segments that are needed. Run the command again.`,
    );
  }
  return found.map((name) => `${LOG}/${name}`);
}

/** 16 MB each, 256 of them in each 4 GB. */
function numberOf(segment: string): number {
  const part = (from: number) => Number.parseInt(segment.slice(from, from + 8), 16);
  return part(8) * 256 + part(16);
}

/** The segment in which recovery begins, from `backup_label`. */
export function firstSegmentOf(label: string): string {
  const [, segment] = /^START WAL LOCATION: .*\(file ([\dA-F]{24})\)$/m.exec(label) ?? [];
  if (segment === undefined) throw new Error('PostgreSQL gave a backup label without a segment');
  return segment;
}
