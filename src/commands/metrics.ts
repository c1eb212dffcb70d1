/** Serves the metrics of a process, or of all that a primary process has started. */
import type { MetricsListenConfig } from '../config/metrics-settings.js';
import type { Config } from '../config.js';
import type { Exposition, FamilyData } from '../metrics/exposition.js';
import type { Family } from '../metrics/family.js';
import type { Logger } from '../platform/logger.js';
import { listenOn } from './listen.js';

export interface MetricsServer {
  close(): Promise<void>;
}

/** A scrape that is answered when the process ends gets its answer. */
const DRAIN_MS = 500;

/** Loads what metrics need, which nothing else does. */
export async function expositionOf(families: readonly Family[]): Promise<Exposition> {
  const { createExposition } = await import('../metrics/exposition.js');
  return createExposition(families);
}

/** Null if there are no metrics. */
export async function serveMetrics(
  { metrics }: Pick<Config, 'metrics'>,
  logger: Pick<Logger, 'info' | 'error'>,
  collect: () => Promise<readonly FamilyData[]>,
): Promise<MetricsServer | null> {
  return metrics === null ? null : listenForScrapes(metrics, logger, collect);
}

async function listenForScrapes(
  { host, port, token }: MetricsListenConfig,
  logger: Pick<Logger, 'info' | 'error'>,
  collect: () => Promise<readonly FamilyData[]>,
): Promise<MetricsServer> {
  const { createHandle } = await import('../metrics/handle.js');
  const handle = createHandle({
    collect,
    token,
    onError: (err) => logger.error({ err }, 'The metrics could not be read.'),
  });
  const names = { host: 'METRICS_HOST', port: 'METRICS_PORT' };
  const listener = await listenOn({ handle, host, port, drainTimeoutMs: DRAIN_MS }, names);
  logger.info({ address: `${listener.origin}/metrics` }, 'Metrics are served.');
  return { close: () => listener.close() };
}
