/** The PostgreSQL settings that Tollgate recommends. */
import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { connect, endConnections } from '../support/database/connections.js';
import { startPostgres } from '../support/postgres/postgres.js';

const read = (name: string) => readFile(new URL(`../../${name}`, import.meta.url), 'utf8');

async function recommended(): Promise<Record<string, string>> {
  const page = await read('docs/operations.md');
  const rows = page.matchAll(/^\| `(\w+)` \| `([^`]+)` \| .+ \|$/gm);
  return Object.fromEntries([...rows].map(([, name = '', value = '']) => [name, value]));
}

it('the settings that docs/operations.md recommends are those of compose.yaml', async () => {
  const compose = await read('compose.yaml');
  const flags = compose.matchAll(/^ +- -c(\w+)=(?:\$\{\w+:-(\w+)\}|(\S+))$/gm);
  const settings = [...flags].map(([, name = '', usual, value]) => [name, usual ?? value]);
  expect(settings.length).toBeGreaterThan(0);
  expect(Object.fromEntries(settings)).toEqual(await recommended());
});

it('PostgreSQL accepts the recommended settings and is durable with them', async () => {
  const settings = await recommended();
  const server = await startPostgres({ own: true, durable: true, settings });
  try {
    const client = await connect(server.url);
    const show = async (name: string) => (await client.query(`SHOW ${name}`)).rows[0]?.[name];
    for (const [name, value] of Object.entries(settings)) expect(await show(name)).toBe(value);
    for (const name of ['fsync', 'full_page_writes', 'synchronous_commit']) {
      expect(await show(name)).toBe('on');
    }
  } finally {
    await endConnections(server.url);
    await server.stop();
  }
});
