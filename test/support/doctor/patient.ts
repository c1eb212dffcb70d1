/** A server, a database and a role about which the doctor has nothing to say; faults are added to them. */
import { chown, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type pg from 'pg';
import type { GatewaySettings } from '../../../src/store/checks/check.js';
import type { FindingCode } from '../../../src/store/checks/codes.js';
import type { Finding } from '../../../src/store/checks/finding.js';
import { type DoctorOptions, examine } from '../../../src/store/doctor.js';
import { migrate } from '../../../src/store/migrate.js';
import { connect } from '../database/connections.js';
import { createDatabaseOn } from '../database/databases.js';
import { runCommand } from '../gateway/command.js';
import { PATIENT_DATABASE } from '../gateway/limits.js';
import type { Identity } from '../postgres/certificate.js';
import { startPostgres, type TestPostgres } from '../postgres/postgres.js';

export const PASSWORD = 'hunter2';

/** What docs/operations.md recommends, and what the faults need. */
const SETTINGS = {
  shared_buffers: '256MB',
  max_wal_size: '8GB',
  min_wal_size: '1GB',
  checkpoint_timeout: '15min',
  archive_mode: 'on',
  archive_command: '/bin/true',
  max_prepared_transactions: '5',
  autovacuum_naptime: '1h',
};

export const GATEWAY: GatewaySettings = {
  workers: 1,
  databasePoolMax: 10,
  readPoolMax: 4,
  databaseAcquireTimeoutMs: 2_000,
  statementTimeoutMs: 10_000,
  sweep: false,
  idempotencyKeyDays: null,
  eventPropertiesDays: null,
  eventsDays: null,
  ledgerDays: null,
  dropDetached: true,
  places: 1,
};

export interface Changes {
  readonly limits?: DoctorOptions['limits'];
  readonly gateway?: Partial<GatewaySettings>;
  readonly wallClockMs?: () => number;
  readonly timeoutMs?: number;
  /** By another address. */
  readonly url?: string;
  /** Examine as the superuser who owns everything. */
  readonly asOwner?: boolean;
}

export interface Patient {
  readonly postgres: TestPostgres;
  /** As the role of the gateway. */
  readonly url: string;
  readonly ownersUrl: string;
  readonly database: string;
  readonly role: string;
  /** The superuser's session, which was there before any fault. */
  readonly owner: pg.Client;
  examine(changes?: Changes): Promise<readonly Finding[]>;
  /** Those of one code. */
  about(code: FindingCode, changes?: Changes): Promise<readonly Finding[]>;
  /** Runs what a finding says, word for word. */
  follow(commands: readonly string[]): Promise<void>;
  /** Restarts the server, and connects again. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

export async function createPatient(): Promise<Patient> {
  const postgres = await startPostgres({
    own: true,
    durable: true,
    configured: true,
    settings: SETTINGS,
  });
  const role = 'gateway';
  const { url: ownersUrl } = await createDatabaseOn(postgres.url);
  const connectTimeoutMs = PATIENT_DATABASE.acquireTimeoutMs;
  await migrate({ address: { connectionString: ownersUrl }, connectTimeoutMs });
  let owner = await connect(ownersUrl);
  await owner.query(`CREATE ROLE ${role} LOGIN PASSWORD '${PASSWORD}' IN ROLE pg_monitor`);
  await owner.query(`GRANT SELECT ON _prisma_migrations TO ${role}`);
  await owner.query(
    `GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO ${role}`,
  );
  const url = new URL(ownersUrl);
  [url.username, url.password] = [role, PASSWORD];

  const examination = ({
    limits = {},
    gateway = {},
    asOwner = false,
    url: by,
    ...rest
  }: Changes = {}) =>
    examine({
      address: { connectionString: by ?? (asOwner ? ownersUrl : url.href) },
      connectTimeoutMs,
      folder: null,
      gateway: { ...GATEWAY, ...gateway },
      limits: { roundTripMs: 60_000, skewMs: 60_000, ...limits },
      ...rest,
    });
  return {
    postgres,
    url: url.href,
    ownersUrl,
    database: new URL(ownersUrl).pathname.slice(1),
    role,
    get owner() {
      return owner;
    },
    examine: examination,
    about: async (code, changes) =>
      (await examination(changes)).filter((finding) => finding.code === code),
    follow: async (commands) => {
      for (const command of commands) await followOne(command, owner, ownersUrl);
    },
    restart: async () => {
      await owner.end();
      await postgres.shutdown();
      await postgres.start();
      owner = await connect(ownersUrl);
    },
    stop: async () => {
      await owner.end();
      await postgres.stop();
    },
  };
}

/** The server uses it as soon as TLS is turned on. Returns the path of its authority's certificate. */
export async function useCertificate(
  { dataDirectory = '' }: TestPostgres,
  { certificate, key, authority }: Identity & { readonly authority: string },
): Promise<string> {
  const { uid, gid } = await stat(dataDirectory);
  const write = async (name: string, text: string) => {
    const path = join(dataDirectory, name);
    await writeFile(path, text, { mode: 0o600 });
    await chown(path, uid, gid);
    return path;
  };
  await write('server.crt', certificate);
  await write('server.key', key);
  return write('authority.crt', authority);
}

/** Of the commands of this program, the file of each. */
const FILES: Readonly<Record<string, string>> = {
  'db:migrate': 'commands/migrate.ts',
  'db:prune': 'commands/prune.ts',
  places: 'commands/places.ts',
};

async function followOne(command: string, owner: pg.Client, url: string): Promise<void> {
  if (!command.startsWith('npm run ')) {
    await owner.query(command);
    return;
  }
  const [name = '', ...args] = command.replace('npm run ', '').replace(' -- ', ' ').split(' ');
  const ended = await runCommand(FILES[name] ?? name, args, { DATABASE_URL: url });
  if (ended.code !== 0) throw new Error(`${command} ended with ${ended.stderr}`);
}
