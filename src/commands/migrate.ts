import type { Config } from '../config.js';
import { argumentsOf, settingsOrHelp } from './arguments.js';
import { openQuietly } from './open.js';
import { runCommand } from './run.js';

const USAGE = `Usage:
  npm run db:migrate

Applies the migrations that the database lacks, as every start of the gateway does.`;

/** Opening the database brings it up to date, so there is nothing else to do. */
async function migrate(config: Config): Promise<void> {
  argumentsOf(USAGE, {});
  const { migrated, place, close } = await openQuietly(config);
  await close();
  const what =
    migrated.length === 0 ? 'Nothing to migrate in' : `Applied ${migrated.join(', ')} to`;
  console.log(`${what} ${place}.`);
}

await runCommand(migrate, settingsOrHelp(USAGE));
