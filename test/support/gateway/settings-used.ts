/** Serves as `npm start` does, and prints in one line which settings have not been read by then. */
import { serve } from '../../../src/commands/serve.js';
import { loadServerConfig } from '../../../src/config.js';

const loaded = loadServerConfig();
if (!('config' in loaded)) throw new Error('the settings cannot be used');

const unused = new Set<PropertyKey>(Object.keys(loaded.config));
/** The one that is being copied with all others, which says nothing about it. */
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
