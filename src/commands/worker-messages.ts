/** The messages between a worker and its primary process. */
import type { Manifest } from '../http/trusted/manifest.js';
import type { FamilyData } from '../metrics/exposition.js';

/** To a worker: the end is near, say that you are not ready and go on as before. */
export const ANNOUNCE = 'ANNOUNCE';

/** From a worker: a signal has told me to end. */
export const SIGNALLED = 'SIGNALLED';

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

/** To a worker: what have you counted? */
export interface MetricsWanted {
  readonly kind: 'METRICS_WANTED';
  readonly number: number;
}

/** From a worker: the answer to the question of this number. */
export interface Metrics {
  readonly kind: 'METRICS';
  readonly number: number;
  readonly families: readonly FamilyData[];
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

/** Null for any other message. */
export function metricsOf(message: unknown): Metrics | null {
  return isMetrics(message) ? message : null;
}

function isMetrics(message: unknown): message is Metrics {
  return isOfKind(message, 'METRICS');
}

function isMetricsWanted(message: unknown): message is MetricsWanted {
  return isOfKind(message, 'METRICS_WANTED');
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
  /** What to answer when it asks for metrics. */
  onMetricsWanted(collect: () => Promise<readonly FamilyData[]>): void;
  /** Calls the listener once the primary is going to end, at once if it has said so already. */
  onAnnounce(listener: () => void): void;
  /** Leaves to the primary what a signal to this worker means: often it is one to all of them. */
  signalled(): void;
  /** Calls the listener once the primary wants this worker to end; without a listener, it ends at once. */
  onClose(listener: () => void): void;
}

/** Node ends a worker whose primary has ended, for whatever reason. */
export function primaryOf(worker: NodeJS.Process): Primary {
  // Nothing has been accepted yet, so nothing needs to be answered.
  let close: () => void = () => worker.exit(0);
  let isAnnounced = false;
  let announce: () => void = () => undefined;
  let take: (documents: Manifest) => void = () => undefined;
  let collect = async (): Promise<readonly FamilyData[]> => [];
  // One that fails is missing from the scrape, as one that is silent.
  const tell = async ({ number }: MetricsWanted) => {
    const families = await collect().catch(() => null);
    if (families !== null) worker.send?.({ kind: 'METRICS', number, families } satisfies Metrics);
  };
  worker.on('message', (message: unknown) => {
    if (message === CLOSE) close();
    if (message === ANNOUNCE) {
      isAnnounced = true;
      announce();
    }
    if (message === PING) worker.send?.(PONG);
    if (isMetricsWanted(message)) void tell(message);
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
    onMetricsWanted: (collector) => {
      collect = collector;
    },
    onAnnounce: (listener) => {
      announce = listener;
      if (isAnnounced) announce();
    },
    signalled: () => {
      worker.send?.(SIGNALLED);
    },
    onClose: (listener) => {
      close = listener;
    },
  };
}
