/** The messages between a worker and its primary process. */
import type { Manifest } from '../http/trusted/manifest.js';
import type { FamilyData } from '../metrics/exposition.js';
import type { NeighbourAddress } from '../neighbours/neighbours.js';

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

/** To a worker, before that answer: who you are. */
export interface Place {
  readonly kind: 'PLACE';
  /** Kept by the worker that takes the place of this one. */
  readonly number: number;
  /** Where workers listen for each other, in files that only their user can open; null if they do not. */
  readonly folder: string | null;
}

/** To a worker: those that serve, you among them. */
export interface NeighboursTold {
  readonly kind: 'NEIGHBOURS';
  readonly neighbours: readonly NeighbourAddress[];
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
  /** Where it takes commands of its neighbours; null if it does not. */
  readonly address: string | null;
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

function isPlace(message: unknown): message is Place {
  return isOfKind(message, 'PLACE');
}

function isNeighbours(message: unknown): message is NeighboursTold {
  return isOfKind(message, 'NEIGHBOURS');
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
  /** Who this worker is; known once there are the documents. */
  place(): Omit<Place, 'kind'>;
  /** From now on it answers calls, and those of its neighbours at this address; null for none. */
  serving(welcome: readonly string[], address: string | null): void;
  /** Calls the listener with those that serve, this worker among them, whenever one comes or goes. */
  onNeighbours(listener: (neighbours: readonly NeighbourAddress[]) => void): void;
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
  let place: Omit<Place, 'kind'> = { number: 1, folder: null };
  let meet: (neighbours: readonly NeighbourAddress[]) => void = () => undefined;
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
    if (isPlace(message)) place = message;
    if (isNeighbours(message)) meet(message.neighbours);
    if (isTrustedDocuments(message)) take(new Map(message.documents));
  });
  return {
    trustedDocuments: () =>
      new Promise((resolve) => {
        take = resolve;
        // Not sent unasked: it could arrive before this process listens.
        worker.send?.(DOCUMENTS_WANTED);
      }),
    place: () => place,
    serving: (welcome, address) => {
      worker.send?.({ kind: 'SERVING', welcome, address } satisfies Serving);
    },
    onNeighbours: (listener) => {
      meet = listener;
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
