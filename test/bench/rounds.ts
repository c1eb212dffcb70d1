/** Interleaved rounds: in each, every group has its turn, so that all have the same conditions. */
import type { ChildProcess } from 'node:child_process';
import { type Measured, type Row, rowOf, type Sample } from './figures.js';
import type { Marks } from './generator.js';
import type { FromGenerator, LoadResult, Order, Span } from './protocol.js';
import { end, type Servers, startModule, startServers } from './servers.js';
import { cpuUsOfTrees, rssBytesMaxOfTrees } from './usage.js';
import type { Bench, Group, Line } from './workload.js';

/** Long enough for code to be compiled. */
const WARM_UP_MS = 4_000;
/** The warm-up between the lines of a group, whose processes are warm already. */
const SETTLE_MS = 500;

/** The rows of a workload, and their samples by round for the ratios between them. */
export interface Rounds {
  readonly rows: readonly Row[];
  samples(id: string): readonly Sample[];
}

export async function measureRounds(bench: Bench, groups: readonly Group[]): Promise<Rounds> {
  const measured = new Map<string, Measured[]>();
  for (let round = 1; round <= bench.rounds; round += 1) {
    for (const group of groups) {
      await measureGroup(bench, group, measured, `round ${round} of ${bench.rounds}`);
    }
  }
  const of = (id: string) => measured.get(id) ?? [];
  return {
    rows: groups.flatMap(({ server, lines }) => {
      const baseline = server?.kind !== 'GATEWAY';
      return lines.map((line) => rowOf({ ...line, baseline }, of(line.id)));
    }),
    samples: (id) => of(id).map(({ sample }) => sample),
  };
}

async function measureGroup(
  bench: Bench,
  group: Group,
  measured: Map<string, Measured[]>,
  round: string,
): Promise<void> {
  const servers = group.server === null ? null : await startServers(group.server);
  const generator = startModule(group.generator, {});
  try {
    const latest = (id: string) => {
      const sample = measured.get(id)?.at(-1)?.sample;
      if (sample === undefined) throw new Error(`${id} has not been measured yet`);
      return sample;
    };
    for (const [index, line] of group.lines.entries()) {
      const order = orderOf(group, line, {
        ports: servers?.ports ?? [],
        measureMs: bench.seconds * 1_000,
        requestsMax: null,
        warmUpMs: index === 0 ? WARM_UP_MS : SETTLE_MS,
        warmUpRequests: isFirstOfItsLoad(group, index) ? group.warmUpRequests : 0,
        latest,
      });
      const result = await measureLine(bench, servers, generator, order);
      const { sample, failures, failure } = result;
      measured.set(line.id, [...(measured.get(line.id) ?? []), result]);
      bench.say(
        `${round}: ${line.label}: ${Math.round(sample.perSecond)} ${line.unit}/s, ` +
          `p99 ${sample.p99Ms.toFixed(1)} ms, load generator ${sample.generatorUs.toFixed(0)} µs`,
      );
      if (failures > 0) bench.say(`${failures} FAILURES, such as: ${failure}`);
    }
  } finally {
    await end(generator);
    await servers?.stop();
  }
}

/** Each load is warmed up, because the gateway caches customers and loads of one group may have different ones. */
export function isFirstOfItsLoad({ lines }: Pick<Group, 'lines'>, index: number): boolean {
  const load = loadOf(lines[index]);
  return lines.findIndex((line) => loadOf(line) === load) === index;
}

function loadOf(line: Line | undefined): string {
  if (line?.load.kind !== 'HTTP') return '';
  const { body, customers } = line.load;
  return JSON.stringify([body, customers]);
}

interface OrderFacts extends Span {
  readonly ports: readonly number[];
  /** What the round has measured for another line. */
  readonly latest?: (id: string) => Sample;
}

function unknown(): never {
  throw new Error('nothing has been measured yet');
}

let orders = 0;
const KEYS_PER_ORDER = 10_000_000;

export function orderOf({ data }: Group, { load }: Line, facts: OrderFacts): Order {
  const { ports, latest = unknown, ...span } = facts;
  const { connections, customers } = load;
  if (load.kind === 'DRIVER') {
    const { url: databaseUrl, projectId } = data;
    return { kind: 'DRIVE', ...span, databaseUrl, projectId, connections, customers };
  }
  orders += 1;
  return {
    kind: 'LOAD',
    ...span,
    warmUpMs: load.warmUpMs ?? span.warmUpMs,
    ports,
    secret: data.secret,
    body: load.body,
    bodyAfter: load.bodyAfter ?? null,
    path: load.path ?? '/graphql',
    status: load.status ?? 200,
    success: load.success,
    successes: Math.max(1, load.operations ?? 1),
    operations: load.operations ?? 1,
    connections,
    customers,
    routing: load.routing ?? 'ANY',
    keyStart: orders * KEYS_PER_ORDER,
    offeredPerSecond: load.offeredPerSecond?.(latest) ?? null,
  };
}

/** Runs one order on a generator; returns what it and the other processes used in the measured part. */
export async function measureLine(
  bench: Pick<Bench, 'postgresPid'>,
  servers: Servers | null,
  generator: ChildProcess,
  order: Order,
): Promise<Measured> {
  const usage = () => ({
    gatewayUs: servers === null ? null : cpuUsOfTrees(servers.pids),
    postgresUs: bench.postgresPid === null ? null : cpuUsOfTrees([bench.postgresPid]),
  });
  let before = usage();
  let after = before;
  const result = await run(generator, order, {
    begin: () => {
      servers?.resetLoops();
      before = usage();
    },
    // At once, so that what happens afterwards, such as closing connections, is not counted.
    end: () => {
      after = usage();
    },
  });
  const loops = (await servers?.readLoops(false)) ?? null;
  const { latencies, refusals, operations } = result;
  const perOperation = (from: number | null, to: number | null) =>
    from === null || to === null || operations === 0 ? null : (to - from) / operations;
  return {
    sample: {
      perSecond: operations / result.seconds,
      p50Ms: latencies.p50Ms,
      p99Ms: latencies.p99Ms,
      p999Ms: latencies.p999Ms,
      maxMs: latencies.maxMs,
      gatewayUs: perOperation(before.gatewayUs, after.gatewayUs),
      postgresUs: perOperation(before.postgresUs, after.postgresUs),
      generatorUs: result.generatorCpuUs / operations,
      rssBytesMax: servers === null ? null : rssBytesMaxOfTrees(servers.pids),
      loopBlockMsMax: loops?.blockMsMax ?? null,
      refusedPerSecond: refusals.count / result.seconds,
      refusedP99Ms: refusals.p99Ms,
      unsent: result.unsent,
    },
    failures: result.failures,
    failure: result.failure,
  };
}

function run(generator: ChildProcess, order: Order, marks: Marks): Promise<LoadResult> {
  return new Promise((resolve, reject) => {
    const settle = (settled: () => void) => {
      generator.off('message', onMessage);
      generator.off('exit', onExit);
      settled();
    };
    const onExit = (code: number | null) =>
      settle(() => reject(new Error(`The load generator ended (${code}).`)));
    const onMessage = (message: FromGenerator) => {
      if (message.kind === 'MEASURING') marks.begin();
      else if (message.kind === 'MEASURED') marks.end();
      else settle(() => resolve(message.result));
    };
    generator.on('message', onMessage);
    generator.on('exit', onExit);
    generator.send(order);
  });
}
