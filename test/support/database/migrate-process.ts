/** Migrates the database at the address given, as a starting gateway does. */
import { migrate } from '../../../src/store/migrate.js';

const [connectionString = ''] = process.argv.slice(2);
await migrate({ address: { connectionString }, connectTimeoutMs: 10_000 });
