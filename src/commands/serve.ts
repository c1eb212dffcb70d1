import type { Config } from '../config.js';
import { graphiqlAddress } from '../http/graphiql.js';
import { type Listener, type ListenOptions, listen } from '../http/listener.js';
import { createAuthenticator } from '../meter/authenticate.js';
import { createKey, type Project } from '../meter/keys.js';
import { monotonicMs } from '../platform/clock.js';
import { createLogger } from '../platform/logger.js';
import { closeOnShutdown } from '../platform/shutdown.js';
import { type Opened, open } from './open.js';
import { CommandError } from './run.js';
import { seedDemo } from './seed-demo.js';

/** So long a revoked key may still work, and so many keys a gateway remembers. */
const KEYS = { ttlMs: 5_000, entriesMax: 10_000 } as const;

/** Opens the database, answers calls until it is told to end, then finishes what it has taken. */
export async function serve(config: Config): Promise<void> {
  const { logLevel: level } = config;
  const logger = createLogger({ level, readable: process.stderr.isTTY === true });
  const opening = open(config, {
    say: (sentence) => console.error(sentence),
    onIdleError: (error) => logger.warn({ reason: error.message }, 'A connection was lost.'),
    onFatal: (error) => {
      // Its memory is worth nothing now, so nothing is left to be closed with care.
      console.error(error.message);
      process.exit(1);
    },
  });
  // The schema takes a second to load, in which the embedded engine starts on its own thread.
  const [opened, { createGateway }] = await Promise.all([opening, import('../gateway.js')]);
  let listener: Listener | undefined;
  try {
    const demo = await firstDemo(config, opened);
    const gateway = createGateway({
      config: { graphiql: config.graphiql, bodyBytesMax: config.bodyBytesMax },
      store: opened.store,
      commands: opened.commands,
      authenticate: createAuthenticator({ apiKeys: opened.store.apiKeys, ...KEYS, monotonicMs }),
      logger,
      isReady: async () => {
        await opened.store.ping();
        return true;
      },
    });
    listener = await listenOrSay(gateway.handle, config);
    if (opened.migrated.length > 0) logger.info({ migrated: opened.migrated }, 'Migrated.');
    closeOnShutdown({
      graceMs: config.shutdownGraceMs,
      logger,
      close: async () => {
        await listener?.close();
        await gateway.drain();
        await opened.close();
      },
    });
    await welcome(config, opened, demo, listener);
  } catch (error) {
    await listener?.close();
    await opened.close();
    throw error;
  }
}

/** The demo project, where a newcomer is here for the first time. */
async function firstDemo(config: Config, opened: Opened): Promise<Project | null> {
  if (config.database.kind !== 'EMBEDDED') return null;
  const keys = await opened.store.apiKeys.list(1);
  // A start that was broken off before it showed the key has not been the first.
  return keys.length > 0 ? null : seedDemo(opened.store, opened.commands);
}

async function listenOrSay(handle: ListenOptions['handle'], config: Config): Promise<Listener> {
  const { host, port, shutdownGraceMs } = config;
  try {
    return await listen({ handle, host, port, drainTimeoutMs: shutdownGraceMs });
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    const sentence = SENTENCES.get(code)?.(host, port);
    throw sentence === undefined ? error : new CommandError(sentence, { cause: error });
  }
}

const SENTENCES = new Map<unknown, (host: string, port: number) => string>([
  [
    'EADDRINUSE',
    (host, port) =>
      `Port ${port} of ${host} is in use by another program. Stop it, or choose another PORT.`,
  ],
  ['EACCES', (_host, port) => `Port ${port} is not open to this user. Choose a PORT above 1023.`],
  ['EADDRNOTAVAIL', (host) => `HOST is ${host}, which is no address of this machine.`],
  ['ENOTFOUND', (host) => `HOST is ${host}, which no name server knows.`],
]);

async function welcome(
  config: Config,
  opened: Opened,
  demo: Project | null,
  listener: Listener,
): Promise<void> {
  const { apiKeys } = opened.store;
  const origin = reachable(listener.origin);
  console.log(`Tollgate listens on ${origin}/graphql and keeps its data in ${opened.place}.`);
  if (demo !== null) {
    const draft = { projectId: demo.id, name: 'first start', lifetimeMs: null };
    const { secret } = await createKey(apiKeys, draft);
    console.log(`\nSecret key of the project "${demo.name}", shown this once:\n\n  ${secret}\n`);
    if (config.graphiql) {
      console.log('Try it: open this address and run the first trackBalance, key included:\n');
      console.log(`  ${graphiqlAddress({ origin, secret })}\n`);
    }
    return;
  }
  if (config.graphiql) console.log(`GraphiQL: ${origin}/graphql`);
  if (!(await apiKeys.any())) {
    console.log('There is no API key that works. Make one with: npm run keys -- create');
  }
}

/** Where a browser on this machine finds what listens on all addresses. */
function reachable(origin: string): string {
  return origin.replace('//0.0.0.0:', '//127.0.0.1:').replace('//[::]:', '//[::1]:');
}
