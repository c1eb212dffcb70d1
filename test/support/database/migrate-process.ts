/** Migrates the database with the given URL, as a gateway does when it starts. */
import { migrate } from '../../../src/store/migrate.js';

const [connectionString = '', folder] = process.argv.slice(2);
await migrate({
  address: { connectionString },
  connectTimeoutMs: 10_000,
  ...(folder === undefined ? {} : { folder: new URL(folder) }),
  say: (sentence) => process.send?.(sentence),
});
