/** What the processes of a benchmark tell each other over IPC. */

/** A server of ours that is under load says where it listens; the built gateway is asked by HTTP. */
export interface FromServer {
  readonly kind: 'LISTENING';
  readonly port: number;
}

/** The preloaded agent starts its count anew, or tells how long the event loop stood still at most. */
export type ToAgent =
  | { readonly kind: 'BENCH_RESET' }
  | { readonly kind: 'BENCH_READ'; readonly collect: boolean };

export interface FromAgent {
  readonly kind: 'BENCH_LOOP';
  readonly blockMsMax: number;
  /** What is alive on the heap after a collection, where that was asked for. */
  readonly heapBytes: number;
}

/** How long a generator works: until it has run for so long, or has had so many answers. */
export interface Span {
  readonly warmUpMs: number;
  /** The warm-up goes on, within reason, until there have been so many answers. */
  readonly warmUpRequests: number;
  readonly measureMs: number;
  /** The measured part ends with so many answers, if that is earlier. */
  readonly requestsMax: number | null;
}

/** The customers whom a load is about, by number: first, first + stride... */
export interface CustomerRange {
  readonly count: number;
  readonly stride: number;
}

/** One run of the load generator over HTTP. */
export interface LoadOrder extends Span {
  readonly kind: 'LOAD';
  /** One port per gateway; connections are dealt out in turn. */
  readonly ports: readonly number[];
  readonly secret: string;
  /** The body of every request, with slots for what varies: see load/request-pattern.ts. */
  readonly body: string;
  /** The status of a good answer. */
  readonly status: number;
  /** What a good answer holds, `successes` times. */
  readonly success: string;
  readonly successes: number;
  /** Work done by one request: 1,000 in a batch of 1,000. */
  readonly operations: number;
  readonly connections: number;
  readonly customers: CustomerRange;
  /** Whether a customer's calls go to any gateway or always to the same. */
  readonly routing: 'ANY' | 'OWN';
  /** The first of the numbers that make keys; no other run on the same database may use them. */
  readonly keyStart: number;
  /** Null for a closed loop; else so many requests are sent however many are unanswered. */
  readonly offeredPerSecond: number | null;
}

/** One run of a driver that works on the database without any gateway. */
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
  /** Good answers, times the operations of each. */
  readonly operations: number;
  readonly latencies: Latencies;
  /** Answers that said OVERLOADED; only where more is offered than can be carried. */
  readonly refusals: Latencies;
  /** What else was answered. */
  readonly failures: number;
  /** One of them, to see what went wrong. */
  readonly failure: string | null;
  /** Requests that were due and never sent, because every connection waited for an answer. */
  readonly unsent: number;
  /** CPU of the generator itself in the measured part. */
  readonly generatorCpuUs: number;
}

/** A generator says when the measured part begins and when it ends, and then what it saw. */
export type FromGenerator =
  | { readonly kind: 'MEASURING' }
  | { readonly kind: 'MEASURED' }
  | { readonly kind: 'RESULT'; readonly result: LoadResult };
