/** `npm run doctor`, as people and monitors run it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createDatabase, type TestDatabase } from '../support/database/database.js';
import { runCommand } from '../support/gateway/command.js';
import { run } from '../support/gateway/starts.js';

let database: TestDatabase;

beforeAll(async () => {
  database = await createDatabase();
});
afterAll(() => database.drop());

const doctor = (environment: Readonly<Record<string, string>>, ...args: string[]) =>
  runCommand('commands/doctor.ts', args, environment);

it('ends with 2 if there are problems, and tells people the command', async () => {
  await run(database.url, 'REVOKE ALL ON SCHEMA public FROM PUBLIC');
  await run(database.url, 'ALTER TABLE entities SET UNLOGGED');
  const { code, stdout, stderr } = await doctor({ DATABASE_URL: database.url });
  expect({ code, stderr }).toEqual({ code: 2, stderr: '' });
  expect(stdout).toMatch(/^PROBLEM {2}\w+\n {2}/);
  expect(stdout).toMatch(
    /^PROBLEM {2}unlogged\n {2}.*\n {2}As .*:\n {4}ALTER TABLE public\.entities SET LOGGED;$/m,
  );
  expect(stdout).toMatch(/\n\nExamined PostgreSQL at [\d.:]+\/\w+: \d+ problems?, .*\.\n$/);
  expect(stdout).not.toMatch(/^ok /m);
});

it('ends with 3 and a sentence if it could not examine anything, in JSON too', async () => {
  const DATABASE_URL = 'postgresql://me:hunter2@127.0.0.1:1/usage';
  const told = await doctor({ DATABASE_URL });
  expect(told).toMatchObject({ code: 3, stdout: '' });
  expect(told.stderr).toMatch(/^Cannot connect to PostgreSQL at 127\.0\.0\.1:1\/usage: .*\.\n$/);
  const json = await doctor({ DATABASE_URL }, '--json');
  expect(json).toMatchObject({ code: 3, stderr: '' });
  expect(JSON.parse(json.stdout)).toEqual({
    level: 'UNKNOWN',
    reason: expect.stringMatching(/^Cannot connect/),
  });
  expect(told.stderr + json.stdout).not.toContain('hunter2');
});

it('ends with 3 for a setting that is wrong, and for an unknown option', async () => {
  expect(await doctor({ DATABASE_URL: 'mysql://h/d' })).toMatchObject({ code: 3, stdout: '' });
  const unknown = await doctor({ DATABASE_URL: database.url }, '--x');
  expect(unknown).toMatchObject({ code: 3, stdout: '' });
  expect(unknown.stderr).toMatch(/^Unknown option '--x'\.\n\nUsage:\n {2}npm run doctor/);
});

it('does not create an embedded database in order to examine it', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tollgate-doctor-'));
  const DATA_DIR = join(folder, 'data');
  const { code, stderr } = await doctor({ DATA_DIR });
  expect(code).toBe(3);
  expect(stderr).toMatch(/^There is no embedded database in .* yet\./);
  rmSync(folder, { recursive: true });
});
