import cluster from 'node:cluster';
import type { Config } from '../config.js';
import { serve } from './serve.js';
import { primaryOf } from './worker-messages.js';
import { serveByWorkers } from './workers.js';

/** Serves: in this process alone, or as the primary of several, or as one of those. */
export async function start(config: Config): Promise<void> {
  if (config.workers === 1) return serve(config, null);
  if (cluster.isPrimary) return serveByWorkers(config);
  try {
    await serve(config, primaryOf(process));
  } catch (error) {
    // The way to the primary would keep the process, with nothing left to do.
    process.channel?.unref();
    throw error;
  }
}
