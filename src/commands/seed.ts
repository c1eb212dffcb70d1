import type { Config } from '../config.js';
import { openQuietly } from './open.js';
import { runCommand } from './run.js';
import { seedDemo } from './seed-demo.js';

async function seed(config: Config): Promise<void> {
  const { store, commands, place, close } = await openQuietly(config);
  try {
    const { name } = await seedDemo(store, commands);
    console.log(`The project "${name}", with a customer to try, is in ${place}.`);
    console.log(`A secret key for it: npm run keys -- create --project ${name}`);
  } finally {
    await close();
  }
}

await runCommand(seed);
