import type { Config } from '../config.js';
import { openQuietly } from './open.js';
import { runCommand } from './run.js';

/** Opening the database brings it up to date, so there is nothing else to do. */
async function migrate(config: Config): Promise<void> {
  const { migrated, place, close } = await openQuietly(config);
  await close();
  const what =
    migrated.length === 0 ? 'Nothing to migrate in' : `Applied ${migrated.join(', ')} to`;
  console.log(`${what} ${place}.`);
}

await runCommand(migrate);
