/** The loop of a driver: workers that repeat one piece of work, first to warm up, then measured. */
import { type Marks, runGenerator } from '../generator.js';
import { Recorder } from '../load/recorder.js';
import type { DriverOrder, LoadResult } from '../protocol.js';

/** One piece of work of a worker, which is a number of operations. Throws if it fails. */
export type Work = () => Promise<void>;

export interface Driver {
  readonly operations: number;
  readonly workers: readonly Work[];
  close(): Promise<void>;
}

/** Runs a driver for every order of the benchmark. */
export function runDriver(open: (order: DriverOrder) => Promise<Driver>): void {
  runGenerator<DriverOrder>((order, marks) => drive(order, open, marks));
}

async function drive(
  order: DriverOrder,
  open: (order: DriverOrder) => Promise<Driver>,
  marks: Marks,
): Promise<LoadResult> {
  const driver = await open(order);
  const recorder = new Recorder({ operations: driver.operations, refusalsAreFine: false });
  let stopped = false;
  const loops = driver.workers.map(async (work) => {
    while (!stopped) {
      const start = performance.now();
      await work();
      recorder.succeed(performance.now() - start);
    }
  });
  // A worker that fails ends the run; the loops of the others end with the process.
  const all = Promise.all(loops);
  await Promise.race([sleep(order.warmUpMs), all]);
  marks.begin();
  recorder.start(performance.now());
  await Promise.race([sleep(order.measureMs), all]);
  recorder.stop(performance.now());
  marks.end();
  stopped = true;
  await all;
  await driver.close();
  return recorder.result(0);
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
