/** The engine's side of a base backup: its files are copied while they change, and the log that is kept meanwhile mends the copy. */
import type { MessagePort } from 'node:worker_threads';
import type { Engine } from './engine.js';

export type BackupRequest = 'begin' | 'end' | 'confirm';

export type BackupReply =
  | { readonly kind: 'begun' }
  | { readonly kind: 'ended'; readonly end: BackupEnd }
  | { readonly kind: 'confirmed' }
  | { readonly kind: 'failed'; readonly reason: string };

/** What has to be added to the copied files. */
export interface BackupEnd {
  /** The content of the file `backup_label`, from which recovery knows where to begin. */
  readonly label: string;
  /** The last segment of the log without which the copy is not consistent. */
  readonly lastSegment: string;
}

/** How much log a backup may keep from being recycled: it takes disk space, and a crash has to replay it. */
export const KEPT_LOG_BYTES_MAX = 2 ** 30;

export interface BaseBackups {
  /** Answers the requests of one backup, until its port is closed. */
  serve(port: MessagePort): void;
  /** Whether a checkpoint may recycle the log. A backup that has kept too much of it fails. */
  mayRecycle(): boolean;
}

export interface BaseBackupsOptions {
  readonly engine: Pick<Engine, 'pg'>;
  /** How much log there is on the disk. */
  readonly logBytes: () => number;
  /** Runs work between two transactions. */
  readonly whenIdle: (work: () => Promise<void>) => void;
}

interface Current {
  readonly port: MessagePort;
  isEnded: boolean;
  /** Log that it needs may have been recycled. */
  isFailed: boolean;
}

export function createBaseBackups({ engine, logBytes, whenIdle }: BaseBackupsOptions): BaseBackups {
  const { pg } = engine;
  let current: Current | null = null;

  const begin = async (port: MessagePort): Promise<BackupReply> => {
    if (current !== null) return { kind: 'failed', reason: 'another backup is in progress' };
    // Writes a checkpoint, without which much of the log would have to be kept.
    await pg.exec("SELECT pg_backup_start('tollgate', true)");
    current = { port, isEnded: false, isFailed: false };
    return { kind: 'begun' };
  };

  const stop = async () => {
    const { rows } = await pg.query<BackupEnd>(
      `SELECT labelfile AS label, pg_walfile_name(lsn) AS "lastSegment" FROM pg_backup_stop(false)`,
    );
    return rows[0];
  };

  const end = async (port: MessagePort): Promise<BackupReply> => {
    if (current?.port !== port) return { kind: 'failed', reason: 'it has not been begun' };
    if (current.isFailed) return { kind: 'failed', reason: TOO_MUCH };
    const stopped = await stop();
    current.isEnded = true;
    return stopped === undefined
      ? { kind: 'failed', reason: 'the engine gave no end' }
      : { kind: 'ended', end: stopped };
  };

  /** That the log which has been copied since the end was kept until now. */
  const confirm = (port: MessagePort): BackupReply => {
    if (current?.port !== port || !current.isEnded) return { kind: 'failed', reason: NOT_ENDED };
    return current.isFailed ? { kind: 'failed', reason: TOO_MUCH } : { kind: 'confirmed' };
  };

  const release = async (port: MessagePort) => {
    if (current?.port !== port) return;
    if (!current.isEnded) await stop();
    current = null;
  };

  const replyTo = async (port: MessagePort, request: BackupRequest): Promise<BackupReply> => {
    if (request === 'begin') return begin(port);
    return request === 'end' ? end(port) : confirm(port);
  };

  const answer = async (port: MessagePort, request: BackupRequest) => {
    port.postMessage(await replyTo(port, request).catch(failedBecause));
  };

  return {
    serve: (port) => {
      port.on('message', (request: BackupRequest) => whenIdle(() => answer(port, request)));
      port.on('close', () => whenIdle(() => release(port)));
    },
    mayRecycle: () => {
      if (current === null) return true;
      if (logBytes() < KEPT_LOG_BYTES_MAX) return false;
      current.isFailed = true;
      return true;
    },
  };
}

const NOT_ENDED = 'it has not been ended';

const TOO_MUCH =
  'more than 1 GB was written to the database meanwhile; try again at a quieter time, or with a file on a faster disk';

function failedBecause(error: unknown): BackupReply {
  return { kind: 'failed', reason: error instanceof Error ? error.message : String(error) };
}
