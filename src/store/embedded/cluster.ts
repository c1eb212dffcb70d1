import { existsSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { clusterIn, findCluster } from './cluster-folder.js';
import { FREE_BYTES_ENOUGH, freeBytes, identityOf, megabytes, sync, syncTree } from './disk.js';
import { EmbeddedError } from './embedded-error.js';
import { type Engine, type EngineOptions, startEngine } from './engine.js';

/** Written beside the compiled code by make-template.ts; there is none when running from the sources. */
export const TEMPLATE_PATH = fileURLToPath(new URL('./template.tar.gz', import.meta.url));

export interface Cluster {
  readonly engine: Engine;
  /** Where its files are. */
  readonly place: string;
  /** Ends the process if the path of the files leads elsewhere, because the engine opens them by their path. */
  checkPlace(): void;
}

/** Starts the database in a folder, creating it first if there is none. */
export async function openCluster({ folder, onCrash }: EngineOptions): Promise<Cluster> {
  const cluster = findCluster(folder) ?? (await createCluster({ folder, onCrash }));
  if (!existsSync(join(cluster, 'PG_VERSION'))) {
    // PGlite would create an empty database there and hide the loss.
    throw new Error(
      `${cluster} is not a complete database. Restore it from a backup, or remove it`,
    );
  }
  // The folder's lock ensures that no other process uses it, so whatever is in this one was left by a dead process.
  rmSync(join(cluster, 'postmaster.pid'), { force: true });
  const identity = identityOf(cluster);
  const engine = await start({ folder: cluster, onCrash });
  return {
    engine,
    place: cluster,
    checkPlace: () => {
      if (identityOf(cluster) === identity) return;
      onCrash(`its folder ${cluster} was moved, replaced or removed while it was in use`);
    },
  };
}

/** Starts the database in a folder and shuts it down: its log is replayed, and what cannot be started is noticed. */
export async function recover(folder: string): Promise<void> {
  const onCrash = (reason: string): never => {
    throw new Error(reason);
  };
  try {
    const engine = await start({ folder, onCrash });
    await engine.pg.query('SELECT count(*) FROM projects');
    await engine.close();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new EmbeddedError(`The database in the backup cannot be started: ${reason}.`, {
      cause: error,
    });
  }
}

async function start(options: EngineOptions): Promise<Engine> {
  return startEngine(options).catch((error: Error) => {
    throw new Error(adviceOn(error.message, options.folder), { cause: error });
  });
}

function adviceOn(message: string, cluster: string): string {
  const reason = message.replace(/^(FATAL|PANIC): +/, '');
  if (!/incompatible with server/.test(reason)) return `${reason}. Restore it from a backup`;
  const version = readFileSync(join(cluster, 'PG_VERSION'), 'utf8').trim().slice(0, 10);
  return `its files were written by PostgreSQL ${version}. Run the version of Tollgate that wrote them`;
}

/**
 * Created under another name until all of it is on disk, so that a crash at any moment leaves either
 * no database or a complete one. Below the folder and not beside it, because the folder may be the
 * mount point of a volume, which cannot be the target of a rename.
 */
async function createCluster({ folder, onCrash }: EngineOptions): Promise<string> {
  const cluster = clusterIn(folder);
  const free = freeBytes(folder);
  if (free < FREE_BYTES_ENOUGH) {
    const needed = megabytes(FREE_BYTES_ENOUGH);
    throw new Error(
      `a new database needs ${needed} of free disk space, and only ${megabytes(free)} are free`,
    );
  }
  const unfinished = `${cluster}.unfinished`;
  rmSync(unfinished, { recursive: true, force: true });
  const template = readTemplate();
  const engine = await startEngine({ folder: unfinished, onCrash, ...(template && { template }) });
  await engine.close();
  syncTree(unfinished);
  renameSync(unfinished, cluster);
  sync(folder);
  return cluster;
}

function readTemplate(): Blob | undefined {
  if (!existsSync(TEMPLATE_PATH)) return undefined;
  return new Blob([readFileSync(TEMPLATE_PATH)], { type: 'application/x-gzip' });
}
