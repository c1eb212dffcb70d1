import cluster from 'node:cluster';
import type { Config } from '../config.js';
import { serve } from './serve.js';
import { primaryOf } from './worker-messages.js';
import { serveByWorkers } from './workers.js';

/** Serves in this process alone, as the primary of several, or as a worker. */
export async function start(config: Config): Promise<void> {
  if (config.workers === 1) return serve(config, null);
  if (cluster.isPrimary) return serveByWorkers(config);
  try {
    await serve(config, primaryOf(process));
  } catch (error) {
    // The channel to the primary would keep the process alive with nothing left to do.
    process.channel?.unref();
    throw error;
  }
}
