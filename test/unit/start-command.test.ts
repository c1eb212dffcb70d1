/** The program is started in the same way everywhere: with the flags of `npm start`. */
import { execFileSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const read = (path: string) => readFile(new URL(`../../${path}`, import.meta.url), 'utf8');

it('a container runs the command of npm start', async () => {
  const { scripts } = JSON.parse(await read('package.json'));
  const command = /^CMD (?<words>\[.*\])$/m.exec(await read('Dockerfile'))?.groups?.['words'];
  expect(JSON.parse(command ?? 'null')).toEqual(scripts.start.split(' '));
});

it.each([
  ['production by default', undefined, 'production'],
  ['what NODE_ENV says', 'development', 'development'],
])('NODE_ENV is %s', async (_what, given, expected) => {
  const { scripts } = JSON.parse(await read('package.json'));
  const flags = scripts.start.split(' ').filter((word: string) => word.startsWith('--'));
  const { NODE_ENV: _, ...env } = process.env;
  const shown = execFileSync(process.execPath, [...flags, '-p', 'process.env.NODE_ENV'], {
    cwd: fileURLToPath(new URL('../..', import.meta.url)),
    env: given === undefined ? env : { ...env, NODE_ENV: given },
    encoding: 'utf8',
  });
  expect(shown.trim()).toBe(expected);
});
