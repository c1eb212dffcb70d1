/** The messages between a worker and its primary process. */
import type { Manifest } from '../http/trusted/manifest.js';

/** To a worker: answer what you have accepted, then end. */
export const CLOSE = 'CLOSE';

/** To a worker: show that you are not blocked. */
export const PING = 'PING';

/** From a worker: the answer. */
export const PONG = 'PONG';

/** From a worker: which documents are trusted? */
export const DOCUMENTS_WANTED = 'DOCUMENTS_WANTED';

/** To a worker: the answer. */
export interface TrustedDocuments {
  readonly kind: 'TRUSTED_DOCUMENTS';
  readonly documents: readonly (readonly [id: string, text: string])[];
}

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
  return isOfKind(message, 'SERVING');
}

function isTrustedDocuments(message: unknown): message is TrustedDocuments {
  return isOfKind(message, 'TRUSTED_DOCUMENTS');
}

function isOfKind(message: unknown, kind: string): boolean {
  return message instanceof Object && 'kind' in message && message.kind === kind;
}

/** The primary process, as seen by its worker. */
export interface Primary {
  /** The trusted documents that it has read at its start. */
  trustedDocuments(): Promise<Manifest>;
  serving(welcome: readonly string[]): void;
  /** Calls the listener once the primary wants this worker to end; without a listener, it ends at once. */
  onClose(listener: () => void): void;
}

/** Node ends a worker whose primary has ended, for whatever reason. */
export function primaryOf(worker: NodeJS.Process): Primary {
  // Nothing has been accepted yet, so nothing needs to be answered.
  let close: () => void = () => worker.exit(0);
  let take: (documents: Manifest) => void = () => undefined;
  worker.on('message', (message: unknown) => {
    if (message === CLOSE) close();
    if (message === PING) worker.send?.(PONG);
    if (isTrustedDocuments(message)) take(new Map(message.documents));
  });
  return {
    trustedDocuments: () =>
      new Promise((resolve) => {
        take = resolve;
        // Not sent unasked: it could arrive before this process listens.
        worker.send?.(DOCUMENTS_WANTED);
      }),
    serving: (welcome) => {
      worker.send?.({ kind: 'SERVING', welcome } satisfies Serving);
    },
    onClose: (listener) => {
      close = listener;
    },
  };
}
