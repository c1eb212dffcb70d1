/** Embedded databases to be moved, and targets of moves that something hinders. */
import { expect } from 'vitest';
import { migrate } from '../../../src/store/migrate.js';
import { createClient } from '../client/client.js';
import { track, wasTracked } from '../client/operations.js';
import { prepareLoad, startLoad } from '../load/load.js';
import { seedOf } from '../random/random.js';
import { withClient } from './connections.js';
import type { TestDatabase } from './databases.js';
import { startOn } from './embedded-backup.js';

/** Text that a careless copy would change. */
const TEXT = '\\N "a", {b}\t\n\'ü\' \u{1F600} NULL';

/** Usage of `ada` with such text, which is in every database to be moved. */
export const ODD = {
  featureId: 'messages',
  value: 1,
  idempotencyKey: 'odd',
  properties: { text: TEXT, none: null, list: [1.5, '', {}] },
};

/** Creates a database with 15 balances and some usage; returns a secret key. */
export async function prepareSource(folder: string): Promise<string> {
  const { gateway, close } = await startOn(folder);
  const client = createClient(gateway.origin, gateway.secret);
  await prepareLoad(client);
  const load = startLoad({ seed: seedOf('move'), client: () => client, reserves: true });
  await load.more(100);
  await load.finish();
  expect(wasTracked(await track(client, 'ada', ODD))).toBe(true);
  await close();
  return gateway.secret;
}

/** What a gateway does there when it starts. */
export function start({ url }: TestDatabase, places = 1): Promise<string[]> {
  return migrate({ address: { connectionString: url }, connectTimeoutMs: 10_000, places });
}

/** Creates the tables, and something else. */
export async function createTables(target: TestDatabase, sql: string): Promise<void> {
  await start(target);
  await withClient(target.url, (client) => client.query(sql));
}

/** A trigger that does something for each row. */
export function during(table: string, when: string, what: string, how = ''): string {
  const [constraint = '', ...rest] = when.startsWith('CONSTRAINT') ? when.split(' ') : ['', when];
  return `CREATE FUNCTION hindrance() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN ${what}; RETURN NEW; END $$;
  CREATE ${constraint} TRIGGER hindrance ${rest.join(' ')} ON ${table} ${how}
    FOR EACH ROW EXECUTE FUNCTION hindrance()`;
}
