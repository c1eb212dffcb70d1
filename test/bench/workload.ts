/** A workload: lines to measure, the ratios between them, and remarks on them. */

import type { Ratio, Row, Sample } from './figures.js';
import type { LargeData } from './fill/large.js';
import type { BenchData } from './fill/small.js';
import type { CustomerRange, LoadOrder } from './protocol.js';
import type { Family } from './requests.js';
import type { ServerSpec } from './servers.js';

export interface Workload {
  /** Short, in kebab case, for `npm run bench -- NAME`. */
  readonly name: string;
  readonly about: string;
  run(bench: Bench): Promise<Outcome>;
}

export type Outcome =
  | {
      readonly kind: 'MEASURED';
      readonly rows: readonly Row[];
      readonly ratios: readonly Ratio[];
      /** Sentences with figures that do not fit into a column. */
      readonly remarks: readonly string[];
      /** Further figures by name, such as the growth of memory. */
      readonly extra: Readonly<Record<string, number>>;
    }
  /** It cannot run here, and why. */
  | { readonly kind: 'SKIPPED'; readonly reason: string };

/** What workloads can use. */
export interface Bench {
  readonly rounds: number;
  readonly seconds: number;
  /** A new copy of the small database, dropped after the workload. It has plain customers by default. */
  smallDatabase(...families: readonly Family[]): Promise<BenchData>;
  /** The large database, which is filled when it is first used. */
  largeDatabase(): Promise<LargeData>;
  /** Null if the database is within the gateway. */
  readonly postgresPid: number | null;
  say(sentence: string): void;
}

/** One line of a workload: its server and its load. */
export interface Line {
  /** Unique within the workload: `tollgate-256`. */
  readonly id: string;
  readonly label: string;
  readonly unit: Row['unit'];
  readonly load: Load;
}

/** What differs between lines; the rest of an order is the same for all. */
export type Load = HttpLoad | DriverLoad;

export interface HttpLoad
  extends Pick<LoadOrder, 'body' | 'success' | 'connections' | 'customers'> {
  readonly kind: 'HTTP';
  /** What follows each request on its connection; nothing by default. */
  readonly bodyAfter?: string;
  /** Where the requests go; `/graphql` by default. */
  readonly path?: LoadOrder['path'];
  /** The status of a success; 200 by default. */
  readonly status?: LoadOrder['status'];
  readonly operations?: number;
  readonly routing?: LoadOrder['routing'];
  /** Until the load has its full effect; the usual time between lines by default. */
  readonly warmUpMs?: number;
  /** For an open loop: the rate, given what the round has measured so far. */
  readonly offeredPerSecond?: (measured: (id: string) => Sample) => number;
}

export interface DriverLoad {
  readonly kind: 'DRIVER';
  readonly connections: number;
  readonly customers: CustomerRange;
}

/** Lines that share processes, which are started for each round and run the lines in order. */
export interface Group {
  /** What is under load; null if a driver works on the database itself. */
  readonly server: ServerSpec | null;
  /** The generator's module, relative to this folder. */
  readonly generator: string;
  readonly data: BenchData;
  /** Answers before the measured part, such as one for each customer to be cached. */
  readonly warmUpRequests: number;
  readonly lines: readonly Line[];
}
