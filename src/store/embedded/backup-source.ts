import type { Socket } from 'node:net';
import { type BackupChannel, type BaseBackup, backupOf, STOPPED } from './backup-port.js';
import { filesOf } from './cluster-files.js';
import { clusterToUse } from './cluster-folder.js';
import { isProof, linesFrom, proofOf, readToken, replySchema, tell } from './control-words.js';
import { openEmbeddedDatabase } from './embedded-database.js';
import { EmbeddedError } from './embedded-error.js';
import { FolderInUseError, reachHolder } from './folder-lock.js';

/** A database to be backed up, whether another process has it open or not. */
export interface BackupSource {
  /** Where its files are. */
  readonly place: string;
  /** Their size, without that of the log. */
  readonly bytes: number;
  readonly backup: BaseBackup;
  close(): Promise<void>;
}

export async function openBackupSource(folder: string): Promise<BackupSource> {
  const place = clusterToUse(folder);
  if (place === null) {
    throw new EmbeddedError(
      `There is no database in ${folder}. Set DATA_DIR to the folder of the one to back up.`,
    );
  }
  const { bytes } = filesOf(place);
  try {
    const database = await openEmbeddedDatabase({ folder });
    const backup = backupOf(database.backUp());
    return { place, bytes, backup, close: () => database.close() };
  } catch (error) {
    if (!(error instanceof FolderInUseError)) throw error;
    const channel = await channelToHolder(folder);
    if (channel === null) throw silent(error);
    return { place, bytes, backup: backupOf(channel), close: async () => channel.release() };
  }
}

function silent(cause: FolderInUseError): EmbeddedError {
  return new EmbeddedError(
    `The process that has the database in ${cause.folder} open does not let this one back it up: it is of an earlier release, or uses ` +
      'another data folder that leads to the same database, or its disk was full when it started. Stop it, and run the command again.',
    { cause },
  );
}

const PROOF_WAIT_MS = 5_000;

/** To the process that holds the lock; null if that does not know this command, or is not what it seems. */
async function channelToHolder(folder: string): Promise<BackupChannel | null> {
  const token = readToken(folder);
  const socket = token === null ? null : await reachHolder(folder);
  if (token === null || socket === null) return null;
  socket.on('error', () => undefined);
  const lines = linesFrom(socket);
  tell(socket, proofOf(token, 'command'));
  const impatience = setTimeout(() => socket.destroy(), PROOF_WAIT_MS);
  const first = await lines.next();
  clearTimeout(impatience);
  if (!first.done && isProof(first.value, token, 'holder')) return channelOver(socket, lines);
  socket.destroy();
  return null;
}

function channelOver(socket: Socket, lines: AsyncGenerator<unknown>): BackupChannel {
  return {
    ask: async (request) => {
      tell(socket, request);
      const line = await lines.next();
      const reply = replySchema.safeParse(line.value);
      return !line.done && reply.success ? reply.data : STOPPED;
    },
    release: () => socket.destroy(),
  };
}
