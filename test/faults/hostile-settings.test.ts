/**
 * Whatever the server, the database or the role has set, the cases are the same. Every setting that a session can have, as the
 * server lists them, is given another value than the usual one, all at once: so those of a later version are tried as well.
 */
import type pg from 'pg';
import { expect, it } from 'vitest';
import { CATALOGUE } from '../support/cases/case.js';
import { CASES } from '../support/cases/cases.js';
import { overHttp } from '../support/cases/over-http.js';
import { play } from '../support/cases/play.js';
import { createClient } from '../support/client/client.js';
import * as operations from '../support/client/operations.js';
import { withClient } from '../support/database/connections.js';
import { createDatabase } from '../support/database/database.js';
import { HOSTILE } from '../support/database/hostile.js';
import { startLocalGateway } from '../support/gateway/local-gateway.js';

interface Setting {
  readonly name: string;
  readonly type: 'bool' | 'enum' | 'integer' | 'real' | 'string';
  readonly usual: string;
  readonly values: readonly string[] | null;
  readonly least: string | null;
  readonly most: string | null;
}

const SETTINGS = `SELECT name, vartype AS type, boot_val AS usual, enumvals AS values, min_val AS least, max_val AS most
  FROM pg_settings WHERE context IN ('user', 'superuser') ORDER BY name`;

/** With which a start is refused, or the server gives up before or after it has done what it was told. */
const REFUSED = /^(session_replication_role|default_transaction_read_only)$/;
/** Of one transaction. */
const CURRENT = /^transaction_(isolation|read_only|deferrable)$/;
const DEVELOPERS =
  /^(debug_|trace_|ignore_|zero_damaged_pages|allow_|backtrace_functions|wal_consistency)/;
/** Ends sessions between statements: see test/store/failure.test.ts. Longer than the usual ones are the gateway's. */
const BETWEEN = /^(idle_session_timeout|client_connection_check_interval)$/;
/** They fill the log with gigabytes. */
const TALKATIVE = /^(log_|client_min_messages)/;

const OTHERS = [REFUSED, CURRENT, DEVELOPERS, BETWEEN, TALKATIVE];

type Choice = (setting: Setting) => string | null | undefined;

const isNumber = ({ type }: Setting) => type === 'integer' || type === 'real';

const CHOICES: readonly (readonly [what: string, choose: Choice])[] = [
  ['switched', ({ type, usual }) => (type !== 'bool' ? null : usual === 'on' ? 'off' : 'on')],
  ['as small as can be', (setting) => (isNumber(setting) ? setting.least : null)],
  ['as large as can be', (setting) => (isNumber(setting) ? setting.most : null)],
  ['the first of several', ({ values, usual }) => values?.find((value) => value !== usual)],
  ['the last of several', ({ values, usual }) => values?.findLast((value) => value !== usual)],
  ['as another program has it', ({ name }) => ({ ...HOSTILE, client_encoding: 'LATIN1' })[name]],
];

it.each(CHOICES)('each case is as it should be if every setting is %s', async (_what, choose) => {
  const database = await createDatabase();
  const applied = await withClient(database.url, (client) =>
    apply(client, new URL(database.url).pathname.slice(1), choose),
  );
  expect(applied).toBeGreaterThan(9);
  const gateway = await startLocalGateway({ connectionString: database.url });
  const client = createClient(gateway.origin, gateway.secret);
  for (const feature of CATALOGUE) await operations.createFeature(client, feature);
  for (const [index, row] of CASES.entries()) {
    const { setClock } = gateway;
    await play(row, overHttp({ client, prefix: `case${index}`, setClock }));
  }
  for await (const { damages } of gateway.store.audit.pages(null)) expect(damages).toEqual([]);
  await gateway.close();
  await database.drop();
});

const INVALID_VALUE = '22023';

/** How many are changed. Not every number that is allowed is possible on every machine. */
async function apply(client: pg.Client, database: string, choose: Choice): Promise<number> {
  const { rows } = await client.query<Setting>(SETTINGS);
  let applied = 0;
  for (const setting of rows) {
    const value = choose(setting) ?? setting.usual;
    if (OTHERS.some((other) => other.test(setting.name)) || value === setting.usual) continue;
    try {
      await client.query(`ALTER DATABASE ${database} SET ${setting.name} = '${value}'`);
      applied += 1;
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === INVALID_VALUE)) throw error;
    }
  }
  return applied;
}
