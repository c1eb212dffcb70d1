/** The messages between a worker and its primary process. */

/** To a worker: answer what you have accepted, then end. */
export const CLOSE = 'CLOSE';

/** To a worker: show that you are not blocked. */
export const PING = 'PING';

/** From a worker: the answer. */
export const PONG = 'PONG';

/** From a worker: I answer calls from now on. */
export interface Serving {
  readonly kind: 'SERVING';
  /** What a standalone process would print now. */
  readonly welcome: readonly string[];
}

/** Null for any other message: Node and loaders also send some. */
export function servingOf(message: unknown): Serving | null {
  return isServing(message) ? message : null;
}

function isServing(message: unknown): message is Serving {
  return message instanceof Object && 'kind' in message && message.kind === 'SERVING';
}

/** The primary process, as seen by its worker. */
export interface Primary {
  serving(welcome: readonly string[]): void;
  /** Calls the listener once the primary wants this worker to end; without a listener, it ends at once. */
  onClose(listener: () => void): void;
}

/** Node ends a worker whose primary has ended, for whatever reason. */
export function primaryOf(worker: NodeJS.Process): Primary {
  // Nothing has been accepted yet, so nothing needs to be answered.
  let close: () => void = () => worker.exit(0);
  worker.on('message', (message: unknown) => {
    if (message === CLOSE) close();
    if (message === PING) worker.send?.(PONG);
  });
  return {
    serving: (welcome) => {
      worker.send?.({ kind: 'SERVING', welcome } satisfies Serving);
    },
    onClose: (listener) => {
      close = listener;
    },
  };
}
