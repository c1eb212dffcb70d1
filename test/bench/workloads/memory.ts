/** Two million calls, and what memory, open files and latency do meanwhile. */
import { setTimeout as sleep } from 'node:timers/promises';
import { present } from '../../../src/domain/assert.js';
import { type Measured, rowOf } from '../figures.js';
import { gateways, httpGroup, LOAD_GENERATOR, linesAt } from '../lines.js';
import { measureLine, orderOf } from '../rounds.js';
import { end, type Servers, startModule, startServers } from '../servers.js';
import { median, slope } from '../statistics.js';
import { number } from '../text.js';
import { openFilesOfTrees, rssBytesOfTrees } from '../usage.js';
import type { Outcome, Workload } from '../workload.js';
import { SPREAD } from './spread.js';

const CALLS = 2_000_000;
const CALLS_BETWEEN_LOOKS = 50_000;
/** Until then, caches fill and code is compiled, so growth is measured from here. */
const CALLS_BEFORE_GROWTH = 200_000;
/** Long enough for the engine to release memory that it keeps for the next burst. */
const IDLE_MS = 3_000;
const SPAN_MS_MAX = 600_000;
/** So many at the beginning, and at the end, of those from which growth is measured: a quarter. */
const LOOKS_COMPARED = 9;

interface Look {
  readonly calls: number;
  readonly rssBytes: number;
  /** Connections included. */
  readonly openFiles: number;
  /** Of the calls since the look before. */
  readonly p99Ms: number;
}

export const memory: Workload = {
  name: 'memory',
  about: '2,000,000 calls at 256 connections: what memory, open files and p99 do',
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
        const one = await measureLine(bench, servers, generator, order);
        measured.push(one);
        await sleep(IDLE_MS);
        const calls = (looks.length + 1) * CALLS_BETWEEN_LOOKS;
        const look = lookAt(servers, calls, one.sample.p99Ms);
        bench.say(`after ${textOf(look)}`);
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

function lookAt({ pids }: Servers, calls: number, p99Ms: number): Look {
  const rssBytes = rssBytesOfTrees(pids) ?? Number.NaN;
  return { calls, rssBytes, openFiles: openFilesOfTrees(pids) ?? Number.NaN, p99Ms };
}

function textOf({ calls, rssBytes, openFiles, p99Ms }: Look): string {
  return `${calls} calls: ${number(rssBytes, 0, 1e6)} MB, ${openFiles} open files, p99 ${number(p99Ms, 1)} ms`;
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
  const openFiles = later.map((look) => look.openFiles);
  const openFilesGrowth = Math.max(...openFiles) - (openFiles[0] ?? Number.NaN);
  const [early, late] = [later.slice(0, LOOKS_COMPARED), later.slice(-LOOKS_COMPARED)].map((some) =>
    median(some.map(({ p99Ms }) => p99Ms)),
  );
  const p99Ratio = (late ?? Number.NaN) / (early ?? Number.NaN);
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
      `Open files: ${openFiles.join(', ')}. p99 of each part, in ms: ${later.map(({ p99Ms }) => number(p99Ms, 0)).join(', ')}; ` +
        `the median of the last ${LOOKS_COMPARED} is ${number(p99Ratio, 2)} times that of the first.`,
    ],
    extra: { rssGrowthBytes, heapGrowthBytes, openFilesGrowth, p99Ratio },
  };
}
