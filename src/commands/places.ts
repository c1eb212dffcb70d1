import type { Config } from '../config.js';
import { argumentsOf, settingsOrHelp } from './arguments.js';
import { openQuietly } from './open.js';
import { placeActionOf, USAGE } from './place-actions.js';
import { CommandError, runCommand } from './run.js';

/** Opens and closes customers to writes. */
async function places(config: Config): Promise<void> {
  const { positionals } = argumentsOf(USAGE, { allowPositionals: true });
  const act = placeActionOf(positionals);
  if (config.database.kind === 'EMBEDDED') throw new CommandError(EMBEDDED);
  const { store, place: database, close } = await openQuietly(config);
  try {
    await act({ fence: store.fence, database, say: (sentence) => console.log(sentence) });
  } finally {
    await close();
  }
}

const EMBEDDED =
  'The embedded database serves one process: nothing is written while the gateway is stopped. Set DATABASE_URL for another one.';

await runCommand(places, settingsOrHelp(USAGE));
