/** A start on a database with any name that PostgreSQL allows, except for a slash. */
import { afterAll, expect, inject, it } from 'vitest';
import { messageOf, refusalsOf, run } from '../support/gateway/starts.js';

const NAMES = ['a+b', 'a@b', ';?:@&=+$,#', 'a b', 'a%2Bb', `"'\\`, 'größe'];

const server = inject('postgresUrl');
const nameOf = (text: string) => `${text} ${process.pid}`;
const quoted = (name: string) => `"${name.replaceAll('"', '""')}"`;

function addressOf(name: string): string {
  const url = new URL(server);
  url.pathname = `/${encodeURIComponent(name)}`;
  return url.href;
}

afterAll(async () => {
  for (const name of NAMES) await run(server, `DROP DATABASE IF EXISTS ${quoted(nameOf(name))}`);
});

it.each(NAMES)(
  'works if its name is %s, and the message is right if there is none',
  async (text) => {
    const name = nameOf(text);
    const environment = { DATABASE_URL: addressOf(name) };
    const message = await messageOf(environment);
    expect(message).toContain(
      `/${name} refuses the connection: database "${name}" does not exist.`,
    );
    expect(message).toContain(`CREATE DATABASE ${quoted(name)} ENCODING 'UTF8'`);
    await run(server, `CREATE DATABASE ${quoted(name)} ENCODING 'UTF8' TEMPLATE template0`);
    expect(await refusalsOf(environment)).toEqual([]);
  },
);
