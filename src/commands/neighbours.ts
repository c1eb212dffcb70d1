import { createServer, connect as dial, type Server } from 'node:net';
import { join } from 'node:path';
import type { Config } from '../config.js';
import { createForNeighbours } from '../meter/neighbours/for-neighbours.js';
import type { WriteQueue } from '../meter/write/write-queue.js';
import { NeighbourMap } from '../neighbours/neighbours.js';
import { Reception } from '../neighbours/reception.js';
import { monotonicMs } from '../platform/clock.js';
import type { Logger } from '../platform/logger.js';
import { removeIfOrphaned, tellWithout } from './worker-folder.js';
import type { Primary } from './worker-messages.js';

/** What a gateway does for those beside it, and they for it. */
export interface SideBySide {
  readonly map: NeighbourMap;
  /** Takes commands of neighbours from now on; returns the address, or null if it cannot have one. */
  listen(writeQueue: Pick<WriteQueue, 'take'>): Promise<string | null>;
  /** Has neighbours send no more, and answers what they have sent. */
  leave(): Promise<void>;
  /** At once. */
  close(): Promise<void>;
}

const TICK_MS = 250;

/** How long neighbours have to take their answers at the end; what they then miss they find out with their keys. */
const LEAVE_MAX_MS = 2_000;

/** The other workers; null if they do not send each other commands. */
export function besideWorkers(
  { forward }: Pick<Config, 'forward'>,
  primary: Primary | null,
  logger: Logger,
): SideBySide | null {
  if (!forward || primary === null) return null;
  const { number, folder } = primary.place();
  if (folder === null) return null;
  removeIfOrphaned(folder);
  // The path is free: no two processes have the same id at a time, and the folder is new.
  const path = join(folder, `${number}-${process.pid}`);
  const beside = sideBySide(String(number), path, logger);
  primary.onNeighbours((neighbours) => beside.map.set(neighbours));
  return beside;
}

/** A gateway that listens for its neighbours on a socket of this machine. */
export function sideBySide(id: string, path: string, logger: Logger): SideBySide {
  const map = new NeighbourMap({
    id,
    connect: (path) => dial({ path }),
    monotonicMs,
    onLost: ({ id: worker }, reason) =>
      logger.warn(
        { worker, reason },
        'A neighbour cannot be reached. Its customers are decided here.',
      ),
  });
  const ticking = setInterval(() => map.tick(), TICK_MS).unref();
  let reception: Reception | null = null;
  let server: Server | null = null;
  return {
    map,
    async listen(writeQueue) {
      reception = new Reception({
        forNeighbours: createForNeighbours(writeQueue),
        onRefused: (reason) => logger.warn({ reason }, 'A neighbour was turned away.'),
      });
      server = createServer(reception.receive);
      try {
        await listening(server, path);
        return path;
      } catch (error) {
        // Some file systems have no sockets. Nothing depends on them.
        tellWithout(logger, error);
        return null;
      }
    },
    async leave() {
      server?.close();
      await reception?.leave(LEAVE_MAX_MS);
    },
    async close() {
      clearInterval(ticking);
      map.close();
      reception?.close();
      server?.close();
    },
  };
}

function listening(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, () => {
      server.off('error', reject);
      resolve();
    });
  });
}
