/** Serves like `npm start`, and prints the settings that have not been read by then, in one line. */
import { serve } from '../../../src/commands/serve.js';
import { loadServerConfig } from '../../../src/config.js';

const loaded = loadServerConfig();
if (!('config' in loaded)) throw new Error('the settings cannot be used');

const unused = new Set<PropertyKey>(Object.keys(loaded.config));
/** Copying the whole object does not count as reading a setting. */
let copied: PropertyKey | null = null;

const config = new Proxy(loaded.config, {
  getOwnPropertyDescriptor: (target, name) => {
    copied = name;
    return Reflect.getOwnPropertyDescriptor(target, name);
  },
  get: (target, name) => {
    if (copied !== name) unused.delete(name);
    copied = null;
    return Reflect.get(target, name);
  },
});

await serve(config, null);
process.stdout.write(`unused: ${JSON.stringify([...unused])}\n`);
