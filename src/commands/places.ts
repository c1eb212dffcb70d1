import type { Config } from '../config.js';
import type { Installation } from '../store/servers/server-sessions.js';
import { argumentsOf, settingsOrHelp } from './arguments.js';
import { openQuietly } from './open.js';
import { placeActionOf, USAGE } from './place-actions.js';
import { CommandError, runCommand } from './run.js';

/** Opens and closes customers to writes, and moves them between servers. */
async function places(config: Config): Promise<void> {
  const { positionals } = argumentsOf(USAGE, { allowPositionals: true });
  const act = placeActionOf(positionals);
  if (config.database.kind === 'EMBEDDED') throw new CommandError(EMBEDDED);
  const { connectionString } = config.database;
  const { store, place: database, close } = await openQuietly(config);
  const say = (sentence: string) => console.log(sentence);
  const installation: Installation = {
    home: { connectionString },
    servers: new Map([...config.servers].map(([name, url]) => [name, { connectionString: url }])),
    places: config.places,
    connectTimeoutMs: CONNECT_TIMEOUT_MS,
    say,
  };
  const ofSeveral = config.places === 1 ? null : installation;
  try {
    await act({ fence: store.fence, database, say, installation: ofSeveral });
  } finally {
    await close();
  }
}

const CONNECT_TIMEOUT_MS = 10_000;

const EMBEDDED =
  'The embedded database serves one process: nothing is written while the gateway is stopped. Set DATABASE_URL for another one.';

await runCommand(places, settingsOrHelp(USAGE));
