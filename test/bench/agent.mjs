// Preloaded into the built gateway, which is unchanged: reports to the benchmark how long its event loop was blocked. It is
// silent in a worker of the gateway, where its messages would be mistaken for the gateway's.
import cluster from 'node:cluster';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import v8 from 'node:v8';
import vm from 'node:vm';

const RESOLUTION_MS = 10;

if (process.send !== undefined && !cluster.isWorker) {
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  delay.enable();
  process.on('message', (message) => {
    if (message?.kind === 'BENCH_RESET') delay.reset();
    if (message?.kind !== 'BENCH_READ') return;
    // The monitor's timer is due every 10 ms; anything more is the delay of the loop.
    const blockMsMax = Math.max(0, delay.max / 1e6 - RESOLUTION_MS);
    process.send({ kind: 'BENCH_LOOP', blockMsMax, heapBytes: message.collect ? liveBytes() : 0 });
  });
  process.on('disconnect', () => process.exit());
  process.channel?.unref();
}

/** The live bytes on and off the heap after garbage collection. */
function liveBytes() {
  v8.setFlagsFromString('--expose-gc');
  vm.runInNewContext('gc')();
  v8.setFlagsFromString('--no-expose-gc');
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
