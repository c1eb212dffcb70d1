/** The doctor recognises the pooler, and in which mode it is. */
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { examine } from '../../src/store/doctor.js';
import { createDatabase, type TestDatabase } from '../support/database/database.js';
import { GATEWAY } from '../support/doctor/patient.js';
import { keepsStatements, type PoolMode, startPgBouncer } from '../support/postgres/pgbouncer.js';

let database: TestDatabase;

beforeAll(async () => {
  database = await createDatabase();
});
afterAll(() => database.drop());

it.each<[mode: PoolMode, prepared: number, level: string, found: RegExp, kept: string]>([
  ['transaction', 100, 'OK', /, in transaction mode\.$/, keepsStatements() ? 'OK' : 'WARNING'],
  ['transaction', 0, 'OK', /, in transaction mode\.$/, 'WARNING'],
  ['session', 0, 'NOTE', /, in session mode as far as two connections show\.$/, 'OK'],
])('%s pooling with max_prepared_statements = %i', async (mode, prepared, level, found, kept) => {
  const pgBouncer = await startPgBouncer(inject('postgresUrl'), mode, prepared);
  try {
    // From the second time on, what the earlier ones have left on the server's sessions is there, on some or on all.
    for (const _time of ['first', 'second', 'third', 'fourth', 'fifth']) {
      const findings = await examine({
        address: { connectionString: pgBouncer.urlOf(database.url) },
        connectTimeoutMs: 20_000,
        folder: null,
        gateway: GATEWAY,
      });
      const about = (code: string) => findings.filter((finding) => finding.code === code);
      expect(about('pooler')).toMatchObject([{ level, found: expect.stringMatching(found) }]);
      expect(about('prepared_statements')).toMatchObject([{ level: kept }]);
      expect(about('connections')).toMatchObject([{ level: 'OK' }]);
    }
  } finally {
    await pgBouncer.stop();
  }
});

it('statement pooling makes it fail, with what the pooler says', async () => {
  const pgBouncer = await startPgBouncer(inject('postgresUrl'), 'statement');
  const address = { connectionString: pgBouncer.urlOf(database.url) };
  const options = { address, connectTimeoutMs: 20_000, folder: null, gateway: GATEWAY };
  await expect(examine(options)).rejects.toThrow(/statement pooling/);
  await pgBouncer.stop();
});
