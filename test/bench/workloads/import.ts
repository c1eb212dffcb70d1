/** `npm run import` of a file, compared with what the database can record at all. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CUSTOMERS } from '../bench.js';
import { type Measured, rowOf } from '../figures.js';
import { API_CALLS } from '../fill/families.js';
import type { BenchData } from '../fill/small.js';
import { driverGroup, measured, over } from '../lines.js';
import { customerId, PROPERTIES } from '../requests.js';
import { measureRounds, type Rounds } from '../rounds.js';
import { cpuUsOfTrees, rssBytesMaxOfTrees } from '../usage.js';
import type { Bench, Line, Workload } from '../workload.js';

const COMMAND = fileURLToPath(new URL('../../../dist/commands/import.js', import.meta.url));
/** As `npm run import` gives them. */
const FLAGS = ['--max-semi-space-size=64', '--min-semi-space-size=64'];

/** So many that an import takes longer than a line is measured. */
const LINES_PER_SECOND = 20_000;
const LOOK_MS = 100;

const LIMIT: Line = {
  id: 'database-2',
  label: 'database limit, 2 connections',
  unit: 'events',
  load: { kind: 'DRIVER', connections: 2, customers: { count: CUSTOMERS, stride: 1 } },
};
const HEAD = {
  id: 'import',
  label: '`npm run import`',
  unit: 'events',
  baseline: false,
} as const;

export const importLines: Workload = {
  name: 'import',
  about: 'npm run import of a file with events of any customer, beside the database limit',
  async run(bench) {
    const data = await bench.smallDatabase();
    const folder = await mkdtemp(join(tmpdir(), 'tollgate-import-'));
    const lines = bench.seconds * LINES_PER_SECOND;
    const path = join(folder, 'events.jsonl');
    const limits: Rounds[] = [];
    const imports: Measured[] = [];
    try {
      await writeEvents(path, lines);
      for (let round = 1; round <= bench.rounds; round += 1) {
        const group = driverGroup('drivers/database.ts', data, [LIMIT]);
        limits.push(await measureRounds({ ...bench, rounds: 1 }, [group]));
        imports.push(await measureImport(bench, { data, path, lines, name: `round-${round}` }));
      }
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
    const ofLimit = limits.flatMap(({ samples }) => samples(LIMIT.id));
    const rounds: Rounds = {
      rows: [
        rowOf({ ...LIMIT, baseline: true }, ofLimit.map(withoutFailures)),
        rowOf(HEAD, imports),
      ],
      samples: (id) => (id === HEAD.id ? imports.map(({ sample }) => sample) : ofLimit),
    };
    const remarks = [
      `The file has ${lines.toLocaleString('en')} lines without keys, so each gets one, and its result is stored; ` +
        'the database limit stores neither. The time includes that until the code is compiled.',
    ];
    return measured(rounds, [over([HEAD.id], LIMIT.id, '÷ database limit')], { remarks });
  },
};

function withoutFailures(sample: Measured['sample']): Measured {
  return { sample, failures: 0, failure: null };
}

async function writeEvents(path: string, lines: number): Promise<void> {
  const file = createWriteStream(path);
  for (let line = 0; line < lines; line += 1) {
    const customer = customerId('plain', Math.floor(Math.random() * CUSTOMERS));
    const event = { customerId: customer, featureId: API_CALLS, value: 1, properties: PROPERTIES };
    if (!file.write(`${JSON.stringify(event)}\n`)) await once(file, 'drain');
  }
  file.end();
  await once(file, 'close');
}

interface Import {
  readonly data: BenchData;
  readonly path: string;
  readonly lines: number;
  readonly name: string;
}

/** What it says of itself: its start and the connection are not part of the time. */
const SUMMARY = /^([\d,]+) usage events recorded .* refused, in .* \(([\d,]+)\/s\)\.$/m;

async function measureImport(bench: Bench, { data, path, lines, name }: Import): Promise<Measured> {
  const args = [...FLAGS, COMMAND, path, '--name', name];
  const postgresBefore = postgresUs(bench);
  const child = spawn(process.execPath, args, {
    env: { ...process.env, NODE_ENV: 'production', DATABASE_URL: data.url },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  const pids = [child.pid ?? 0];
  let [cpuUs, rssBytesMax] = [0, 0];
  const looking = setInterval(() => {
    cpuUs = cpuUsOfTrees(pids) || cpuUs;
    rssBytesMax = rssBytesMaxOfTrees(pids) || rssBytesMax;
  }, LOOK_MS);
  await once(child, 'close');
  clearInterval(looking);
  const [, recorded, rate] = SUMMARY.exec(output) ?? [];
  const failures = lines - numberOf(recorded);
  bench.say(`${name}: ${output.trim()}`);
  return {
    sample: {
      ...NO_LATENCIES,
      perSecond: numberOf(rate),
      gatewayUs: cpuUs / lines,
      postgresUs: perLine(postgresBefore, postgresUs(bench), lines),
      rssBytesMax,
    },
    failures,
    failure: failures === 0 ? null : output,
  };
}

function postgresUs({ postgresPid }: Bench): number | null {
  return postgresPid === null ? null : cpuUsOfTrees([postgresPid]);
}

function perLine(before: number | null, after: number | null, lines: number): number | null {
  return before === null || after === null ? null : (after - before) / lines;
}

/** As the command writes it: 12,345. */
function numberOf(text = '0'): number {
  return Number(text.replaceAll(',', ''));
}

/** A file waits for no answer. */
const NO_LATENCIES = {
  p50Ms: Number.NaN,
  p99Ms: Number.NaN,
  p999Ms: Number.NaN,
  maxMs: Number.NaN,
  generatorUs: 0,
  loopBlockMsMax: null,
  refusedPerSecond: 0,
  refusedP99Ms: 0,
  unsent: 0,
} as const;
