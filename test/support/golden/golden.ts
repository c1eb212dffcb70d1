/** Golden files: a database as a release left it, its answers, and what it read from it. */

import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createKey } from '../../../src/meter/access/keys.js';
import { SCOPES } from '../../../src/meter/access/scopes.js';
import type { TestGateway } from '../gateway/gateway.js';
import { setUp } from '../gateway/set-up.js';
import {
  type Call,
  CUSTOMER_PAGE,
  CUSTOMERS,
  EVENTS,
  FEATURES,
  GRANTS,
  LEDGER,
  NODE,
  TRACKS,
} from './calls.js';

const FOLDER = 'test/golden';

/** In the order in which they refer to each other. */
const TABLES = [
  'projects',
  'features',
  'credit_costs',
  'customers',
  'entities',
  'balances',
  'events',
  'ledger_entries',
  'idempotency_keys',
] as const;

export interface Answered {
  readonly document: string;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly data: unknown;
}

export interface Golden {
  readonly projectId: string;
  /** Calls with a key, and their first answers. */
  readonly calls: readonly Answered[];
  readonly reads: readonly Answered[];
}

/** The versions that have been captured. */
export function goldenVersions(): string[] {
  return readdirSync(FOLDER).toSorted();
}

export function readGolden(version: string): Golden {
  return JSON.parse(readFileSync(`${FOLDER}/${version}/answers.json`, 'utf8'));
}

/** Fills the gateway's database with what the release stored; returns a key of the project. */
export async function restore(gateway: TestGateway, version: string): Promise<string> {
  const rows = readFileSync(`${FOLDER}/${version}/rows.json`, 'utf8');
  await gateway.sql("UPDATE projects SET name = 'unused' WHERE name = 'test'");
  for (const table of TABLES) {
    // Only the columns of the release: later ones get their defaults.
    const columns = await gateway.sql(
      `SELECT string_agg(quote_ident(key), ', ') AS names
      FROM json_object_keys($1::json -> '${table}' -> 0) AS key`,
      [rows],
    );
    const names = String(columns[0]?.['names']);
    await gateway.sql(
      `INSERT INTO ${table} (${names})
      SELECT ${names} FROM json_populate_recordset(NULL::${table}, $1::json -> '${table}')`,
      [rows],
    );
  }
  const { projectId } = readGolden(version);
  const draft = { projectId, name: 'golden', scopes: SCOPES, lifetimeMs: null };
  return (await createKey(gateway.store.apiKeys, draft)).secret;
}

const HOUR_MS = 3_600_000;

/** Writes the files of a new version: what this release stores and answers. */
export async function capture(gateway: TestGateway, version: string): Promise<void> {
  await setUp(gateway, { features: FEATURES, customers: CUSTOMERS, balances: [] });
  const calls: Answered[] = [];
  for (const call of GRANTS) calls.push(await answered(gateway, call));
  // Long enough for balances with daily and hourly resets to roll something over.
  gateway.setClockOffset(50 * HOUR_MS);
  for (const call of TRACKS) calls.push(await answered(gateway, call));
  const reads = await readsOf(gateway);
  const { projectId } = gateway;
  const list = (parts: readonly unknown[]) =>
    parts.map((part) => JSON.stringify(part)).join(',\n  ');
  write(
    version,
    'answers',
    `{"projectId": "${projectId}",\n "calls": [\n  ${list(calls)}\n ],\n "reads": [\n  ${list(reads)}\n ]}\n`,
  );
  write(version, 'rows', `${await rowsOf(gateway)}\n`);
}

function write(version: string, name: string, text: string): void {
  writeFileSync(`${FOLDER}/${version}/${name}.json`, text);
}

async function answered(gateway: TestGateway, { document, input }: Call): Promise<Answered> {
  return asked(gateway, document, { input });
}

async function asked(
  gateway: TestGateway,
  document: string,
  variables: Readonly<Record<string, unknown>>,
): Promise<Answered> {
  const { data, errors } = await gateway.execute(document, variables);
  if (errors.length > 0) throw new Error(JSON.stringify(errors));
  return { document, variables, data };
}

/** Pages from cursor to cursor, and every kind of node by its id. */
async function readsOf(gateway: TestGateway): Promise<Answered[]> {
  const reads: Answered[] = [];
  const read = async (document: string, variables: Readonly<Record<string, unknown>>) => {
    const found = await asked(gateway, document, variables);
    reads.push(found);
    return found.data;
  };
  const events = await read(EVENTS, { first: 7 });
  const end = text(events, 'events', 'pageInfo', 'endCursor');
  await read(EVENTS, { first: 100, after: end });
  await read(EVENTS, { last: 3, before: end });
  const customers = await read(CUSTOMER_PAGE, { first: 1 });
  await read(CUSTOMER_PAGE, {
    first: 5,
    after: text(customers, 'customers', 'pageInfo', 'endCursor'),
  });
  const entity = text(
    customers,
    'customers',
    'edges',
    '0',
    'node',
    'entities',
    'edges',
    '0',
    'node',
    'id',
  );
  const balance = text(await track(gateway), 'answer', 'deductions', '0', 'balance', 'id');
  const ledger = await read(LEDGER, { id: balance, first: 2 });
  const entries = ['node', 'ledger', 'edges', '1'];
  await read(LEDGER, { id: balance, first: 100, after: text(ledger, ...entries, 'cursor') });
  const feature = text(events, 'events', 'edges', '0', 'node', 'feature', 'id');
  const event = text(events, 'events', 'edges', '0', 'node', 'id');
  const customer = text(events, 'events', 'edges', '0', 'node', 'customer', 'id');
  const entry = text(ledger, ...entries, 'node', 'id');
  for (const id of [customer, entity, feature, balance, event, entry]) await read(NODE, { id });
  return reads;
}

/** The answer of the first call, again. */
async function track(gateway: TestGateway): Promise<unknown> {
  const [first] = TRACKS;
  if (first === undefined) throw new Error('no calls');
  return (await answered(gateway, first)).data;
}

function text(data: unknown, ...path: readonly string[]): string {
  const found = path.reduce<unknown>((value, name) => Reflect.get(Object(value), name), data);
  if (typeof found !== 'string') throw new Error(`nothing at ${path.join('.')}`);
  return found;
}

/** As written by PostgreSQL, because JavaScript could change numbers. */
async function rowsOf(gateway: TestGateway): Promise<string> {
  const tables: string[] = [];
  for (const table of TABLES) {
    const filter = table === 'projects' ? 'id' : 'project_id';
    const found = await gateway.sql(
      `SELECT coalesce(string_agg(row_to_json(t)::text, E',\\n  '), '') AS rows
      FROM (SELECT * FROM ${table} WHERE ${filter} = $1 ORDER BY 1, 2) AS t`,
      [gateway.projectId],
    );
    tables.push(` "${table}": [\n  ${found[0]?.['rows']}\n ]`);
  }
  return `{\n${tables.join(',\n')}\n}`;
}
