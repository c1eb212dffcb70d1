/** The messages between the processes of a benchmark over IPC. */

/** A baseline reports where it listens; the built gateway is polled over HTTP. */
export interface FromServer {
  readonly kind: 'LISTENING';
  readonly port: number;
}

/** Makes the preloaded agent reset its count, or report the longest time for which the event loop was blocked. */
export type ToAgent =
  | { readonly kind: 'BENCH_RESET' }
  | { readonly kind: 'BENCH_READ'; readonly collect: boolean };

export interface FromAgent {
  readonly kind: 'BENCH_LOOP';
  readonly blockMsMax: number;
  /** The live bytes on the heap after a garbage collection, if one was requested. */
  readonly heapBytes: number;
}

/** How long a generator works: for this long, or until it has had this many answers. */
export interface Span {
  readonly warmUpMs: number;
  /** The warm-up continues, within limits, until there have been this many answers. */
  readonly warmUpRequests: number;
  readonly measureMs: number;
  /** The measured part ends after this many answers, if that is earlier. */
  readonly requestsMax: number | null;
}

/** The customers of a load, by number: 0, stride, 2 * stride... */
export interface CustomerRange {
  readonly count: number;
  readonly stride: number;
}

/** One run of the load generator over HTTP. */
export interface LoadOrder extends Span {
  readonly kind: 'LOAD';
  /** One port per gateway; connections are assigned to them in turn. */
  readonly ports: readonly number[];
  readonly secret: string;
  /** The body of every request, with slots for what varies: see load/request-pattern.ts. */
  readonly body: string;
  /** The body of the request that follows each of these on its connection, about the same customer and with the same key. */
  readonly bodyAfter: string | null;
  /** The path of the requests. */
  readonly path: string;
  /** The status of a success. */
  readonly status: number;
  /** What a success contains, `successes` times. */
  readonly success: string;
  readonly successes: number;
  /** Work done by one request: 1,000 in a batch of 1,000, and half a pair in each of two. */
  readonly operations: number;
  readonly connections: number;
  readonly customers: CustomerRange;
  /** Whether a customer's calls go to any gateway or always to the same. */
  readonly routing: 'ANY' | 'OWN';
  /** The first number used for keys; no other run on the same database may use the same numbers. */
  readonly keyStart: number;
  /** Null for a closed loop. Otherwise, this many requests are sent per second, however many are unanswered. */
  readonly offeredPerSecond: number | null;
}

/** One run of a driver that works on the database without a gateway. */
export interface DriverOrder extends Span {
  readonly kind: 'DRIVE';
  readonly databaseUrl: string;
  readonly projectId: string;
  readonly connections: number;
  readonly customers: CustomerRange;
}

export type Order = LoadOrder | DriverOrder;

export interface Latencies {
  readonly count: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly p999Ms: number;
  readonly maxMs: number;
}

export interface LoadResult {
  readonly seconds: number;
  /** Successes, multiplied by the operations of each. */
  readonly operations: number;
  readonly latencies: Latencies;
  /** Answers OVERLOADED, which only occur if more is offered than can be handled. */
  readonly refusals: Latencies;
  /** The number of other answers. */
  readonly failures: number;
  /** One of them, to show what went wrong. */
  readonly failure: string | null;
  /** Requests that were due but never sent, because every connection waited for an answer. */
  readonly unsent: number;
  /** CPU time of the generator in the measured part. */
  readonly generatorCpuUs: number;
}

/** A generator reports when the measured part begins and ends, and then its result. */
export type FromGenerator =
  | { readonly kind: 'MEASURING' }
  | { readonly kind: 'MEASURED' }
  | { readonly kind: 'RESULT'; readonly result: LoadResult };
