import { resolve } from 'node:path';
import type { Config } from '../config.js';
import { type Finding, worstOf } from '../store/checks/finding.js';
import { type DoctorOptions, examine } from '../store/doctor.js';
import { findCluster } from '../store/embedded/cluster-folder.js';
import { openEmbeddedDatabase } from '../store/embedded/embedded-database.js';
import { argumentsOf, settingsOrHelp } from './arguments.js';
import { locationOf, sentenceAbout } from './database-trouble.js';
import { asJson, asText, failedAsJson } from './doctor/report.js';
import { freedFirst } from './open.js';
import { CommandError, explanationOf, runCommand } from './run.js';

const USAGE = `Usage:
  npm run doctor -- [--all] [--json]

Examines the database and says what to change, by which command: settings of the server, the database and the role,
rights, migrations, indexes, clocks, connections, long transactions, vacuum, disk. It changes nothing, and the gateway
may be running, unless it uses the embedded database. --all also lists what is well; --json writes it for programs.
The exit code is 0 if all is well or worth a note, 1 for warnings, 2 for problems, 3 if it could not be examined.`;

/** What monitors in the tradition of Nagios expect. */
const EXIT_CODES = { OK: 0, NOTE: 0, WARNING: 1, PROBLEM: 2 } as const;
const NOT_EXAMINED = 3;

const CONNECT_TIMEOUT_MS = 10_000;

async function doctor(config: Config): Promise<void> {
  const { all, json } = parsed();
  try {
    const { place, findings } = await examination(config);
    const report = { place, findings, level: worstOf(findings) };
    console.log(json ? asJson(report) : asText(report, { all }));
    process.exitCode = EXIT_CODES[report.level];
  } catch (error) {
    const reason = explanationOf(error);
    if (!json || reason === null) throw error;
    console.log(failedAsJson(reason));
    process.exitCode = NOT_EXAMINED;
  }
}

function parsed() {
  const { values } = argumentsOf(USAGE, {
    options: { all: { type: 'boolean' }, json: { type: 'boolean' } },
  });
  return { all: values.all === true, json: values.json === true };
}

interface Examination {
  readonly place: string;
  readonly findings: readonly Finding[];
}

async function examination(config: Config): Promise<Examination> {
  const { database } = config;
  const common = { connectTimeoutMs: CONNECT_TIMEOUT_MS, gateway: config };
  if (database.kind === 'EMBEDDED') return embedded(database.folder, common);
  const { connectionString } = database;
  const address = addressOf(connectionString);
  try {
    const servers = new Map(
      [...config.servers].map(([name, url]) => [name, addressOf(url)] as const),
    );
    const findings = await examine({ ...common, address, servers, folder: null });
    return { place: locationOf(connectionString), findings };
  } catch (error) {
    const sentence = error instanceof Error ? sentenceAbout(error, connectionString) : null;
    throw sentence === null ? error : new CommandError(sentence, { cause: error });
  }
}

const addressOf = (connectionString: string) => ({ connectionString });

/** It is not created for this. */
async function embedded(
  folder: string,
  common: Pick<DoctorOptions, 'connectTimeoutMs' | 'gateway'>,
): Promise<Examination> {
  const cluster = clusterOf(folder);
  if (cluster === null) {
    throw new CommandError(
      `There is no embedded database in ${folder} yet. The first start of the gateway creates it; for another one, set DATABASE_URL or DATA_DIR.`,
    );
  }
  const database = await freedFirst(() => openEmbeddedDatabase({ folder }));
  try {
    const address = { stream: database.stream };
    const findings = await examine({ ...common, address, folder: cluster });
    return { place: `the embedded database in ${folder}`, findings };
  } finally {
    await database.close();
  }
}

function clusterOf(folder: string): string | null {
  try {
    return findCluster(resolve(folder));
  } catch (error) {
    throw new CommandError(messageOf(error), { cause: error });
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? `${error.message}.` : String(error);
}

await runCommand(doctor, settingsOrHelp(USAGE), NOT_EXAMINED);
