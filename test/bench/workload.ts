/** What a workload is: lines to measure, the ratios between them, and how it is told. */

import type { Ratio, Row, Sample } from './figures.js';
import type { LargeData } from './fill/large.js';
import type { BenchData } from './fill/small.js';
import type { CustomerRange, LoadOrder } from './protocol.js';
import type { Family } from './requests.js';
import type { ServerSpec } from './servers.js';

export interface Workload {
  /** Short, in kebab case: it is what `npm run bench -- NAME` takes. */
  readonly name: string;
  readonly about: string;
  run(bench: Bench): Promise<Outcome>;
}

export type Outcome =
  | {
      readonly kind: 'MEASURED';
      readonly rows: readonly Row[];
      readonly ratios: readonly Ratio[];
      /** Sentences with figures that fit no column. */
      readonly remarks: readonly string[];
      /** Further figures by name, such as the growth of memory. */
      readonly extra: Readonly<Record<string, number>>;
    }
  /** It can't run here, and why. */
  | { readonly kind: 'SKIPPED'; readonly reason: string };

/** What workloads have at hand. */
export interface Bench {
  readonly rounds: number;
  readonly seconds: number;
  /** A fresh copy of the small database, gone after the workload: plain customers unless others are told. */
  smallDatabase(...families: readonly Family[]): Promise<BenchData>;
  /** The one large database, filled when it is first asked for. */
  largeDatabase(): Promise<LargeData>;
  /** Null where the database is inside the gateway. */
  readonly postgresPid: number | null;
  say(sentence: string): void;
}

/** One line of a workload: what is loaded, and how. */
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
  /** Of a good answer: 200 unless told. */
  readonly status?: LoadOrder['status'];
  readonly operations?: number;
  readonly routing?: LoadOrder['routing'];
  /** Until the load shows what it does; what is usual between lines unless told. */
  readonly warmUpMs?: number;
  /** For an open loop: the rate, given what the round has measured so far. */
  readonly offeredPerSecond?: (measured: (id: string) => Sample) => number;
}

export interface DriverLoad {
  readonly kind: 'DRIVER';
  readonly connections: number;
  readonly customers: CustomerRange;
}

/** Lines that share processes, which are started for each round and see the lines in order. */
export interface Group {
  /** What is under load; null where a driver works on the database by itself. */
  readonly server: ServerSpec | null;
  /** The generator's module below this folder. */
  readonly generator: string;
  readonly data: BenchData;
  /** Answers before anything is measured, such as one for each customer to be cached. */
  readonly warmUpRequests: number;
  readonly lines: readonly Line[];
}
