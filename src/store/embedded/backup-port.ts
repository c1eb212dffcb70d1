import { once } from 'node:events';
import type { MessagePort } from 'node:worker_threads';
import type { BackupEnd, BackupReply, BackupRequest } from './base-backup.js';
import { EmbeddedError } from './embedded-error.js';

/** A backup in progress of a database that goes on. Rejects with a message that is meant to be shown. */
export interface BaseBackup {
  /** From now on, what is copied of the files can be mended by the log. */
  begin(): Promise<void>;
  /** All files have been copied except for the log, which is kept until the release. */
  end(): Promise<BackupEnd>;
  /** The log has been copied. Rejects if it may have been recycled meanwhile, also by another process: this one has stopped. */
  confirm(): Promise<void>;
  release(): void;
}

/** Leads to the engine, whether it is in this process or not. */
export interface BackupChannel {
  ask(request: BackupRequest): Promise<BackupReply>;
  release(): void;
}

export function channelThrough(port: MessagePort): BackupChannel {
  return {
    ask: async (request) => {
      const reply = once(port, 'message').then(([message]: BackupReply[]) => message ?? STOPPED);
      const stopped = once(port, 'close').then(() => STOPPED);
      port.postMessage(request);
      return Promise.race([reply, stopped]);
    },
    release: () => port.close(),
  };
}

export function backupOf({ ask, release }: BackupChannel): BaseBackup {
  const expect = async <Kind extends BackupReply['kind']>(request: BackupRequest, kind: Kind) => {
    const reply = await ask(request);
    if (isOf(reply, kind)) return reply;
    const reason = reply.kind === 'failed' ? reply.reason : `the answer was "${reply.kind}"`;
    throw new EmbeddedError(`The database could not be backed up: ${reason}.`);
  };
  return {
    begin: async () => void (await expect('begin', 'begun')),
    end: async () => (await expect('end', 'ended')).end,
    confirm: async () => void (await expect('confirm', 'confirmed')),
    release,
  };
}

export const STOPPED: BackupReply = {
  kind: 'failed',
  reason: 'the process that has it open stopped meanwhile; run the command again',
};

function isOf<Kind extends BackupReply['kind']>(
  reply: BackupReply,
  kind: Kind,
): reply is Extract<BackupReply, { kind: Kind }> {
  return reply.kind === kind;
}
