import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { closeSync, openSync, realpathSync, rmSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { identityOf } from './disk.js';

/** Another process has the folder open; the message is meant to be shown to the user. */
export class FolderInUseError extends Error {
  override readonly name = 'FolderInUseError';
  readonly folder: string;

  constructor(folder: string) {
    super(
      `The folder ${folder} is in use by another Tollgate process. Stop that process, give ` +
        'this one another folder, or let both share a PostgreSQL with DATABASE_URL.',
    );
    this.folder = folder;
  }
}

export interface FolderLock {
  release(): Promise<void>;
}

export interface LockOptions {
  readonly folder: string;
  /** Another process has connected to the lock. By default, it is turned away. */
  readonly onConnection?: (socket: Socket) => void;
}

/**
 * Keeps other processes out of a folder by listening on sockets named after it. The kernel
 * frees a name when the process dies, however it dies, so no lock is ever stale and none is
 * ever stolen.
 *
 * Linux keeps these names per network namespace: two containers that share the folder as a
 * volume do not see each other's, so a volume belongs to one container.
 */
export async function lockFolder({ folder, onConnection }: LockOptions): Promise<FolderLock> {
  const path = realpathSync(folder);
  const hold = holdOpen(path);
  const servers: Server[] = [];
  const release = async () => {
    for (const server of servers) {
      server.close();
      await once(server, 'close');
    }
    if (hold !== null) closeSync(hold);
  };
  try {
    // By its path too: earlier releases know no other name, and a folder that takes its place must not be opened either.
    for (const name of namesOf(path)) {
      servers.push(await claim(addressOf(name), folder, onConnection ?? turnAway));
    }
  } catch (error) {
    await release();
    throw error;
  }
  return { release };
}

/** A connection to the process that has locked the folder; null if none has. */
export async function reachHolder(folder: string): Promise<Socket | null> {
  for (const name of namesOf(realpathSync(folder))) {
    const socket = await reach(addressOf(name));
    if (socket !== null) return socket;
  }
  return null;
}

function turnAway(socket: Socket): void {
  socket.destroy();
}

/** Some shared folders of Windows have no inode. */
function namesOf(path: string): string[] {
  const identity = identityOf(path);
  return identity === null || identity.endsWith(':0') ? [path] : [path, `inode ${identity}`];
}

/** As long as it is open, its number is not given to another folder, even if it is removed. */
function holdOpen(folder: string): number | null {
  try {
    return openSync(folder, 'r');
  } catch {
    // Windows does not open folders.
    return null;
  }
}

async function claim(
  address: string,
  folder: string,
  onConnection: (socket: Socket) => void,
): Promise<Server> {
  const server = createServer(onConnection);
  if (!(await claims(server, address))) {
    if (!leavesFile() || (await answers(address))) throw new FolderInUseError(folder);
    rmSync(address, { force: true });
    if (!(await claims(server, address))) throw new FolderInUseError(folder);
  }
  return server.unref();
}

function addressOf(text: string): string {
  const name = `tollgate-${createHash('sha256').update(text).digest('hex').slice(0, 32)}`;
  if (process.platform === 'linux') return `\0${name}`;
  if (process.platform === 'win32') return `\\\\.\\pipe\\${name}`;
  // Not in the folder itself, whose path may be too long for the name of a socket.
  return join(tmpdir(), `${name}.sock`);
}

/** macOS and the BSDs have no socket names outside the file system: the file of a dead process stays. */
function leavesFile(): boolean {
  return process.platform !== 'linux' && process.platform !== 'win32';
}

async function claims(server: Server, path: string): Promise<boolean> {
  try {
    // Exclusive, because workers of node:cluster would otherwise share one listening socket.
    server.listen({ path, exclusive: true });
    await once(server, 'listening');
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') return false;
    throw error;
  }
}

async function answers(path: string): Promise<boolean> {
  const socket = await reach(path);
  socket?.destroy();
  return socket !== null;
}

async function reach(path: string): Promise<Socket | null> {
  const socket = connect({ path });
  try {
    await once(socket, 'connect');
    return socket;
  } catch {
    socket.destroy();
    return null;
  }
}
