import type { Config } from '../config.js';
import type { Gateway } from '../gateway.js';
import type { Listener } from '../http/listener.js';
import type { Logger } from '../platform/logger.js';
import { closeOnShutdown } from '../platform/shutdown.js';
import type { Primary } from './worker-messages.js';

export interface EndOptions {
  readonly config: Pick<Config, 'drainDelayMs' | 'shutdownGraceMs'>;
  readonly primary: Primary | null;
  readonly gateway: Pick<Gateway, 'announceEnd' | 'sendAway' | 'drain'>;
  readonly listener: Pick<Listener, 'disconnected' | 'close'>;
  readonly logger: Logger;
  /** What writes by itself; ended before the queue is drained, which it uses. */
  readonly stopSweeping: () => Promise<void>;
  /** After this, the queue has only this gateway's own calls, of which neighbours may still decide some. */
  readonly leaveNeighbours: () => Promise<void>;
  /** What calls use to the last; ended in this order after all of them have been answered. */
  readonly closeLast: readonly (() => Promise<void>)[];
}

/**
 * How a gateway ends: it says that it is not ready, answers for a while as before, sends its clients away, closes its port,
 * answers what is in flight, commits what is queued, and closes its connections to the database.
 */
export function endInOrder(options: EndOptions): void {
  const { config, primary, gateway, listener, logger } = options;
  const announce = () => {
    gateway.announceEnd();
    return true;
  };
  const closeProcess = closeOnShutdown({
    graceMs: config.shutdownGraceMs,
    delayMs: config.drainDelayMs,
    announce,
    ...(primary !== null && { onSignal: () => primary.signalled() }),
    logger,
    close: async () => {
      gateway.sendAway();
      await listener.disconnected();
      await listener.close();
      await options.stopSweeping();
      await options.leaveNeighbours();
      await gateway.drain();
      for (const close of options.closeLast) await close();
    },
  });
  primary?.onAnnounce(announce);
  primary?.onClose(closeProcess);
}
