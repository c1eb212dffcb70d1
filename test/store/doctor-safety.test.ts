/** The doctor changes nothing, waits for nothing, shows nothing secret, and one thing that fails does not hide the rest. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import type { Finding } from '../../src/store/checks/finding.js';
import { TABLES } from '../../src/store/checks/tables.js';
import { examine } from '../../src/store/doctor.js';
import { openEmbeddedDatabase } from '../../src/store/embedded/embedded-database.js';
import { migrate } from '../../src/store/migrate.js';
import { connect } from '../support/database/connections.js';
import {
  createDatabase,
  createEmptyDatabase,
  type TestDatabase,
} from '../support/database/database.js';
import { type OtherSessions, openOtherSessions } from '../support/database/other-sessions.js';
import { PLACES } from '../support/database/places.js';
import { GATEWAY, PASSWORD } from '../support/doctor/patient.js';
import { run } from '../support/gateway/starts.js';

const ROLE = `examined_${process.pid}`;

let database: TestDatabase;
let others: OtherSessions;
let url: string;

beforeAll(async () => {
  database = await createDatabase();
  others = openOtherSessions(database.url);
  await run(inject('postgresUrl'), `CREATE ROLE ${ROLE} LOGIN PASSWORD '${PASSWORD}'`);
  const address = new URL(database.url);
  [address.username, address.password] = [ROLE, PASSWORD];
  url = address.href;
});

afterAll(async () => {
  await others.close();
  await database.drop();
  await run(inject('postgresUrl'), `DROP ROLE ${ROLE}`);
});

const examined = (connectionString = database.url, timeoutMs = 60_000) =>
  examine({
    address: { connectionString },
    connectTimeoutMs: 20_000,
    folder: null,
    gateway: {
      ...GATEWAY,
      places: PLACES,
      idempotencyKeyDays: 30,
      eventPropertiesDays: 30,
      eventsDays: 35,
      ledgerDays: 35,
      sweep: true,
    },
    timeoutMs,
  });

/** A machine may be so busy that a statement takes seconds, which is no fault. */
const unexamined = (findings: readonly Finding[]) =>
  findings.filter(
    ({ found }) => /not (be )?examined/.test(found) && !/statement timeout/.test(found),
  );

it('needs no lock but that of a reader', async () => {
  // It excludes all others, even one row of which is locked.
  const release = await others.hold(`LOCK TABLE ${TABLES.join(', ')} IN EXCLUSIVE MODE`);
  expect(unexamined(await examined())).toEqual([]);
  await release();
});

it('does not wait for a table that a migration has locked, and examines the rest', async () => {
  const release = await others.hold('LOCK TABLE public.reservations IN ACCESS EXCLUSIVE MODE');
  const findings = await examined();
  await release();
  expect(unexamined(findings).map(({ code, level }) => [code, level])).toEqual([
    // Definitions are shown under the lock of a reader.
    ...(PLACES === 1 ? [] : [['place_tables', 'WARNING']]),
    ['overdue', 'WARNING'],
    ['idempotency_keys', 'WARNING'],
  ]);
  expect(unexamined(findings)[0]?.found).toMatch(/canceling statement due to lock timeout\.$/);
  expect(new Set(findings.map(({ code }) => code))).toEqual(
    new Set((await examined()).map(({ code }) => code)),
  );
});

it('cannot write, whatever is in the place of a table', async () => {
  await run(
    database.url,
    'CREATE TABLE public.written (id int)',
    `CREATE FUNCTION meddle() RETURNS boolean LANGUAGE sql AS
      'INSERT INTO public.written VALUES (1) RETURNING true'`,
    'ALTER TABLE public.reservations RENAME TO stored_reservations',
    'CREATE VIEW public.reservations AS SELECT * FROM stored_reservations WHERE (SELECT meddle())',
  );
  // With such an error, a connection ends (ADR 21), so what comes after it is not examined either.
  const [first] = unexamined(await examined());
  expect(first?.code).toBe('overdue');
  expect(first?.found).toMatch(/cannot execute INSERT in a read-only transaction\.$/);
  expect(await others.count('SELECT count(*)::int FROM written')).toBe(0);
  await run(
    database.url,
    'DROP VIEW public.reservations',
    'ALTER TABLE stored_reservations RENAME TO reservations',
  );
});

it('says of each thing that it may not see that it may not, and sees the rest', async () => {
  const findings = await examined(url);
  const denied = unexamined(findings);
  expect(denied.map(({ code }) => code)).toContain('migrations');
  for (const finding of denied) {
    expect(finding).toMatchObject({
      level: 'NOTE',
      found: expect.stringMatching(/permission denied/),
      commands: [expect.stringMatching(/^GRANT .* TO \w+;$/)],
    });
  }
  expect(findings.find(({ code }) => code === 'rights')).toMatchObject({ level: 'PROBLEM' });
  expect(findings.find(({ code }) => code === 'disk')?.found).toMatch(/^The database has/);
});

it('shows neither passwords nor what others ask', async () => {
  const client = await connect(database.url);
  await client.query('BEGIN');
  await client.query(`SELECT txid_current(), '${PASSWORD}'`);
  expect(JSON.stringify(await examined(url))).not.toContain(PASSWORD);
  await client.end();
});

it('leaves what there is no time for', async () => {
  const findings = await examined(database.url, -1);
  expect(unexamined(findings)).toEqual([...findings]);
  expect(findings.length).toBeGreaterThan(20);
});

it.each([
  ['a new database', [], 'WARNING', 'npm run db:migrate'],
  ['that of another program', ['CREATE TABLE customers (id int)'], 'PROBLEM', undefined],
] as const)('examines %s', async (_what, statements, level, command) => {
  const empty = await createEmptyDatabase();
  await run(empty.url, ...statements);
  const findings = await examined(empty.url);
  const code = level === 'PROBLEM' ? 'other_tables' : 'migrations';
  const found = findings.find((finding) => finding.code === code);
  expect({ level: found?.level, command: found?.commands[0] }).toEqual({ level, command });
  expect(unexamined(findings)).toEqual([]);
  await empty.drop();
});

it('has nothing to say about an embedded database that is well', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tollgate-doctor-'));
  const embedded = await openEmbeddedDatabase({ folder });
  const address = { stream: embedded.stream };
  await migrate({ address, connectTimeoutMs: 20_000, places: 2 });
  const gateway = { ...GATEWAY, places: 2, idempotencyKeyDays: 30, eventsDays: 35, sweep: true };
  const findings = await examine({ address, connectTimeoutMs: 20_000, folder, gateway });
  // How much is free depends on the machine.
  const bad = findings.filter(({ code, level }) => level !== 'OK' && code !== 'disk');
  expect(bad).toEqual([]);
  expect(findings.find(({ code }) => code === 'disk')?.found).toMatch(
    / MB are free on the disk of/,
  );
  await embedded.close();
  rmSync(folder, { recursive: true });
});
