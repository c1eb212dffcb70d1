/** Every fault is found, and is gone once what the doctor says has been done, word for word. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Finding } from '../../src/store/checks/finding.js';
import { connect } from '../support/database/connections.js';
import type { Fault } from '../support/doctor/fault.js';
import { FAULTS } from '../support/doctor/faults.js';
import { createPatient, type Patient, useCertificate } from '../support/doctor/patient.js';
import { certified } from '../support/postgres/certificate.js';

let patient: Patient;

beforeAll(async () => {
  patient = await createPatient();
});
afterAll(() => patient.stop());

const bad = (findings: readonly Finding[]) => findings.filter(({ level }) => level !== 'OK');

it('a database that is well has nothing to mend', async () => {
  await expect.poll(async () => bad(await patient.examine())).toEqual([]);
});

describe('a fault is found, and is gone when the commands have been run', () => {
  const named = (text: string) =>
    text.replaceAll('$db', patient.database).replaceAll('$role', patient.role);
  const run = async (statements: readonly string[] = []) => {
    for (const statement of statements) await patient.owner.query(named(statement));
  };
  // The server reads its configuration, and counts, a moment later.
  const about = ({ code, changes }: Fault) => patient.about(code, changes);

  it.each(FAULTS)('$code: $what', async (fault) => {
    const { provoke, level, found, commands, undo } = fault;
    const expected = commands.map(named);
    await run(provoke);
    await expect
      .poll(() => about(fault))
      .toEqual([
        expect.objectContaining({ level, found: expect.stringMatching(found), commands: expected }),
      ]);
    const isInjected = provoke.length === 0 || commands.length === 0;
    if (!isInjected) await patient.follow(expected);
    if (isInjected) await run(undo);
    await expect
      .poll(() => (provoke.length === 0 ? patient.about(fault.code) : about(fault)))
      .toEqual([expect.objectContaining({ level: 'OK', commands: [] })]);
    if (!isInjected) await run(undo);
  });
});

describe('what others do is found', () => {
  const other = async (...statements: readonly string[]) => {
    const client = await connect(patient.ownersUrl, { application_name: 'nightly report' });
    for (const statement of statements) await client.query(statement);
    return client;
  };

  it.each([
    {
      code: 'long_transactions',
      statements: ['BEGIN', 'SELECT txid_current()'],
      limits: { longTransactionMs: 0 },
      found:
        /^The session with pid \d+ \(nightly report, role postgres\) has been in a transaction/,
    },
    {
      code: 'idle_in_transaction',
      statements: ['BEGIN', "SELECT 'hunter2'"],
      limits: { idleInTransactionMs: 0 },
      found: /^The session with pid \d+ \(nightly report, .* has done nothing in its transaction/,
    },
  ] as const)('$code', async ({ code, statements, limits, found }) => {
    const client = await other(...statements);
    const { rows } = await client.query('SELECT pg_backend_pid() AS pid');
    const commands = [`SELECT pg_terminate_backend(${rows[0].pid});`];
    await expect
      .poll(() => patient.about(code, { limits }))
      .toEqual([
        expect.objectContaining({
          level: 'WARNING',
          found: expect.stringMatching(found),
          commands,
        }),
      ]);
    await patient.follow(commands);
    await expect
      .poll(() => patient.about(code, { limits }))
      .toEqual([expect.objectContaining({ level: 'OK' })]);
    await client.end().catch(() => undefined);
  });

  it('archiving', async () => {
    const set = (command: string) =>
      patient.follow([
        `ALTER SYSTEM SET archive_command = '${command}';`,
        'SELECT pg_reload_conf();',
        'SELECT txid_current();',
        'SELECT pg_switch_wal();',
      ]);
    await set('/bin/false');
    const found = expect.stringMatching(
      /^The write-ahead log is not archived: .*, with [\dA-F]{24}\.$/,
    );
    await expect
      .poll(() => patient.about('archiving'))
      .toEqual([expect.objectContaining({ level: 'PROBLEM', found })]);
    await set('/bin/true');
    await expect
      .poll(() => patient.about('archiving'))
      .toEqual([expect.objectContaining({ level: 'OK' })]);
  });
});

describe('a connection to another machine', () => {
  // Leads to this one, by an address that is not known to.
  const away = (more = '') => {
    const url = new URL(`${patient.url}?${more}`);
    url.hostname = '0.0.0.0';
    return patient.about('tls', { url: url.href });
  };

  it('is to be encrypted and verified', async () => {
    expect(await away()).toEqual([
      expect.objectContaining({
        level: 'WARNING',
        found: 'The connection to 0.0.0.0 is not encrypted.',
      }),
    ]);
    const identity = certified({ name: 'database', address: '0.0.0.0' });
    const authority = await useCertificate(patient.postgres, identity);
    await patient.follow(['ALTER SYSTEM SET ssl = on;', 'SELECT pg_reload_conf();']);
    const level = async (more: string) => (await away(more)).map((finding) => finding.level);
    await expect.poll(() => level('sslmode=require').catch(String)).toEqual(['NOTE']);
    expect(await level('sslmode=prefer')).toEqual(['NOTE']);
    expect(await level(`sslmode=verify-full&sslrootcert=${authority}`)).toEqual(['OK']);
    await patient.follow(['ALTER SYSTEM SET ssl = off;', 'SELECT pg_reload_conf();']);
  });
});

it('a server with too few connections has enough when the command has been run and it was restarted', async () => {
  const changes = { gateway: { workers: 16 } };
  const [found] = await patient.about('connections', changes);
  expect(found).toMatchObject({
    level: 'PROBLEM',
    found: expect.stringMatching(/needs up to 225 connections, and there is room for 19\d\.$/),
  });
  expect(found?.advice).toMatch(/restart the server:$/);
  await patient.follow(found?.commands ?? []);
  await patient.restart();
  expect(await patient.about('connections', changes)).toEqual([
    expect.objectContaining({ level: 'OK' }),
  ]);
});

it('every index of the migrations is rebuilt as it was', async () => {
  const definitions = async () =>
    (
      await patient.owner.query(
        `SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY indexname`,
      )
    ).rows;
  const before = await definitions();
  const indexes = before.filter(({ indexname }) => !/_pkey$|prisma/.test(indexname));
  // Those of ranges go, and are built, with those of their tables.
  const dropped = indexes.filter(({ indexname }) => !/_(first|from_\d{4}_\d{2})_/.test(indexname));
  expect(dropped.length).toBeGreaterThan(15);
  for (const { indexname } of dropped) await patient.owner.query(`DROP INDEX ${indexname}`);
  const [missing] = await patient.about('missing_indexes');
  expect(missing?.commands).toHaveLength(indexes.length);
  await patient.follow(missing?.commands ?? []);
  expect(await definitions()).toEqual(before);
});
