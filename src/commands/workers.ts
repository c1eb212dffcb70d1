import type { RequestListener } from 'node:http';
import type { Config } from '../config.js';
import { counter } from '../metrics/family.js';
import { merged } from '../metrics/merge.js';
import { pruneFamilies, rangeFamilies } from '../metrics/upkeep-families.js';
import { PruneFigures, RangeFigures } from '../metrics/upkeep-figures.js';
import { createLogger, type Logger } from '../platform/logger.js';
import { closeOnShutdown } from '../platform/shutdown.js';
import { keepRanges } from './keep-ranges.js';
import { listenOrSay } from './listen.js';
import { expositionOf, type MetricsServer, serveMetrics } from './metrics.js';
import { open } from './open.js';
import { pruneDaily } from './prune-daily.js';
import { CommandError } from './run.js';
import { Supervisor } from './supervisor.js';
import { checkTrustedDocuments } from './trusted-documents.js';
import { folderOfWorkers } from './worker-folder.js';

/** The workers' own limit expires first. */
const GRACE_MARGIN_MS = 1_000;

/** Opened when it is used: for pruning. */
const ONE_CONNECTION = { databasePoolMax: 1, readPoolMax: 1 } as const;

/**
 * The primary process of several: it brings the database up to date, prunes it, distributes connections to its
 * workers in turn, and does not look at their contents.
 */
export async function serveByWorkers(config: Config): Promise<void> {
  const { database, workers, logLevel: level, drainDelayMs, shutdownGraceMs } = config;
  if (database.kind !== 'POSTGRESQL') {
    throw new CommandError('Several workers need a PostgreSQL in DATABASE_URL.');
  }
  const { pid, stderr } = process;
  const logger = createLogger({ level, readable: stderr.isTTY === true, pid });
  const onFatal = (error: Error) => {
    throw error;
  };
  // Each worker would find the same mistake.
  const trustedDocuments = await checkTrustedDocuments(config);
  const opened = await open(
    { ...config, ...ONE_CONNECTION },
    {
      migrates: true,
      say: (sentence) => console.error(sentence),
      onIdleError: (error) => logger.warn({ reason: error.message }, 'A connection was lost.'),
      warn: (sentence) => logger.warn(sentence),
      onFatal,
    },
  );
  const { migrated, store } = opened;
  if (migrated.length > 0) logger.info({ migrated }, 'Migrated.');
  let failure: string | null = null;
  const port = await freePort(config);
  const figures = { prune: new PruneFigures(), ranges: new RangeFigures() };
  const metrics = await metricsOf(config, () => supervisor, figures, logger);
  const supervisor = new Supervisor({
    workers,
    port,
    trustedDocuments,
    folder: config.forward ? folderOfWorkers(logger) : null,
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
  // Here, and not in each of the workers: they would all look at the same keys.
  const pruning = pruneDaily({
    prune: store.prune,
    days: config.idempotencyKeyDays,
    propertiesDays: config.eventPropertiesDays,
    logger,
    figures: figures.prune,
  });
  const keeping = keepRanges({ ...store, config, logger, figures: figures.ranges });
  // Whatever ends this process, including a second signal, ends them too: a worker that hangs would not notice.
  process.on('exit', () => supervisor.kill());
  const closeProcess = closeOnShutdown({
    graceMs: shutdownGraceMs + GRACE_MARGIN_MS,
    delayMs: drainDelayMs,
    announce: () => supervisor.announce(),
    logger,
    close: async () => {
      try {
        await supervisor.close();
      } catch (error) {
        logger.error({ err: error }, 'Not all workers shut down gracefully.');
        throw error;
      } finally {
        await pruning.stop();
        await keeping.stop();
        await opened.close();
        await metrics?.close();
      }
      // For the exit code.
      if (failure !== null) throw new Error(failure);
    },
  });
}

/** Those of all workers and of this process. */
async function metricsOf(
  config: Config,
  supervisor: () => Supervisor,
  { prune, ranges }: { readonly prune: PruneFigures; readonly ranges: RangeFigures },
  logger: Logger,
): Promise<MetricsServer | null> {
  if (config.metrics === null) return null;
  const replaced = counter(
    'tollgate_workers_replaced_total',
    'Workers that have ended and were replaced.',
    () => supervisor().replaced,
  );
  const own = await expositionOf([...pruneFamilies(prune), ...rangeFamilies(ranges), replaced]);
  return serveMetrics(config, logger, async () => {
    const families = await own.data();
    return merged([...(await supervisor().metrics()), { worker: 'primary', families }]);
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
