import { existsSync } from 'node:fs';
import type { Socket } from 'node:net';
import { resolve } from 'node:path';
import type { Duplex } from 'node:stream';
import { MessageChannel, Worker } from 'node:worker_threads';
import { type BackupChannel, channelThrough } from './backup-port.js';
import { clusterIn } from './cluster-folder.js';
import { createControl } from './control.js';
import { createFolder } from './disk.js';
import { EmbeddedError, folderError } from './embedded-error.js';
import { lockFolder } from './folder-lock.js';
import { SessionStream } from './session-stream.js';
import type { WorkerReport, WorkerRequest } from './worker.js';

/**
 * PostgreSQL inside this process, for running Tollgate without installing anything else. It is used
 * through the ordinary `pg` driver, so the store has one code path:
 *
 *     new Pool({ stream: database.stream, max: 1, ssl: false, connectionTimeoutMillis: 10_000 })
 *
 * There is one backend, so connections take turns: a second one waits until the first has ended.
 * Nothing interrupts it: PostgreSQL's timeouts and cancellation have no effect.
 */
export interface EmbeddedDatabase {
  /** A connection, for pg's option of that name. */
  stream: () => Duplex;
  /** The database cannot continue (a broken disk, a crash of the engine): end the process. */
  onFatal: (listener: (error: Error) => void) => void;
  /** A backup of its files while it goes on. Other processes get one through the lock of the folder. */
  backUp(): BackupChannel;
  /** Shuts down cleanly, then releases the folder for other processes. */
  close(): Promise<void>;
}

/** Throws FolderInUseError when another process has the folder open. */
export async function openEmbeddedDatabase(options: { folder: string }): Promise<EmbeddedDatabase> {
  const folder = resolve(options.folder);
  try {
    createFolder(folder);
  } catch (error) {
    throw folderError(folder, error);
  }
  const backUp = () => {
    const { port1, port2 } = new MessageChannel();
    if (over) port2.close();
    else send(worker, { kind: 'backup', port: port2 });
    return channelThrough(port1);
  };
  const control = createControl({ folder, backUp });
  const locks = await lockDatabase(folder, control.accept);
  control.open();
  let over = false;
  const worker = startWorker({ folder });
  const { ready, failed, exited } = watch(worker);
  const obstacle = await Promise.race([ready, failed]);
  if (obstacle) {
    control.close();
    await locks.release();
    throw new EmbeddedError(
      `The embedded database in ${folder} could not be opened: ${obstacle.message}.`,
      { cause: obstacle },
    );
  }

  const fatal = failed.then((cause) => {
    over = true;
    const sentence = `The embedded database in ${folder} stopped: ${cause.message}.`;
    const advice = 'What was acknowledged is on disk; restart once the cause is fixed.';
    return new EmbeddedError(`${sentence} ${advice}`, { cause });
  });
  const shutDown = async () => {
    over = true;
    control.close();
    send(worker, { kind: 'close' });
    await exited;
    await locks.release();
  };
  try {
    await locks.lockCluster();
  } catch (error) {
    await shutDown();
    throw error;
  }
  let closed: Promise<void> | undefined;
  return {
    stream: () => {
      const { port1, port2 } = new MessageChannel();
      // A worker that has ended receives no messages, and pg would wait for an answer forever.
      if (over) port2.close();
      else send(worker, { kind: 'session', port: port2 });
      return new SessionStream(port1);
    },
    onFatal: (listener) => void fatal.then(listener),
    backUp,
    close: () => {
      closed ??= shutDown();
      return closed;
    },
  };
}

/** The database itself is locked as well, because another data folder may lead to it, too. */
async function lockDatabase(folder: string, onConnection: (socket: Socket) => void) {
  const cluster = clusterIn(folder);
  const locks = [await lockFolder({ folder, onConnection })];
  const release = async () => {
    for (const lock of locks.splice(0)) await lock.release();
  };
  /** A new one is locked once it is there: until then, the lock of the folder is sufficient. */
  const lockCluster = async () => {
    if (locks.length > 1 || !existsSync(cluster)) return;
    locks.push(await lockFolder({ folder: cluster }));
  };
  try {
    await lockCluster();
  } catch (error) {
    await release();
    throw error;
  }
  return { lockCluster, release };
}

/** `failed` is fulfilled, with the first reason, when the worker ends without having been asked to. */
function watch(worker: Worker) {
  const ready = new Promise<void>((resolve) => {
    worker.once('message', (report: WorkerReport) => report.kind === 'ready' && resolve());
  });
  const exited = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
  const failed = new Promise<Error>((resolve) => {
    worker.on('message', (report: WorkerReport) => {
      if (report.kind === 'crash') resolve(new Error(report.reason));
      if (report.kind === 'warning') process.emitWarning(report.message);
    });
    worker.on('error', resolve);
    worker.on('exit', (code) => code !== 0 && resolve(new Error(`its thread exited with ${code}`)));
  });
  return { ready, failed, exited };
}

function send(worker: Worker, request: WorkerRequest): void {
  worker.postMessage(request, request.kind === 'close' ? [] : [request.port]);
}

function startWorker(workerData: { folder: string }): Worker {
  const built = import.meta.url.endsWith('.js');
  const script = built ? './worker.js' : './worker-from-sources.mjs';
  return new Worker(new URL(script, import.meta.url), {
    workerData,
    // Not the parent's options, which may come from a debugger or a test runner.
    execArgv: [],
    // PostgreSQL refuses what is nested too deeply by measuring a stack that, compiled to
    // WebAssembly, it hardly uses. The recursion takes V8's stack, and overrunning that is a crash: with
    // the default of 4 MB, at about 20,000 levels of JSON; with this, at more than a million.
    resourceLimits: { stackSizeMb: 256 },
  });
}
