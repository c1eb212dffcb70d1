/** What a worker and its primary process tell each other. */

/** To a worker: answer what has been taken, then end. */
export const CLOSE = 'CLOSE';

/** To a worker: say that you are not blocked. */
export const PING = 'PING';

/** From a worker: the answer. */
export const PONG = 'PONG';

/** From a worker: it answers calls from now on. */
export interface Serving {
  readonly kind: 'SERVING';
  /** What a process of its own would print now. */
  readonly welcome: readonly string[];
}

/** Null for any other message: Node and loaders send some, too. */
export function servingOf(message: unknown): Serving | null {
  return isServing(message) ? message : null;
}

function isServing(message: unknown): message is Serving {
  return message instanceof Object && 'kind' in message && message.kind === 'SERVING';
}

/** The primary process, as its worker sees it. */
export interface Primary {
  serving(welcome: readonly string[]): void;
  /** Calls once the primary wants this worker to end; until there is a listener, it ends at once. */
  onClose(listener: () => void): void;
}

/** Node ends a worker whose primary has ended, however that was. */
export function primaryOf(worker: NodeJS.Process): Primary {
  // Nothing has been taken yet, so nothing is left to be answered.
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
