/** One measurement: a server process, a load process, and what both and PostgreSQL used. */
import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { cpuUsOfTree } from './cpu.js';
import type { FromLoad, FromTarget, LoadOrder, LoadResult } from './protocol.js';

const READY_ATTEMPTS_MAX = 300;
const READY_PAUSE_MS = 100;

export interface Measurement extends LoadResult {
  /** CPU of the gateway per request. */
  readonly gatewayUs: number;
  /** CPU of PostgreSQL per request; null where it can't be told. */
  readonly databaseUs: number | null;
  readonly rssBytesMax: number;
}

export interface Target {
  readonly module: string;
  readonly environment: Readonly<Record<string, string>>;
  /** Where it will listen; null for one that says so itself. */
  readonly port: number | null;
}

/** Starts the target, loads it, and stops it. */
export async function measure(
  target: Target,
  order: Omit<LoadOrder, 'port'>,
  postgresPid: number,
): Promise<Measurement> {
  const server = forkModule(target.module, target.environment);
  try {
    const port = target.port ?? (await listening(server));
    if (target.port !== null) await ready(target.port);
    return await load(server, { ...order, port }, postgresPid);
  } finally {
    await ended(server);
  }
}

const AGENT = new URL('./agent.mjs', import.meta.url).href;

function forkModule(module: string, environment: Readonly<Record<string, string>>): ChildProcess {
  return fork(fileURLToPath(new URL(module, import.meta.url)), {
    execArgv: ['--import', module.endsWith('.ts') ? 'tsx' : AGENT],
    env: { ...process.env, NODE_ENV: 'production', ...environment },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
}

async function load(
  server: ChildProcess,
  order: LoadOrder,
  postgresPid: number,
): Promise<Measurement> {
  const generator = forkModule('./load.ts', {});
  let before = { gatewayUs: 0, databaseUs: 0 as number | null };
  const result = new Promise<LoadResult>((resolve, reject) => {
    generator.on('message', async (message: FromLoad) => {
      if (message.kind === 'RESULT') resolve(message.result);
      else
        before = { gatewayUs: (await usage(server)).cpuUs, databaseUs: cpuUsOfTree(postgresPid) };
    });
    generator.on('exit', (code) => reject(new Error(`the load generator ended with ${code}`)));
  });
  generator.send(order);
  const load = await result;
  const after = await usage(server);
  const databaseUs = cpuUsOfTree(postgresPid);
  return {
    ...load,
    gatewayUs: (after.cpuUs - before.gatewayUs) / load.requests,
    databaseUs:
      databaseUs === null || before.databaseUs === null
        ? null
        : (databaseUs - before.databaseUs) / load.requests,
    rssBytesMax: after.rssBytesMax,
  };
}

function listening(server: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    server.on('message', (message: FromTarget) => {
      if (message.kind === 'LISTENING') resolve(message.port);
    });
    server.on('exit', (code) =>
      reject(new Error(`the server ended with ${code} before it listened`)),
    );
  });
}

async function ready(port: number): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    const answer = await fetch(`http://127.0.0.1:${port}/ready`).catch(() => null);
    if (answer?.ok) return;
    if (attempt === READY_ATTEMPTS_MAX) throw new Error('the server did not become ready');
    await new Promise((resolve) => setTimeout(resolve, READY_PAUSE_MS));
  }
}

function usage(server: ChildProcess): Promise<Extract<FromTarget, { kind: 'USAGE' }>> {
  return new Promise((resolve) => {
    const listen = (message: FromTarget) => {
      if (message.kind !== 'USAGE') return;
      server.off('message', listen);
      resolve(message);
    };
    server.on('message', listen);
    server.send({ kind: 'USAGE' });
  });
}

function ended(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    server.once('exit', () => resolve());
    server.kill('SIGKILL');
  });
}
