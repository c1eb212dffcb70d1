/** A process that ends as a gateway does, and says what happens to it. Arguments: delay in ms, and what makes it special. */
import { monotonicMs } from '../../../src/platform/clock.js';
import { createLogger } from '../../../src/platform/logger.js';
import { closeOnShutdown, exitOnSignals } from '../../../src/platform/shutdown.js';

const [delayMs, special] = process.argv.slice(2);
const say = (text: string) => process.stdout.write(`${text}\n`);

let announcedAt = Number.NaN;
exitOnSignals();
closeOnShutdown({
  graceMs: 600_000,
  delayMs: Number(delayMs),
  announce: () => {
    announcedAt = monotonicMs();
    say('announced');
    if (special === 'FAILS') setTimeout(() => Promise.reject(new Error('a mistake')), 0);
    return special !== 'POINTLESS';
  },
  logger: createLogger({ level: 'fatal', readable: false }),
  close: async () => {
    say(`closing after ${Math.floor(monotonicMs() - announcedAt)} ms`);
    if (special === 'HANGS') await new Promise(() => undefined);
  },
});
setInterval(() => undefined, 60_000);
say('open');
