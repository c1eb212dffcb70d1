import { once } from 'node:events';
import { resolve } from 'node:path';
import type { Duplex } from 'node:stream';
import { MessageChannel, Worker } from 'node:worker_threads';
import { createFolder } from './disk.js';
import { lockFolder } from './folder-lock.js';
import { SessionStream } from './session-stream.js';
import type { WorkerReport, WorkerRequest } from './worker.js';

/**
 * PostgreSQL inside this process, for running Tollgate with nothing else installed. It is used
 * through the ordinary `pg` driver, so the store has one code path:
 *
 *     new Pool({ stream: database.stream, max: 1, ssl: false, connectionTimeoutMillis: 10_000 })
 *
 * There is one backend, so connections take turns: a second one waits until the first has ended.
 */
export interface EmbeddedDatabase {
  /** A connection, for pg's option of that name. */
  stream: () => Duplex;
  /** The database can't go on (a broken disk, a crash of the engine): end the process. */
  onFatal: (listener: (error: Error) => void) => void;
  /** Shuts down cleanly, then lets another process have the folder. */
  close(): Promise<void>;
}

/** Throws FolderInUseError when another process has the folder open. */
export async function openEmbeddedDatabase(options: { folder: string }): Promise<EmbeddedDatabase> {
  const folder = resolve(options.folder);
  createFolder(folder);
  const lock = await lockFolder({ folder });
  const worker = startWorker({ folder });
  const exited = new Promise<void>((done) => worker.once('exit', () => done()));
  try {
    await once(worker, 'message');
  } catch (cause) {
    await lock.release();
    throw new Error(`The embedded database in ${folder} could not be opened: ${text(cause)}`, {
      cause,
    });
  }

  const listeners: ((error: Error) => void)[] = [];
  let failure: Error | undefined;
  let closed: Promise<void> | undefined;
  const fail = (reason: string) => {
    if (failure) return;
    failure = new Error(
      `The embedded database in ${folder} stopped: ${reason}. What was acknowledged is on the ` +
        'disk; start again once the cause is gone.',
    );
    for (const listener of listeners) listener(failure);
  };
  worker.on('error', (error) => fail(text(error)));
  worker.on('exit', (code) => code !== 0 && fail(`its thread ended with code ${code}`));
  worker.on('message', (report: WorkerReport) => {
    if (report.kind === 'crash') fail(report.reason);
    if (report.kind === 'warning') process.emitWarning(report.message);
  });

  const send = (request: WorkerRequest) =>
    worker.postMessage(request, request.kind === 'session' ? [request.port] : []);
  const shutDown = async () => {
    send({ kind: 'close' });
    await exited;
    await lock.release();
  };
  return {
    stream: () => {
      const { port1, port2 } = new MessageChannel();
      // A worker that has ended takes no messages, and pg would wait for an answer for ever.
      if (failure !== undefined || closed !== undefined) port2.close();
      else send({ kind: 'session', port: port2 });
      return new SessionStream(port1);
    },
    onFatal: (listener) => {
      listeners.push(listener);
      if (failure) listener(failure);
    },
    close: () => {
      closed ??= shutDown();
      return closed;
    },
  };
}

function startWorker(workerData: { folder: string }): Worker {
  const built = import.meta.url.endsWith('.js');
  const script = built ? './worker.js' : './worker-from-sources.mjs';
  return new Worker(new URL(script, import.meta.url), {
    workerData,
    // Not the parent's, which may be a debugger's or a test runner's.
    execArgv: [],
    // PostgreSQL refuses what is nested too deeply when its own stack of 2 MB is full; with the
    // default of 4 MB V8's gives out first, and that is a crash instead of an error.
    resourceLimits: { stackSizeMb: 256 },
  });
}

function text(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
