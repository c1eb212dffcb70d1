/** A million calls, and how much memory the gateway retains. */
import { setTimeout as sleep } from 'node:timers/promises';
import { present } from '../../../src/domain/assert.js';
import { type Measured, rowOf } from '../figures.js';
import { gateways, httpGroup, LOAD_GENERATOR, linesAt } from '../lines.js';
import { measureLine, orderOf } from '../rounds.js';
import { end, type Servers, startModule, startServers } from '../servers.js';
import { slope } from '../statistics.js';
import { number } from '../text.js';
import { rssBytesOfTrees } from '../usage.js';
import type { Bench, Outcome, Workload } from '../workload.js';
import { SPREAD } from './spread.js';

const CALLS = 1_000_000;
const CALLS_BETWEEN_LOOKS = 50_000;
/** Until then, caches fill and code is compiled, so growth is measured from here. */
const CALLS_BEFORE_GROWTH = 200_000;
/** Long enough for the engine to release memory that it keeps for the next burst. */
const IDLE_MS = 3_000;
const SPAN_MS_MAX = 600_000;

interface Look {
  readonly calls: number;
  readonly rssBytes: number;
}

export const memory: Workload = {
  name: 'memory',
  about: '1,000,000 calls at 256 connections: peak memory, and what it grows by',
  async run(bench) {
    const data = await bench.smallDatabase();
    const [line] = linesAt([256], { id: 'tollgate', label: 'Tollgate' }, SPREAD);
    const group = httpGroup(gateways(data), data, line === undefined ? [] : [line]);
    const servers = await startServers(gateways(data));
    const generator = startModule(LOAD_GENERATOR, {});
    const head = present(line, 'one line for the one number of connections');
    const measured: Measured[] = [];
    const looks: Look[] = [];
    const heaps: number[] = [];
    try {
      while (looks.length * CALLS_BETWEEN_LOOKS < CALLS) {
        const span = { warmUpMs: 0, warmUpRequests: 0, measureMs: SPAN_MS_MAX };
        const order = orderOf(group, head, {
          ...span,
          ports: servers.ports,
          requestsMax: CALLS_BETWEEN_LOOKS,
        });
        measured.push(await measureLine(bench, servers, generator, order));
        await sleep(IDLE_MS);
        const look = await lookAt(bench, servers, (looks.length + 1) * CALLS_BETWEEN_LOOKS);
        looks.push(look);
        if (look.calls === CALLS_BEFORE_GROWTH || look.calls === CALLS) {
          heaps.push((await servers.readLoops(true))?.heapBytes ?? Number.NaN);
        }
      }
    } finally {
      await end(generator);
      await servers.stop();
    }
    return outcomeOf(rowOf({ ...head, baseline: false }, measured), looks, heaps);
  },
};

async function lookAt(bench: Bench, servers: Servers, calls: number): Promise<Look> {
  const rssBytes = rssBytesOfTrees(servers.pids) ?? Number.NaN;
  bench.say(`after ${calls} calls: ${number(rssBytes, 0, 1e6)} MB`);
  return { calls, rssBytes };
}

function outcomeOf(
  row: ReturnType<typeof rowOf>,
  looks: readonly Look[],
  [heapBefore = Number.NaN, heapAfter = Number.NaN]: readonly number[],
): Outcome {
  const later = looks.filter(({ calls }) => calls >= CALLS_BEFORE_GROWTH);
  const bytesPerCall = slope(later.map(({ calls, rssBytes }) => [calls, rssBytes] as const));
  const rssGrowthBytes = bytesPerCall * (CALLS - CALLS_BEFORE_GROWTH);
  const heapGrowthBytes = heapAfter - heapBefore;
  return {
    kind: 'MEASURED',
    rows: [row],
    ratios: [],
    remarks: [
      `Idle after each ${CALLS_BETWEEN_LOOKS.toLocaleString('en')} calls, resident memory was ` +
        `${looks.map(({ rssBytes }) => number(rssBytes, 0, 1e6)).join(', ')} MB: from the first ` +
        `${CALLS_BEFORE_GROWTH.toLocaleString('en')} calls on it grew by ` +
        `${number(rssGrowthBytes, 1, 1e6)} MB (linear fit), and what is alive on the heap by ` +
        `${number(heapGrowthBytes, 1, 1e6)} MB.`,
    ],
    extra: { rssGrowthBytes, heapGrowthBytes },
  };
}
