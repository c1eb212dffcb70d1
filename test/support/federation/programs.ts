/** The programs in test/federation/programs, which have their own dependencies and run as processes. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

const PROGRAMS = fileURLToPath(new URL('../../federation/programs', import.meta.url));

export const COMPOSERS = [
  '@apollo/composition',
  '@theguild/federation-composition',
  '@wundergraph/composition',
] as const;

export type Composer = (typeof COMPOSERS)[number];

export interface NamedSubgraph {
  readonly name: string;
  readonly url: string;
  readonly sdl: string;
}

export interface Composed {
  readonly errors: readonly string[];
  readonly hints: readonly {
    readonly code: string;
    readonly level: string;
    readonly message: string;
  }[];
  /** Null if there are errors. */
  readonly supergraph: string | null;
}

export async function compose(
  composer: Composer,
  subgraphs: readonly NamedSubgraph[],
): Promise<Composed> {
  const child = spawn(process.execPath, [`${PROGRAMS}/compose.mjs`, composer], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  child.stdin.end(JSON.stringify(subgraphs));
  return JSON.parse(await text(child.stdout));
}

export interface Program {
  /** Where it listens, with the path. */
  readonly url: string;
  stop(): Promise<void>;
}

/** Runs a program that says where it listens at the end of a line. */
export async function startProgram(
  path: string,
  args: readonly string[],
  environment: NodeJS.ProcessEnv,
): Promise<Program> {
  const child = spawn(process.execPath, [path, ...args], {
    env: { ...process.env, ...environment },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const ended = once(child, 'exit');
  const url = await listening(child);
  return {
    url,
    stop: async () => {
      // Hive Gateway does not end with SIGTERM.
      child.kill('SIGKILL');
      await ended;
    },
  };
}

function listening(child: ChildProcess): Promise<string> {
  let said = '';
  return new Promise((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (part: string) => {
        said += part;
        const [url] = /http:\/\/[\w.]+:\d+\/(graphql)?(?=\n)/.exec(said) ?? [];
        if (url !== undefined) resolve(url);
      });
    }
    child.once('error', reject);
    child.once('close', () => reject(new Error(`it ended: ${said}`)));
  });
}

export interface GatewayProgram {
  readonly file: string;
  readonly environment: NodeJS.ProcessEnv;
  /** It sends the mutations of an operation one by one, without their aliases. */
  readonly splitsMutations: boolean;
  /** The name of its head in the table of clients. */
  readonly head: string;
}

const HIVE = 'Hive Gateway (gateway-runtime 2.12.1)';

/** The gateways, each with its query planner. */
export const GATEWAYS: Readonly<Record<string, GatewayProgram>> = {
  'Hive Gateway': {
    file: 'hive-gateway.mjs',
    environment: {},
    splitsMutations: true,
    head: HIVE,
  },
  "Hive Gateway with Hive Router's planner": {
    file: 'hive-gateway.mjs',
    environment: { PLANNER: 'router-runtime' },
    splitsMutations: false,
    head: HIVE,
  },
  'Apollo Gateway': {
    file: 'apollo-gateway.mjs',
    environment: {},
    splitsMutations: false,
    head: 'Apollo Gateway 2.14.4',
  },
};

export async function startGateway(
  { file, environment }: GatewayProgram,
  supergraph: string,
  settings: NodeJS.ProcessEnv,
): Promise<Program> {
  const folder = await mkdtemp(join(tmpdir(), 'tollgate-supergraph-'));
  const path = join(folder, 'supergraph.graphql');
  await writeFile(path, supergraph);
  const started = startProgram(`${PROGRAMS}/${file}`, [path], { ...environment, ...settings });
  return started.finally(() => rm(folder, { recursive: true }));
}

/** For programs that cannot choose one themselves. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('it has no port');
  return address.port;
}
