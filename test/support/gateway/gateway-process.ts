/** Gateways as processes of the operating system, which can be killed. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { NeighbourAddress } from '../../../src/neighbours/neighbours.js';
import { compiledFile } from '../compiled/compiled-file.js';
import { serverSettings, serversOf } from '../database/servers.js';
import { PATIENT_DATABASE, PATIENT_SETTINGS, WRITE_QUEUE } from './limits.js';
import type { GatewayLimits } from './open-gateway.js';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

export interface GatewayProcess {
  /** `http://127.0.0.1:54321` */
  readonly origin: string;
  /** SIGKILL; resolves when the process is gone. */
  kill(): Promise<void>;
  /** SIGTERM; resolves with the exit code when the process has ended. */
  stop(): Promise<number | null>;
}

/** A gateway whose clock the test shifts: test/support/gateway/gateway-main.ts. */
export interface ShiftableGateway extends GatewayProcess {
  /** Moves the store's clock this far ahead of the database's. */
  setClockOffset(offsetMs: number): Promise<void>;
  /** Resolves once it has a connection to each of them. */
  meet(neighbours: readonly NeighbourAddress[]): Promise<void>;
}

export interface GatewayOrder extends GatewayLimits {
  readonly databaseUrl: string;
  /** The other servers, by name. */
  readonly servers: Readonly<Record<string, string>>;
  readonly clockOffsetMs: number;
  /** Who it is beside others, and where it listens for them; by default, it is alone. */
  readonly beside?: NeighbourAddress;
}

export type ToGateway =
  | { readonly kind: 'CLOCK'; readonly offsetMs: number }
  | { readonly kind: 'NEIGHBOURS'; readonly neighbours: readonly NeighbourAddress[] };

export type FromGateway =
  | { readonly kind: 'LISTENING'; readonly origin: string }
  | { readonly kind: 'CLOCK'; readonly offsetMs: number }
  | { readonly kind: 'NEIGHBOURS' };

const DEFAULTS = {
  clockOffsetMs: 0,
  lanes: 4,
  queueItemsMax: WRITE_QUEUE.queueItemsMax,
  poolMax: 10,
  ...PATIENT_DATABASE,
} as const;

export async function startGatewayProcess(
  options: Partial<GatewayOrder> & Pick<GatewayOrder, 'databaseUrl'>,
): Promise<ShiftableGateway> {
  const script = compiledFile('test/support/gateway/gateway-main.ts');
  const child = spawn(process.execPath, [script], {
    cwd: ROOT,
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const ended = endOf(child);
  const next = async <Kind extends FromGateway['kind']>(kind: Kind) => {
    const message = await Promise.race([once(child, 'message'), ended]);
    if (Array.isArray(message)) return said(message[0], kind);
    throw new Error(`the gateway ended (${message})`);
  };
  const servers = Object.fromEntries(serversOf(options.databaseUrl));
  child.send({ ...DEFAULTS, servers, ...options } satisfies GatewayOrder);
  const { origin } = await next('LISTENING');
  return {
    ...handleOf(child, ended, origin),
    setClockOffset: async (offsetMs) => {
      const answer = next('CLOCK');
      child.send({ kind: 'CLOCK', offsetMs } satisfies ToGateway);
      await answer;
    },
    meet: async (neighbours) => {
      const answer = next('NEIGHBOURS');
      child.send({ kind: 'NEIGHBOURS', neighbours } satisfies ToGateway);
      await answer;
    },
  };
}

function said<Kind extends FromGateway['kind']>(
  message: FromGateway,
  kind: Kind,
): Extract<FromGateway, { kind: Kind }> {
  const isKind = (one: FromGateway): one is Extract<FromGateway, { kind: Kind }> =>
    one.kind === kind;
  if (isKind(message)) return message;
  throw new Error(`the gateway sent ${message.kind} instead of ${kind}`);
}

/** Tollgate itself, with its output. */
export interface Tollgate extends GatewayProcess {
  readonly pid: number;
  /** Resolves with the exit code. */
  readonly ended: Promise<number | null>;
  readonly output: () => string;
  /** Resolves with the first match once it has been printed. */
  said(pattern: RegExp): Promise<string>;
}

const SAID_WAIT_MS = 20;
const SAID_WAITS_MAX = 3_000;

/** Thrown if the program ends instead of listening. */
export class EndedError extends Error {
  override readonly name = 'EndedError';
  readonly code: number | null;
  readonly output: string;

  constructor(code: number | null, output: string) {
    super(`Tollgate ended (${code}): ${output}`);
    this.code = code;
    this.output = output;
  }
}

/** A test run must leave nothing behind, even if it is killed. */
const DIE = 'test/support/gateway/die-with-parent.ts';

export interface Program {
  readonly root: string;
  /** The JavaScript. */
  readonly main: string;
}

/** Runs src/main.ts with these settings, as `npm start` does; PORT is any free one by default. */
export async function startTollgate(
  settings: NodeJS.ProcessEnv,
  args: readonly string[] = [],
  { root, main }: Program = { root: ROOT, main: compiledFile('src/main.ts') },
): Promise<Tollgate> {
  const command = ['--import', compiledFile(DIE), main, ...args];
  const child = spawn(process.execPath, command, {
    cwd: root,
    stdio: ['pipe', 'pipe', 'pipe'],
    env: {
      ...process.env,
      DATABASE_URL: '',
      PORT: '0',
      LOG_LEVEL: 'fatal',
      ...PATIENT_SETTINGS,
      ...serverSettings(settings['DATABASE_URL']),
      ...settings,
    },
  });
  const ended = endOf(child);
  let output = '';
  const listening = new Promise<string>((resolve) => {
    const read = (line: string) => {
      output += `${line}\n`;
      const origin = /^Tollgate listens on (\S+)\/graphql /.exec(line)?.[1];
      if (origin !== undefined) resolve(origin);
    };
    for (const input of [child.stdout, child.stderr]) createInterface({ input }).on('line', read);
  });
  const closed = once(child, 'close').then(() => null);
  const origin = await Promise.race([listening, closed]);
  if (origin === null) throw new EndedError(await ended, output);
  return {
    ...handleOf(child, ended, origin),
    pid: pidOf(child),
    ended,
    output: () => output,
    said: async (pattern) => {
      for (let waits = 0; waits < SAID_WAITS_MAX; waits += 1) {
        const [found] = pattern.exec(output) ?? [];
        if (found !== undefined) return found;
        await delay(SAID_WAIT_MS);
      }
      throw new Error(`Tollgate did not print ${pattern}, but: ${output}`);
    },
  };
}

function pidOf({ pid }: ChildProcess): number {
  if (pid === undefined) throw new Error('the process was not started');
  return pid;
}

function endOf(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve, reject) => {
    child.once('exit', resolve);
    child.once('error', reject);
  });
}

function handleOf(
  child: ChildProcess,
  ended: Promise<number | null>,
  origin: string,
): GatewayProcess {
  return {
    origin,
    kill: async () => {
      child.kill('SIGKILL');
      await ended;
    },
    stop: async () => {
      child.kill('SIGTERM');
      return ended;
    },
  };
}
