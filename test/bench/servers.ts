/** The processes under load: the built Tollgate, or a baseline. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import type { FromAgent, FromServer, ToAgent } from './protocol.js';

export type ServerSpec =
  /** A baseline: a module in `servers/`. */
  | {
      readonly kind: 'BASELINE';
      readonly module: string;
      readonly environment: Readonly<Record<string, string>>;
    }
  /** The program as it is released. */
  | {
      readonly kind: 'GATEWAY';
      readonly count: number;
      readonly options: readonly string[];
      readonly environment: Readonly<Record<string, string>>;
    };

export interface Servers {
  readonly ports: readonly number[];
  readonly pids: readonly number[];
  /** Resets the measurement of blocked event loops. */
  resetLoops(): void;
  /** The longest time for which an event loop was blocked since then; null without an agent. */
  readLoops(collect: boolean): Promise<{ blockMsMax: number; heapBytes: number } | null>;
  stop(): Promise<void>;
}

export async function startServers(spec: ServerSpec): Promise<Servers> {
  const count = spec.kind === 'GATEWAY' ? spec.count : 1;
  const started = await Promise.allSettled(Array.from({ length: count }, () => startOne(spec)));
  const servers = started.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  const stop = async () => void (await Promise.all(servers.map(({ child }) => end(child))));
  const failed = started.find((one) => one.status === 'rejected');
  if (failed !== undefined) {
    await stop();
    throw failed.reason;
  }
  return {
    ports: servers.map(({ port }) => port),
    pids: servers.map(({ child }) => child.pid ?? 0),
    resetLoops: () => {
      if (spec.kind !== 'GATEWAY') return;
      for (const { child } of servers) send(child, { kind: 'BENCH_RESET' });
    },
    readLoops: async (collect) => {
      if (spec.kind !== 'GATEWAY') return null;
      const told = await Promise.all(servers.map(({ child }) => readLoop(child, collect)));
      return {
        blockMsMax: Math.max(...told.map(({ blockMsMax }) => blockMsMax)),
        heapBytes: told.reduce((sum, { heapBytes }) => sum + heapBytes, 0),
      };
    },
    stop,
  };
}

interface Started {
  readonly child: ChildProcess;
  readonly port: number;
}

async function startOne(spec: ServerSpec): Promise<Started> {
  const port = spec.kind === 'GATEWAY' ? await freePort() : 0;
  const child = spec.kind === 'GATEWAY' ? startGateway(spec, port) : startBaseline(spec);
  try {
    if (spec.kind === 'BASELINE') return { child, port: await listening(child) };
    await ready(child, port);
    return { child, port };
  } catch (error) {
    await end(child);
    throw error;
  }
}

const CEILING = 'ceiling.ts';
const AGENT = new URL('./agent.mjs', import.meta.url).href;

function startGateway(spec: Extract<ServerSpec, { kind: 'GATEWAY' }>, port: number): ChildProcess {
  return fork(pathOf('../../dist/main.js'), spec.options, {
    execArgv: [...startFlags(), '--import', AGENT],
    env: {
      ...process.env,
      NODE_ENV: 'production',
      HOST: '127.0.0.1',
      PORT: String(port),
      LOG_LEVEL: 'warn',
      ...spec.environment,
    },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
}

/** The flags of Node in `npm start`, so that what is measured is what runs in production. */
function startFlags(): string[] {
  const text = readFileSync(pathOf('../../package.json'), 'utf8');
  const { scripts }: { scripts: { start: string } } = JSON.parse(text);
  return scripts.start.split(' ').filter((word) => word.startsWith('--'));
}

function startBaseline(spec: Extract<ServerSpec, { kind: 'BASELINE' }>): ChildProcess {
  // The ceiling is Tollgate's own stack, so it runs with the same flags; the others run with defaults.
  const flags = spec.module === CEILING ? startFlags() : [];
  return startModule(`servers/${spec.module}`, spec.environment, flags);
}

/** Starts a module of the benchmark in a separate process. */
export function startModule(
  module: string,
  environment: Readonly<Record<string, string>>,
  flags: readonly string[] = [],
): ChildProcess {
  return fork(pathOf(`./${module}`), [], {
    execArgv: [...flags, '--import', 'tsx'],
    env: { ...process.env, NODE_ENV: 'production', ...environment },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
}

function pathOf(relative: string): string {
  return fileURLToPath(new URL(relative, import.meta.url));
}

async function listening(child: ChildProcess): Promise<number> {
  const message = await Promise.race([once(child, 'message'), endOf(child)]);
  return portIn(message);
}

/** A baseline's only message is that it listens. */
function portIn(message: readonly unknown[]): number {
  return (message[0] as FromServer).port;
}

async function endOf(child: ChildProcess): Promise<never> {
  const [code, signal] = await once(child, 'exit');
  throw new Error(`The server ended (${code ?? signal}) before it listened.`);
}

const READY_PAUSE_MS = 50;
const READY_ATTEMPTS_MAX = 1_200;

async function ready(child: ChildProcess, port: number): Promise<void> {
  const ended = endOf(child);
  // The race below handles it; afterwards it is not awaited.
  ended.catch(() => undefined);
  for (let attempt = 1; attempt <= READY_ATTEMPTS_MAX; attempt += 1) {
    const answer = await Promise.race([
      fetch(`http://127.0.0.1:${port}/ready`).catch(() => null),
      ended,
    ]);
    if (answer?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, READY_PAUSE_MS));
  }
  throw new Error('The gateway did not become ready within a minute.');
}

function send(child: ChildProcess, message: ToAgent): void {
  child.send(message);
}

function readLoop(child: ChildProcess, collect: boolean): Promise<FromAgent> {
  return new Promise((resolve, reject) => {
    const onExit = () => reject(new Error('The gateway ended under load.'));
    const onMessage = (message: FromAgent) => {
      if (message.kind !== 'BENCH_LOOP') return;
      child.off('message', onMessage);
      child.off('exit', onExit);
      resolve(message);
    };
    child.on('message', onMessage);
    child.on('exit', onExit);
    send(child, { kind: 'BENCH_READ', collect });
  });
}

const STOP_TIMEOUT_MS = 15_000;

/** A clean shutdown, so that the next round finds an idle database; SIGKILL if that takes too long. */
export async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  // SIGTERM would wait for a load balancer to notice.
  child.kill('SIGINT');
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS);
  await gone;
  clearTimeout(timer);
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = address !== null && typeof address === 'object' ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}
