import type { Socket } from 'node:net';
import type { BackupChannel } from './backup-port.js';
import type { BackupReply } from './base-backup.js';
import {
  isProof,
  linesFrom,
  proofOf,
  removeToken,
  requestSchema,
  tell,
  writeToken,
} from './control-words.js';

/**
 * Lets commands back up the database that this process has open. They connect to the lock of the data folder, which leads to the
 * process that holds it, and prove that they can read a file in the folder: on Linux, any user may connect.
 */
export interface Control {
  readonly accept: (socket: Socket) => void;
  /** The folder is this process's now. */
  open(): void;
  /** Ends all connections, which would keep the lock from being released. */
  close(): void;
}

export interface ControlOptions {
  readonly folder: string;
  readonly backUp: () => BackupChannel;
}

const CONNECTIONS_MAX = 4;
const PROOF_WAIT_MS = 5_000;

export function createControl({ folder, backUp }: ControlOptions): Control {
  const sockets = new Set<Socket>();
  let token: string | null = null;
  return {
    accept: (socket) => {
      socket.on('error', () => undefined);
      if (token === null || sockets.size >= CONNECTIONS_MAX) {
        socket.destroy();
        return;
      }
      sockets.add(socket);
      socket.on('close', () => sockets.delete(socket));
      void attend(socket, token, backUp);
    },
    open: () => {
      token = writeToken(folder);
    },
    close: () => {
      if (token !== null) removeToken(folder, token);
      token = null;
      for (const socket of sockets) socket.destroy();
    },
  };
}

async function attend(socket: Socket, token: string, backUp: () => BackupChannel): Promise<void> {
  const lines = linesFrom(socket);
  const impatience = setTimeout(() => socket.destroy(), PROOF_WAIT_MS).unref();
  const first = await lines.next();
  clearTimeout(impatience);
  if (first.done || !isProof(first.value, token, 'command')) {
    socket.destroy();
    return;
  }
  tell(socket, proofOf(token, 'holder'));
  const channel = backUp();
  try {
    for await (const line of lines) tell(socket, await replyTo(line, channel));
  } finally {
    // However the command ended, the engine need not keep its log any longer.
    channel.release();
  }
}

async function replyTo(line: unknown, channel: BackupChannel): Promise<BackupReply> {
  const request = requestSchema.safeParse(line);
  if (request.success) return channel.ask(request.data);
  return { kind: 'failed', reason: 'the request is not known' };
}
