/**
 * `npm run bench:supergraph`: how much of the time of a supergraph's query is Tollgate's, behind each gateway. It writes the
 * table in docs/federation.md. What runs is the built program, on a PostgreSQL with fsync; requests come one after the other.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { monotonicMs } from '../../src/platform/clock.js';
import { type GatewayClient, type Graph, graphOn } from '../support/federation/graph.js';
import { GATEWAYS } from '../support/federation/programs.js';
import { openBench } from './bench.js';
import { runFacts } from './facts.js';
import { gateways } from './lines.js';
import { customerId } from './requests.js';
import { startServers } from './servers.js';
import { median } from './statistics.js';

const PAGE = new URL('../../docs/federation.md', import.meta.url);
const INSTALLED = new URL('../federation/node_modules', import.meta.url);

const USERS = Array.from({ length: 100 }, (_, n) => customerId('reader', n));
const SELECTION =
  '{ name usage { customerId balances { feature { featureId name } granted remaining } } }';
const QUERIES = [
  { users: 1, query: `{ user(id: "${USERS[0]}") ${SELECTION} }` },
  { users: USERS.length, query: `{ users ${SELECTION} }` },
];

/** Not counted: gateways compile at first. */
const WARM_UP = 100;
const COUNTED = 300;

const HEAD = [
  '| gateway | users in the query | whole query | of which Tollgate | share |',
  '| --- | --- | --- | --- | --- |',
];

const OPTIONS = { rounds: 1, seconds: 1, largeCustomers: 0 };

if (existsSync(INSTALLED)) await main();
else {
  console.error('npm run test:federation installs the gateways. Run it first.');
  process.exitCode = 1;
}

async function main(): Promise<void> {
  const options = { ...OPTIONS, names: [], list: false, strict: false, write: true };
  const bench = await openBench(options, (line) => console.error(line));
  try {
    const data = await bench.smallDatabase('reader');
    const server = gateways(data);
    const environment = { ...server.environment, SUBGRAPH: 'on' };
    const servers = await startServers({ ...server, environment });
    const origin = `http://127.0.0.1:${servers.ports[0]}`;
    const graph = await graphOn({ origin, secret: data.secret }, USERS);
    try {
      const rows = await measureAll(graph);
      const { date, machine, node } = runFacts(options, bench.server);
      write([...HEAD, ...rows, '', `Measured on ${date} with Node ${node} on ${machine}.`]);
    } finally {
      await graph.stop();
      await servers.stop();
    }
  } finally {
    await bench.endWorkload();
    await bench.close();
  }
}

async function measureAll(graph: Graph): Promise<string[]> {
  const rows: string[] = [];
  for (const name of Object.keys(GATEWAYS)) {
    const gateway = await graph.gateway(name);
    for (const { users, query } of QUERIES) {
      const times = await timesOf(query, gateway, graph);
      const fastest = times.toSorted((a, b) => a.whole - b.whole).slice(0, COUNTED / 10);
      const ms = (of: (time: Time) => number) => `${median(fastest.map(of)).toFixed(1)} ms`;
      const share = Math.round(median(fastest.map(({ part, whole }) => part / whole)) * 100);
      const cells = [name, users, ms(({ whole }) => whole), ms(({ part }) => part), `${share} %`];
      rows.push(`| ${cells.join(' | ')} |`);
      console.error(rows.at(-1));
    }
    await gateway.stop();
  }
  return rows;
}

interface Time {
  readonly whole: number;
  /** Until Tollgate's answer was there, for all its requests. */
  readonly part: number;
}

async function timesOf(query: string, gateway: GatewayClient, { proxy }: Graph): Promise<Time[]> {
  const times: Time[] = [];
  for (let nth = -WARM_UP; nth < COUNTED; nth += 1) {
    proxy.take();
    const startedAt = monotonicMs();
    const { data, errors } = await gateway.send(query);
    const whole = monotonicMs() - startedAt;
    if (data === null || errors.length > 0) throw new Error(JSON.stringify(errors));
    const part = proxy.take().reduce((sum, { ms }) => sum + ms, 0);
    if (nth >= 0) times.push({ whole, part });
  }
  return times;
}

/** Between the two comments on the page. */
function write(lines: readonly string[]): void {
  const page = readFileSync(PAGE, 'utf8');
  const written = page.replace(
    /(<!-- npm run bench:supergraph -->\n).*?(<!-- end -->)/s,
    (_all, begin: string, end: string) => `${begin}${lines.join('\n')}\n${end}`,
  );
  if (written === page) throw new Error('docs/federation.md has no place for the table');
  writeFileSync(PAGE, written);
}
