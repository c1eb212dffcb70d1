import type { Config } from '../config.js';
import { graphiqlAddress } from '../http/graphiql.js';
import { createKey } from '../meter/access/keys.js';
import { SCOPES } from '../meter/access/scopes.js';
import { argumentsOf, settingsOrHelp } from './arguments.js';
import { openQuietly } from './open.js';
import { originOf } from './origin.js';
import { runCommand } from './run.js';
import { seedDemo } from './seed-demo.js';

const USAGE = `Usage:
  npm run demo

Creates the project "demo", with features, a customer and balances to try out, and a key for it.`;

/** A project to try things out in, and a key for it: what the embedded default creates at its first start. */
async function demo(config: Config): Promise<void> {
  argumentsOf(USAGE, {});
  const { store, writeQueue, place, close } = await openQuietly(config);
  try {
    const { id, name } = await seedDemo(store, writeQueue);
    const draft = { projectId: id, name: 'demo', scopes: SCOPES, lifetimeMs: null };
    const { secret } = await createKey(store.apiKeys, draft);
    console.error(`The project "${name}", with the customer "acme", is in ${place}.`);
    console.error('A secret key for it, shown only once:');
    // Alone on stdout, so that it can be piped to where secrets are kept.
    console.log(secret);
    const origin = originOf(config);
    const how = config.graphiql ? '' : ' with GRAPHIQL=on';
    console.error(`Start the gateway${how} and open this address, key included:`);
    console.error(graphiqlAddress({ origin, secret }));
  } finally {
    await close();
  }
}

await runCommand(demo, settingsOrHelp(USAGE));
