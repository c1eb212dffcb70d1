/** A database with a gateway of an earlier release, and then one of this release beside it. */
import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Client, createClient } from '../client/client.js';
import { createDatabaseOn } from '../database/databases.js';
import { startTollgate, type Tollgate } from '../gateway/gateway-process.js';
import type { ReleasedBuild } from './build.js';
import { type OlderSchema, olderClient, olderSchema } from './prune.js';

export interface Beside {
  readonly databaseUrl: string;
  readonly schema: OlderSchema;
  /** Of the earlier release, without what it does not serve. */
  readonly old: Client;
  /** Starts a gateway of this release, which migrates the database. */
  startNew(): Promise<Client>;
  /** What the `audit` of the earlier release says, and its exit code. */
  oldAudit(): Promise<{ readonly code: number; readonly output: string }>;
  /** The migrations of this release that the earlier one does not have. */
  readonly unknownMigrations: readonly string[];
  /** Starts another gateway of the earlier release, which ends with the test. */
  startOld(): Promise<Tollgate>;
  close(): Promise<void>;
}

const SECRET = /tg_sk_[A-Za-z0-9_-]{43}/;

export async function startBeside(server: string, build: ReleasedBuild): Promise<Beside> {
  const { folder } = build;
  const { url, drop } = await createDatabaseOn(server);
  const env = { DATABASE_URL: url };
  const program = { root: folder, main: join(folder, 'dist/main.js') };
  const command = async (name: string, ...args: readonly string[]) => {
    const script = join(folder, `dist/commands/${name}.js`);
    const options = { cwd: folder, env: { ...process.env, ...env } };
    return promisify(execFile)(process.execPath, [script, ...args], options);
  };
  const running: Tollgate[] = [];
  const startOld = async () => {
    const started = await startTollgate(env, [], program);
    running.push(started);
    return started;
  };
  const known = readdirSync(join(folder, 'prisma/migrations'));
  const unknownMigrations = readdirSync('prisma/migrations')
    .toSorted()
    .filter((migration) => !known.includes(migration));
  const close = async () => {
    for (const gateway of running) await gateway.kill();
    await drop();
  };
  try {
    const gateway = await startOld();
    const { stdout } = await command('keys', 'create', '--project', 'test', '--new-project');
    const [secret] = SECRET.exec(stdout) ?? [];
    if (secret === undefined) throw new Error(`no key was printed, but ${stdout}`);
    const schema = olderSchema(build.schema);
    return {
      databaseUrl: url,
      schema,
      old: olderClient(createClient(gateway.origin, secret), schema),
      startNew: async () => {
        const started = await startTollgate({ ...env, SWEEP: 'on' });
        running.push(started);
        return createClient(started.origin, secret);
      },
      oldAudit: () =>
        command('audit').then(
          ({ stdout: output }) => ({ code: 0, output }),
          ({ code, stdout: output, stderr }) => ({ code, output: `${output}${stderr}` }),
        ),
      unknownMigrations,
      startOld,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}
