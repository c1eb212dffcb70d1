import type { RequestListener } from 'node:http';
import type { Config } from '../config.js';
import { createLogger } from '../platform/logger.js';
import { closeOnShutdown } from '../platform/shutdown.js';
import { listenOrSay } from './listen.js';
import { migrateWhenReachable } from './open.js';
import { CommandError } from './run.js';
import { Supervisor } from './supervisor.js';

/** The workers' own limit expires first. */
const GRACE_MARGIN_MS = 1_000;

/**
 * The primary process of several: it brings the database up to date, distributes connections to its
 * workers in turn, and does not look at their contents.
 */
export async function serveByWorkers(config: Config): Promise<void> {
  const { database, workers, logLevel: level, shutdownGraceMs } = config;
  if (database.kind !== 'POSTGRESQL') {
    throw new CommandError('Several workers need a PostgreSQL in DATABASE_URL.');
  }
  const { pid, stderr } = process;
  const logger = createLogger({ level, readable: stderr.isTTY === true, pid });
  const migrated = await migrateWhenReachable(config, database.connectionString, {
    say: (sentence) => console.error(sentence),
    warn: (sentence) => logger.warn(sentence),
  });
  if (migrated.length > 0) logger.info({ migrated }, 'Migrated.');
  let failure: string | null = null;
  const supervisor = new Supervisor({
    workers,
    port: await freePort(config),
    logger,
    onServing: (welcome) => {
      for (const line of welcome) console.log(line);
    },
    onFailure: (sentence) => {
      failure = sentence;
      console.error(sentence);
      closeProcess();
    },
  });
  // Whatever ends this process, including a second signal, ends them too: a worker that hangs would not notice.
  process.on('exit', () => supervisor.kill());
  const closeProcess = closeOnShutdown({
    graceMs: shutdownGraceMs + GRACE_MARGIN_MS,
    logger,
    close: async () => {
      try {
        await supervisor.close();
      } catch (error) {
        logger.error({ err: error }, 'Not all workers shut down gracefully.');
        throw error;
      }
      // For the exit code.
      if (failure !== null) throw new Error(failure);
    },
  });
}

/**
 * Where the workers will listen: checking the port before they do reports in one sentence why it
 * cannot be used, and turns PORT=0 into a number.
 */
async function freePort(config: Config): Promise<number> {
  const { origin, close } = await listenOrSay(refuse, { ...config, shutdownGraceMs: 0 });
  await close();
  return Number(/\d+$/.exec(origin)?.[0]);
}

const refuse: RequestListener = (_request, response) => {
  response.writeHead(503).end();
};
