/** The engine's side of a base backup: its files are copied while they change, and the log that is kept meanwhile mends the copy. */
import type { MessagePort } from 'node:worker_threads';
import type { Engine } from './engine.js';

export type BackupRequest = 'begin' | 'end';

export type BackupReply =
  | { readonly kind: 'begun' }
  | { readonly kind: 'ended'; readonly end: BackupEnd }
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

type State = 'BEGUN' | 'ENDED' | 'FAILED';

export function createBaseBackups({ engine, logBytes, whenIdle }: BaseBackupsOptions): BaseBackups {
  const { pg } = engine;
  let current: { readonly port: MessagePort; state: State } | null = null;

  const begin = async (port: MessagePort): Promise<BackupReply> => {
    if (current !== null) return { kind: 'failed', reason: 'another backup is in progress' };
    // Writes a checkpoint, without which much of the log would have to be kept.
    await pg.exec("SELECT pg_backup_start('tollgate', true)");
    current = { port, state: 'BEGUN' };
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
    if (current.state === 'FAILED') return { kind: 'failed', reason: TOO_MUCH };
    const stopped = await stop();
    current.state = 'ENDED';
    return stopped === undefined
      ? { kind: 'failed', reason: 'the engine gave no end' }
      : { kind: 'ended', end: stopped };
  };

  const release = async (port: MessagePort) => {
    if (current?.port !== port) return;
    if (current.state !== 'ENDED') await stop();
    current = null;
  };

  const answer = async (port: MessagePort, request: BackupRequest) => {
    const reply = await (request === 'begin' ? begin(port) : end(port)).catch(failedBecause);
    port.postMessage(reply);
  };

  return {
    serve: (port) => {
      port.on('message', (request: BackupRequest) => whenIdle(() => answer(port, request)));
      port.on('close', () => whenIdle(() => release(port)));
    },
    mayRecycle: () => {
      if (current === null) return true;
      if (logBytes() < KEPT_LOG_BYTES_MAX) return false;
      if (current.state === 'BEGUN') current.state = 'FAILED';
      return true;
    },
  };
}

const TOO_MUCH =
  'more than 1 GB was written to the database meanwhile; try again at a quieter time, or with a file on a faster disk';

function failedBecause(error: unknown): BackupReply {
  return { kind: 'failed', reason: error instanceof Error ? error.message : String(error) };
}
