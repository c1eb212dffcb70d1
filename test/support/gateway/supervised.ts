/**
 * Two idle workers under the real supervisor. SIGUSR2 blocks a worker, as an endless loop would.
 * Prints a line for each worker that serves.
 */
import cluster from 'node:cluster';
import { Supervisor } from '../../../src/commands/supervisor.js';
import { primaryOf } from '../../../src/commands/worker-messages.js';
import { createLogger } from '../../../src/platform/logger.js';

if (cluster.isPrimary) {
  const supervisor = new Supervisor({
    workers: 2,
    port: 0,
    trustedDocuments: new Map(),
    folder: null,
    logger: createLogger({ level: 'info', readable: false }),
    onServing: () => undefined,
    onFailure: (message) => {
      process.stdout.write(`failed: ${message}\n`);
      process.exit(1);
    },
  });
  process.on('exit', () => supervisor.kill());
  process.on('SIGTERM', () => process.exit(0));
} else {
  process.on('SIGUSR2', () => {
    for (;;);
  });
  primaryOf(process).serving([], null);
  process.stdout.write(`serving ${process.pid}\n`);
}
