import type { Config } from '../config.js';
import { argumentsOf, settingsOrHelp } from './arguments.js';
import { openQuietly } from './open.js';
import { runCommand } from './run.js';

const USAGE = `Usage:
  npm run db:migrate

Applies the migrations that the database lacks, as every start of the gateway does, and adds the
ranges of coming months, as every gateway does once a day.`;

/** Opening the database brings it up to date. */
async function migrate(config: Config): Promise<void> {
  argumentsOf(USAGE, {});
  const { store, migrated, place, close } = await openQuietly(config);
  try {
    // Rows have a place without them, and the role may not own the tables.
    await store.ranges
      .prepare({ say: (sentence) => console.error(sentence) })
      .catch((error: unknown) => {
        console.error(`The ranges of coming months could not be added: ${error}`);
      });
  } finally {
    await close();
  }
  const what =
    migrated.length === 0 ? 'Nothing to migrate in' : `Applied ${migrated.join(', ')} to`;
  console.log(`${what} ${place}.`);
}

await runCommand(migrate, settingsOrHelp(USAGE));
