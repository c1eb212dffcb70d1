/**
 * The load generator, a separate process. It writes HTTP itself, because a client library would use more of the two cores
 * than the server under test.
 */
import { type Marks, runGenerator } from '../generator.js';
import type { LoadOrder, LoadResult } from '../protocol.js';
import { ClosedLoop, type Loop, OpenLoop } from './loop.js';
import { Recorder } from './recorder.js';

/** A request without an answer after this time has failed. */
const GIVE_UP_MS = 30_000;

/** How much longer a warm-up may take if it has not had enough answers. */
const WARM_UP_MORE_MS_MAX = 20_000;
const WARM_UP_LOOK_MS = 100;

runGenerator<LoadOrder>(load);

async function load(order: LoadOrder, marks: Marks): Promise<LoadResult> {
  const { offeredPerSecond, requestsMax } = order;
  const recorder = new Recorder({
    operations: order.operations,
    refusalsAreFine: offeredPerSecond !== null,
  });
  let warmingUp = true;
  let enough: () => void = () => undefined;
  const options = {
    order,
    recorder,
    isWarmingUp: () => warmingUp,
    onAnswer: () => {
      if (requestsMax !== null && recorder.answers >= requestsMax) enough();
    },
  };
  const loop: Loop =
    offeredPerSecond === null ? new ClosedLoop(options) : new OpenLoop(options, offeredPerSecond);
  await loop.begin();
  await warmUp(order, recorder);
  warmingUp = false;
  marks.begin();
  recorder.start(performance.now());
  await Promise.race([sleep(order.measureMs), new Promise<void>((resolve) => (enough = resolve))]);
  recorder.stop(performance.now());
  marks.end();
  const unsent = loop.unsent();
  const done = await Promise.race([loop.stop().then(() => true), sleep(GIVE_UP_MS)]);
  if (done !== true) recorder.fail(`There was no answer within ${GIVE_UP_MS} ms.`);
  return recorder.result(unsent);
}

async function warmUp(order: LoadOrder, recorder: Recorder): Promise<void> {
  await sleep(order.warmUpMs);
  for (let waited = 0; waited < WARM_UP_MORE_MS_MAX; waited += WARM_UP_LOOK_MS) {
    if (recorder.seen >= order.warmUpRequests) return;
    await sleep(WARM_UP_LOOK_MS);
  }
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
