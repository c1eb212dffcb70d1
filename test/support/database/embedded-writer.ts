/**
 * A process to be killed: prints `ready` and the numbers of the rows that it finds in the embedded
 * database of a folder, then writes more rows, one per commit, and prints the number of each once
 * its commit is acknowledged.
 *
 *     node --import tsx embedded-writer.ts FOLDER durable|as-shipped
 */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { Client } from 'pg';
import { openEmbeddedDatabase } from '../../../src/store/embedded/embedded-database.js';

const CREATE = 'CREATE TABLE IF NOT EXISTS written (number int PRIMARY KEY, padding text)';
const SELECT = 'SELECT number FROM written ORDER BY number';
/** Long and unique padding makes the writes cross log segments and checkpoints. */
const INSERT = 'INSERT INTO written VALUES ($1, $2)';

type Run = (sql: string, values?: unknown[]) => Promise<{ rows: { number?: number }[] }>;

async function openDurable(folder: string): Promise<Run> {
  const database = await openEmbeddedDatabase({ folder });
  database.onFatal((error) => {
    process.stderr.write(`${error.message}\n`);
    process.exit(1);
  });
  const client = new Client({ stream: database.stream, ssl: false });
  // The query in progress rejects, which ends the process.
  client.on('error', () => undefined);
  await client.connect();
  return (sql, values = []) => client.query(sql, values);
}

/** The negative control: what a power cut does to PGlite as shipped. */
async function openAsShipped(folder: string): Promise<Run> {
  const pglite = await PGlite.create(join(folder, 'postgres'));
  return (sql, values = []) => pglite.query(sql, values);
}

const [folder = '.', kind] = process.argv.slice(2);
const run = await (kind === 'as-shipped' ? openAsShipped(folder) : openDurable(folder));
await run(CREATE);
const { rows } = await run(SELECT);
process.stdout.write(`${['ready', ...rows.map(({ number }) => number)].join(' ')}\n`);
for (let number = (rows.at(-1)?.number ?? 0) + 1; ; number += 1) {
  await run(INSERT, [number, randomBytes(6_000).toString('hex')]);
  process.stdout.write(`${number}\n`);
}
