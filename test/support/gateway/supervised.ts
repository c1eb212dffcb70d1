/**
 * Two workers that do nothing, under the real supervisor with a short heartbeat. One is blocked by SIGUSR2, as by a loop that
 * does not end. Prints a line for each that serves.
 */
import cluster from 'node:cluster';
import { Supervisor } from '../../../src/commands/supervisor.js';
import { primaryOf } from '../../../src/commands/worker-messages.js';
import { createLogger } from '../../../src/platform/logger.js';

if (cluster.isPrimary) {
  const supervisor = new Supervisor({
    workers: 2,
    port: 0,
    logger: createLogger({ level: 'info', readable: false }),
    heartbeat: { intervalMs: 100, timeoutMs: 1_000 },
    onServing: () => undefined,
    onFailure: (sentence) => {
      process.stdout.write(`failed: ${sentence}\n`);
      process.exit(1);
    },
  });
  process.on('exit', () => supervisor.kill());
  process.on('SIGTERM', () => process.exit(0));
} else {
  process.on('SIGUSR2', () => {
    for (;;);
  });
  primaryOf(process).serving([]);
  process.stdout.write(`serving ${process.pid}\n`);
}
