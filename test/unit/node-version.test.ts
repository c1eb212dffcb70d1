/** Which versions of Node it starts on, and that it says so where it does not. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

/** Imports the script as another version of Node would. */
function importedOn(version: string, script: string) {
  const pretend = `Object.defineProperty(process, 'versions', { value: { node: '${version}' } });
    Object.defineProperty(process, 'version', { value: 'v${version}' });
    await import('./scripts/${script}');`;
  const { status, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', pretend]);
  return { status, stderr: String(stderr) };
}

it.each(['18.20.4', '20.18.3', '21.7.3', '22.11.0'])('it does not start on %s', (version) => {
  for (const script of ['production.mjs', 'build.mjs']) {
    const { status, stderr } = importedOn(version, script);
    expect(status).toBe(1);
    expect(stderr).toMatch(/^Tollgate needs Node 20\.19, .*; this is v\d.*\.\n$/);
    expect(stderr).toContain(`v${version}`);
  }
});

it.each(['20.19.0', '20.20.1', '22.12.0', '23.0.0', '24.11.1'])('it starts on %s', (version) => {
  expect(importedOn(version, 'production.mjs')).toEqual({ status: 0, stderr: '' });
});

it('these are the versions that the package asks for', () => {
  const { engines } = JSON.parse(readFileSync('package.json', 'utf8'));
  expect(engines.node).toBe('^20.19.0 || ^22.13.0 || >=24.0.0');
});
