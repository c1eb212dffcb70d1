/** docs/operations/doctor.md lists what the doctor examines, and a test provokes each finding. */
import { readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { CHECKS } from '../../src/store/checks/all.js';
import { CODES } from '../../src/store/checks/codes.js';

const ROOT = new URL('../../', import.meta.url);
const read = (path: string) => readFile(new URL(path, ROOT), 'utf8');

it('each code is that of a check, and each check has codes of its own', () => {
  const codes = CHECKS.flatMap((check) => check.codes);
  expect(codes.toSorted()).toEqual(Object.keys(CODES).toSorted());
});

it('the page lists the codes, in order and word for word', async () => {
  const page = await read('docs/operations/doctor.md');
  const rows = [...page.matchAll(/^\| `([a-z_]+)` \| (.+) \|$/gm)];
  expect(rows.map(([, code, about]) => [code, about])).toEqual(Object.entries(CODES));
});

it('a test provokes each', async () => {
  const support = readdirSync(new URL('test/support/doctor', ROOT));
  const files = [
    ...support.map((name) => `test/support/doctor/${name}`),
    'test/store/doctor.test.ts',
    'test/store/doctor-servers.test.ts',
    'test/store/doctor-safety.test.ts',
    'test/unit/doctor.test.ts',
    'test/pgbouncer/doctor.test.ts',
  ];
  const texts = (await Promise.all(files.map(read))).join('\n');
  expect(Object.keys(CODES).filter((code) => !texts.includes(`'${code}'`))).toEqual([]);
});
