/** A project that tracks at half the peak, alone and beside four clients of another project with the most expensive reads. */
import type { ChildProcess } from 'node:child_process';
import { getIntrospectionQuery } from 'graphql';
import { present } from '../../../src/domain/assert.js';
import { type Measured, rowOf } from '../figures.js';
import { createHistory } from '../fill/history.js';
import { createLargeJson } from '../fill/large-json.js';
import { type BenchData, createData } from '../fill/small.js';
import { gateways, httpGroup, LOAD_GENERATOR, linesAt, measured, under } from '../lines.js';
import { measureLine, orderOf, type Rounds } from '../rounds.js';
import { end, type Servers, startModule, startServers } from '../servers.js';
import { number } from '../text.js';
import type { Bench, Group, HttpLoad, Line, Workload } from '../workload.js';
import { SPREAD } from './spread.js';

const READERS = 4;
const READER_CUSTOMERS = 1_000;
const EVENTS_PER_BALANCE = 10;

/** Long enough for the work of the readers to accumulate wherever it can. */
const WARM_UP_MS = 2_000;
/** The readers start before and end after the measurement. */
const READERS_MORE_MS = 1_000;

const query = (text: string) => JSON.stringify({ query: text });

type Read = Pick<HttpLoad, 'body' | 'success' | 'status'>;

/** The most expensive reads, each in its own way. */
const READS: Readonly<Record<string, Read>> = {
  'balances of all customers': {
    body: query(`{ customers(first: 100) { edges { node { name balances { granted remaining feature { name }
      breakdown { id granted remaining used nextResetAt createdAt } } } } } }`),
    success: '{"data":{"customers":{"edges":[{',
  },
  'ledgers of balances': {
    body: query(`{ customers(first: 20) { edges { node { name balances { breakdown {
      id ledger(first: 1) { edges { cursor node { amount usedAfter event { id value } } } } } } } } } }`),
    success: '{"data":{"customers":{"edges":[{',
  },
  'balances of events': {
    body: query(`{ events(first: 100) { edges { node { id value customer { name entities(first: 5) { edges { cursor } } }
      deductions { amount balance { remaining feature { name } customer { name metadata } } } } } } }`),
    success: '{"data":{"events":{"edges":[{',
  },
  'large properties': {
    body: query('{ events(last: 100) { edges { node { id properties } } } }'),
    success: '{"data":{"events":{"edges":[{',
  },
  'large properties, not requested': {
    body: query('{ events(last: 100) { edges { node { id value } } } }'),
    success: '{"data":{"events":{"edges":[{',
  },
  'large metadata': {
    body: query('{ customers(last: 100) { edges { node { id metadata } } } }'),
    success: '{"data":{"customers":{"edges":[{',
  },
  introspection: { body: query(getIntrospectionQuery()), success: '{"data":{"__schema":{' },
  'what is refused': {
    body: query(
      `{ customers(first: 100) { edges { node { ${Array.from(
        { length: 50 },
        (_, n) => `e${n}: events(first: 100) { edges { node { id value } } }`,
      ).join(' ')} } } } }`,
    ),
    status: 400,
    success: 'QUERY_TOO_COMPLEX',
  },
};

export const mixed: Workload = {
  name: 'mixed',
  about:
    'tracking at half the peak beside four clients of another project who ask for all they may',
  async run(bench) {
    const data = await bench.smallDatabase();
    const options = { url: data.url, customers: { reader: READER_CUSTOMERS }, name: 'readers' };
    const readers = await createData(options);
    await createHistory(readers, EVENTS_PER_BALANCE);
    await createLargeJson(readers);
    const samples = new Map<string, Measured[]>();
    for (let round = 1; round <= bench.rounds; round += 1) {
      await measureRound(bench, data, readers, samples);
    }
    const of = (id: string) => samples.get(id) ?? [];
    const lines = [PEAK, ALONE, ...Object.keys(READS).map(besideLine)];
    const rounds: Rounds = {
      rows: lines.map((line) => rowOf({ ...line, baseline: false }, of(line.id))),
      samples: (id) => of(id).map(({ sample }) => sample),
    };
    const beside = Object.keys(READS).map((name) => besideLine(name).id);
    return measured(rounds, [under(beside, ALONE.id, '÷ alone', 'p99Ms')], {
      remarks: [
        `The p99 alone is ${number(p99Of(rounds, ALONE.id), 1)} ms; beside the readers it may be twice ` +
          'that, or 20 ms, whichever is more.',
      ],
      extra: {
        p99AloneMs: p99Of(rounds, ALONE.id),
        p99BesideMsMax: Math.max(...beside.map((id) => p99Of(rounds, id))),
      },
    });
  },
};

function p99Of({ rows }: Rounds, id: string): number {
  return rows.find((row) => row.id === id)?.p99Ms ?? Number.NaN;
}

const CONNECTIONS = 256;

const PEAK = present(
  linesAt([CONNECTIONS], { id: 'peak', label: 'peak' }, SPREAD)[0],
  'one line for the one number of connections',
);

const ALONE = halfThePeak('alone', 'half the peak, alone');

function besideLine(name: string): Line {
  return halfThePeak(`beside ${name}`, `half the peak, beside ${name}`);
}

function halfThePeak(id: string, label: string): Line {
  return {
    id,
    label,
    unit: 'requests',
    load: {
      kind: 'HTTP',
      ...SPREAD,
      connections: CONNECTIONS,
      warmUpMs: WARM_UP_MS,
      offeredPerSecond: (measured) => measured(PEAK.id).perSecond / 2,
    },
  };
}

async function measureRound(
  bench: Bench,
  data: BenchData,
  readers: BenchData,
  samples: Map<string, Measured[]>,
): Promise<void> {
  const servers = await startServers(gateways(data));
  const [tracking, reading] = [startModule(LOAD_GENERATOR, {}), startModule(LOAD_GENERATOR, {})];
  const keep = (id: string, one: Measured) => {
    samples.set(id, [...(samples.get(id) ?? []), one]);
    const { perSecond, p99Ms, loopBlockMsMax } = one.sample;
    bench.say(
      `${id}: ${number(perSecond, 0)}/s, p99 ${number(p99Ms, 1)} ms, ` +
        `longest block ${number(loopBlockMsMax ?? Number.NaN, 0)} ms`,
    );
    if (one.failures > 0) bench.say(`${one.failures} FAILURES, such as: ${one.failure}`);
  };
  try {
    const measure = (line: Line) =>
      measureTracking({ bench, servers, data, samples }, tracking, line);
    keep(PEAK.id, await measure(PEAK));
    keep(ALONE.id, await measure(ALONE));
    for (const [name, read] of Object.entries(READS)) {
      const line = besideLine(name);
      const until = startReading({ bench, servers, readers }, reading, read);
      keep(line.id, await measure(line));
      const { perSecond, failures, failure } = await until;
      bench.say(`${name}: ${number(perSecond, 1)}/s${failures > 0 ? ` FAILURES: ${failure}` : ''}`);
    }
  } finally {
    await Promise.all([end(tracking), end(reading)]);
    await servers.stop();
  }
}

interface Tracking {
  readonly bench: Bench;
  readonly servers: Servers;
  readonly data: BenchData;
  readonly samples: ReadonlyMap<string, readonly Measured[]>;
}

function measureTracking(
  { bench, servers, data, samples }: Tracking,
  generator: ChildProcess,
  line: Line,
): Promise<Measured> {
  const group = httpGroup(gateways(data), data, [line]);
  const order = orderOf(group, line, {
    ports: servers.ports,
    measureMs: bench.seconds * 1_000,
    requestsMax: null,
    warmUpMs: WARM_UP_MS,
    warmUpRequests: line === PEAK ? group.warmUpRequests : 0,
    latest: (id) => present(samples.get(id)?.at(-1), 'the peak is measured first').sample,
  });
  return measureLine(bench, servers, generator, order);
}

interface Reading {
  readonly bench: Bench;
  readonly servers: Servers;
  readonly readers: BenchData;
}

/** Four clients in a loop until the tracking has been measured. */
async function startReading(
  { bench, servers, readers }: Reading,
  generator: ChildProcess,
  read: Read,
) {
  const load = {
    kind: 'HTTP',
    ...read,
    connections: READERS,
    customers: SPREAD.customers,
  } as const;
  const line: Line = { id: 'reading', label: 'reading', unit: 'requests', load };
  const group: Group = httpGroup(gateways(readers), readers, [line]);
  const order = orderOf(group, line, {
    ports: servers.ports,
    measureMs: WARM_UP_MS + bench.seconds * 1_000 + READERS_MORE_MS,
    requestsMax: null,
    warmUpMs: 0,
    warmUpRequests: 0,
  });
  const { sample, failures, failure } = await measureLine(
    { postgresPid: null },
    null,
    generator,
    order,
  );
  return { perSecond: sample.perSecond, failures, failure };
}
