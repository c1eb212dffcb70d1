import type { Config } from '../config.js';
import { graphiqlAddress } from '../http/graphiql.js';
import type { Listener } from '../http/listener.js';
import { createAuthenticator } from '../meter/access/authenticate.js';
import { createCustomerTokens } from '../meter/access/customer-tokens.js';
import { createKeyUseRecorder, rememberingUse } from '../meter/access/key-use.js';
import { createKey, type Project } from '../meter/access/keys.js';
import { SCOPES } from '../meter/access/scopes.js';
import { familiesOf, type Sources } from '../metrics/families.js';
import { PruneFigures, RangeFigures, SweepFigures } from '../metrics/upkeep-figures.js';
import { monotonicMs, wallClockMs } from '../platform/clock.js';
import { keepHeapSmall } from '../platform/heap.js';
import { createLogger, type Logger } from '../platform/logger.js';
import { flushTraces } from '../tracing/registered.js';
import { endInOrder } from './end.js';
import { keepRanges } from './keep-ranges.js';
import { listenOrSay } from './listen.js';
import { expositionOf, type MetricsServer, serveMetrics } from './metrics.js';
import { besideWorkers } from './neighbours.js';
import { type Opened, type OpenOptions, open } from './open.js';
import { reachable } from './origin.js';
import { pruneDaily } from './prune-daily.js';
import { seedDemo } from './seed-demo.js';
import { startSweeper } from './sweep/sweeper.js';
import { tracingIfRegistered } from './tracing.js';
import { readTrustedDocuments } from './trusted-documents.js';
import type { Primary } from './worker-messages.js';

/** How long a revoked key may still work, and how many keys a gateway caches. */
const KEYS = { ttlMs: 5_000, entriesMax: 10_000 } as const;

/**
 * Opens the database, answers calls until it is stopped, then finishes those it has accepted. A
 * worker leaves to its primary process whatever is to be done only once.
 */
export async function serve(config: Config, primary: Primary | null): Promise<void> {
  keepHeapSmall();
  const logger = createLogger({
    level: config.logLevel,
    readable: process.stderr.isTTY === true,
    ...(primary !== null && { pid: process.pid }),
  });
  const tracing = tracingIfRegistered(logger);
  const manifest = await (primary?.trustedDocuments() ?? readTrustedDocuments(config));
  const beside = besideWorkers(config, primary, logger);
  const neighbours = beside?.map ?? null;
  const opening = openAndTell(config, { migrates: primary === null, tracing, neighbours }, logger);
  // The schema takes a second to load, in which the embedded engine starts on its own thread.
  const [opened, { createGateway }] = await Promise.all([opening, import('../gateway.js')]);
  let listener: Listener | undefined;
  try {
    const demo = await firstDemo(config, opened);
    const { authenticate, keyUse } = authentication(opened, logger);
    const gateway = createGateway({
      config,
      manifest,
      store: opened.store,
      writeQueue: opened.writeQueue,
      readQueue: opened.readQueue,
      authenticate,
      logger,
      tracing,
      isReady: async () => {
        await opened.store.ping();
        return true;
      },
    });
    listener = await listenOrSay(gateway.handle, config);
    if (opened.migrated.length > 0) logger.info({ migrated: opened.migrated }, 'Migrated.');
    // The primary process prunes for all of its workers.
    const days = primary === null ? config.idempotencyKeyDays : null;
    const propertiesDays = primary === null ? config.eventPropertiesDays : null;
    const { prune } = opened.store;
    const ranges = new RangeFigures();
    const upkeep = { sweep: new SweepFigures(), prune: new PruneFigures(), ranges };
    const metrics = await metricsOf(config, primary, logger, {
      http: gateway.figures,
      write: opened.writeQueue.figures,
      read: () => opened.readQueue.figures(),
      store: opened.store.figures,
      ...upkeep,
    });
    const pruning = pruneDaily({ prune, days, propertiesDays, logger, figures: upkeep.prune });
    const keeping =
      primary === null ? keepRanges({ ...opened.store, config, logger, figures: ranges }) : null;
    const sweeping = sweepIfSet(config, opened, logger, upkeep.sweep);
    endInOrder({
      config,
      primary,
      gateway,
      listener,
      logger,
      stopSweeping: async () => sweeping?.stop(),
      leaveNeighbours: async () => beside?.leave(),
      closeLast: [
        async () => beside?.close(),
        pruning.stop,
        async () => keeping?.stop(),
        keyUse.stop,
        opened.close,
        async () => metrics?.close(),
        () => flushTraces(),
      ],
    });
    const lines = await welcome(config, opened, demo, listener);
    const address = (await beside?.listen(opened.writeQueue)) ?? null;
    if (primary !== null) primary.serving(lines, address);
    else for (const line of lines) console.log(line);
  } catch (error) {
    await listener?.close();
    await opened.close();
    throw error;
  }
}

/** Opens the database, and tells what happens to it. */
function openAndTell(
  config: Config,
  options: Pick<OpenOptions, 'migrates' | 'tracing' | 'neighbours'>,
  logger: Logger,
): Promise<Opened> {
  return open(config, {
    ...options,
    say: (sentence) => console.error(sentence),
    onIdleError: (error) => logger.warn({ reason: error.message }, 'A connection was lost.'),
    warn: (sentence) => logger.warn(sentence),
    onFatal: (error) => {
      // The state of its memory is unknown now, so there is nothing left to close gracefully.
      console.error(error.message);
      process.exit(1);
    },
  });
}

/** What checks keys, and records when each was last used. */
function authentication({ store: { apiKeys, keyUses, tokenSecrets } }: Opened, logger: Logger) {
  const readToken = createCustomerTokens({ tokenSecrets, ...KEYS, monotonicMs, wallClockMs });
  const authenticate = createAuthenticator({ apiKeys, readToken, ...KEYS, monotonicMs });
  const keyUse = createKeyUseRecorder({
    keyUses,
    monotonicMs,
    onFailure: (err) => logger.warn({ err }, 'The last use of keys could not be recorded.'),
  });
  return { authenticate: rememberingUse(authenticate, keyUse), keyUse };
}

/** A worker tells its figures to its primary process, which serves those of all. */
async function metricsOf(
  config: Config,
  primary: Primary | null,
  logger: Logger,
  sources: Sources,
): Promise<MetricsServer | null> {
  if (config.metrics === null) return null;
  const { data } = await expositionOf(familiesOf(sources));
  if (primary === null) return serveMetrics(config, logger, data);
  primary.onMetricsWanted(data);
  return null;
}

/** In every process, because one at a time has its turn, on whichever machine. */
function sweepIfSet(
  config: Config,
  { store, writeQueue }: Opened,
  logger: Logger,
  figures: SweepFigures,
) {
  const { sweeps } = store;
  const { lanes } = config;
  return config.sweep
    ? startSweeper({ sweeps, writeQueue, lanes, logger, monotonicMs, figures })
    : null;
}

/** The demo project, on the first start. */
async function firstDemo(config: Config, opened: Opened): Promise<Project | null> {
  if (config.database.kind !== 'EMBEDDED') return null;
  const keys = await opened.store.apiKeys.list(1);
  // A start that was interrupted before it showed the key does not count as the first.
  return keys.length > 0 ? null : seedDemo(opened.store, opened.writeQueue);
}

/** What is printed to the user who starts the program. */
async function welcome(
  config: Config,
  opened: Opened,
  demo: Project | null,
  listener: Listener,
): Promise<string[]> {
  const { apiKeys } = opened.store;
  const origin = reachable(listener.origin);
  const workers = config.workers === 1 ? '' : ` with ${config.workers} workers`;
  const address = `${origin}/graphql${workers}`;
  const lines = [`Tollgate listens on ${address} and keeps its data in ${opened.place}.`];
  if (demo !== null) {
    const draft = {
      projectId: demo.id,
      name: 'first start',
      scopes: SCOPES,
      lifetimeMs: null,
    };
    const { secret } = await createKey(apiKeys, draft);
    lines.push(`\nSecret key of the project "${demo.name}", shown only once:\n\n  ${secret}\n`);
    if (config.graphiql) {
      lines.push('Try it: open this address and run the first trackBalance, key included:\n');
      lines.push(`  ${graphiqlAddress({ origin, secret })}\n`);
    }
    return lines;
  }
  if (config.graphiql) lines.push(`GraphiQL: ${origin}/graphql`);
  // If the database has become unreachable meanwhile, serve anyway: it may be back soon.
  const isLocked = await apiKeys.any().catch(() => true);
  if (!isLocked) lines.push('There is no valid API key. Create one with: npm run keys -- create');
  return lines;
}
