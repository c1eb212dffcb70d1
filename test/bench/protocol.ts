/** What the processes of a benchmark tell each other over IPC. */

/** A server under load says where it listens; then it answers each 'cpu' with what it has used. */
export type FromTarget =
  | { readonly kind: 'LISTENING'; readonly port: number }
  | { readonly kind: 'USAGE'; readonly cpuUs: number; readonly rssBytesMax: number };

export type ToTarget = { readonly kind: 'USAGE' };

/** One run of the load generator. */
export interface LoadOrder {
  readonly port: number;
  readonly secret: string;
  readonly connections: number;
  readonly warmUpMs: number;
  readonly measureMs: number;
  readonly customers: number;
  readonly withKeys: boolean;
}

export interface LoadResult {
  readonly requestsPerSecond: number;
  readonly requests: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly p999Ms: number;
  readonly maxMs: number;
  /** Answers that were not the payload of a recorded use. */
  readonly failures: number;
  /** One of them, to see what went wrong. */
  readonly failure: string | null;
}

/** The generator says 'MEASURING' when the warm-up is over, and then what it saw. */
export type FromLoad =
  | { readonly kind: 'MEASURING' }
  | { readonly kind: 'RESULT'; readonly result: LoadResult };

/** The ids that the set-up creates and the load uses. */
export function customerId(number: number): string {
  return `customer-${number}`;
}

export const FEATURE_ID = 'api_calls';
