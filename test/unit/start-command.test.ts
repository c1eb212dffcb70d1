/** The program is started alike everywhere: with the flags of `npm start`. */
import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';

const read = (path: string) => readFile(new URL(`../../${path}`, import.meta.url), 'utf8');

it('a container starts what npm start starts', async () => {
  const { scripts } = JSON.parse(await read('package.json'));
  const command = /^CMD (?<words>\[.*\])$/m.exec(await read('Dockerfile'))?.groups?.['words'];
  expect(JSON.parse(command ?? 'null')).toEqual(scripts.start.split(' '));
});
