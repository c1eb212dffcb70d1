/** The doctor examines the other servers as well, and what is wrong between them is found, and mended by what it says. */
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import type { FindingCode } from '../../src/store/checks/codes.js';
import type { Finding, Level } from '../../src/store/checks/finding.js';
import { examine } from '../../src/store/doctor.js';
import { migrate } from '../../src/store/migrate.js';
import { addServer } from '../../src/store/servers/add-server.js';
import { movePlace } from '../../src/store/servers/move-place.js';
import { withClient } from '../support/database/connections.js';
import { createDatabaseOn, type TestDatabase } from '../support/database/databases.js';
import { GATEWAY } from '../support/doctor/patient.js';
import { PATIENT_DATABASE } from '../support/gateway/limits.js';

const PLACES = 4;

let home: TestDatabase;
let east: TestDatabase;

const connectTimeoutMs = PATIENT_DATABASE.acquireTimeoutMs;
const addressOf = ({ url }: TestDatabase) => ({ connectionString: url });

/** Place 1 has been moved to another server. */
beforeAll(async () => {
  home = await createDatabaseOn(inject('postgresUrl'));
  east = await createDatabaseOn(inject('secondPostgresUrl'));
  await migrate({ address: addressOf(home), connectTimeoutMs, places: PLACES });
  const installation = {
    home: addressOf(home),
    servers: new Map([['east', addressOf(east)]]),
    places: PLACES,
    connectTimeoutMs,
    say: () => undefined,
  };
  await addServer(installation, 'east');
  await movePlace({ ...installation, number: 1, to: 'east' });
  await run('home', ['DROP SCHEMA left_1_0 CASCADE']);
});
afterAll(async () => {
  // The copy of the catalogue ends before what it is made from.
  await east.drop();
  await home.drop();
});

async function run(server: 'home' | 'east', statements: readonly string[]): Promise<void> {
  await withClient({ home, east }[server].url, async (client) => {
    for (const statement of statements) await client.query(statement);
  });
}

type Servers = Parameters<typeof examine>[0]['servers'];

async function examined(servers: Servers = new Map([['east', addressOf(east)]])) {
  return examine({
    address: addressOf(home),
    servers,
    connectTimeoutMs,
    folder: null,
    gateway: { ...GATEWAY, places: PLACES },
  });
}

const about = (findings: readonly Finding[], code: FindingCode) =>
  findings.filter((finding) => finding.code === code);

const OF_SERVERS = ['servers', 'catalogue_copies', 'place_map', 'moves', 'left_copies'] as const;

it('each server is examined with the places that it has', async () => {
  const findings = await examined();
  for (const code of OF_SERVERS) {
    expect(about(findings, code)).toEqual([expect.objectContaining({ level: 'OK' })]);
  }
  for (const code of ['server_version', 'rights', 'place_tables', 'overdue', 'ranges'] as const) {
    expect(about(findings, code)).toEqual([
      expect.objectContaining({ level: 'OK', found: expect.not.stringMatching(/^Server/) }),
      expect.objectContaining({ level: 'OK', found: expect.stringMatching(/^Server east: /) }),
    ]);
  }
});

interface Fault {
  readonly code: FindingCode;
  readonly what: string;
  readonly at?: 'home' | 'east';
  readonly provoke?: readonly string[];
  readonly servers?: () => Servers;
  readonly level: Level;
  readonly found: RegExp;
  readonly commands: readonly string[];
  /** If the commands are not statements. */
  readonly undo?: readonly string[];
}

const FAULTS: readonly Fault[] = [
  {
    code: 'servers',
    what: 'a server has no address',
    servers: () => new Map(),
    level: 'PROBLEM',
    found: /^The server east was added, and DATABASE_URL_EAST is not set\.$/,
    commands: [],
  },
  {
    code: 'servers',
    what: 'a server is down',
    servers: () => new Map([['east', { connectionString: 'postgresql://r@127.0.0.1:1/none' }]]),
    level: 'PROBLEM',
    found: /^The server east cannot be reached: /,
    commands: [],
  },
  {
    code: 'servers',
    what: 'a server was not added',
    servers: () => new Map([...['east', 'west'].map((name) => [name, addressOf(east)] as const)]),
    level: 'NOTE',
    found: /^DATABASE_URL_WEST is set, and no server was added as west\.$/,
    commands: ['npm run places -- add-server west'],
  },
  {
    code: 'catalogue_copies',
    what: 'a subscription is disabled',
    at: 'east',
    provoke: ['ALTER SUBSCRIPTION tollgate_catalogue DISABLE'],
    level: 'PROBLEM',
    found: /^The subscription tollgate_catalogue on the server east is disabled\.$/,
    commands: ['ALTER SUBSCRIPTION tollgate_catalogue ENABLE;'],
  },
  {
    code: 'place_map',
    what: 'a place is not there',
    provoke: ['ALTER SCHEMA place_2 RENAME TO elsewhere'],
    level: 'PROBLEM',
    found: /^The map has place_2 on the server home, and there is no such schema\.$/,
    commands: [],
    undo: ['ALTER SCHEMA elsewhere RENAME TO place_2'],
  },
  {
    code: 'place_map',
    what: 'what was moved away is there again',
    provoke: ['CREATE SCHEMA place_1'],
    level: 'WARNING',
    found: /^The server home has a schema place_1, and the map has it on east\.$/,
    commands: ['DROP SCHEMA place_1 CASCADE;'],
  },
  {
    code: 'moves',
    what: 'a move was left',
    provoke: [
      "INSERT INTO places (number, moving_to, step, changed_at) VALUES (3, 'east', 'COPY', now() - interval '2 hours')",
    ],
    level: 'WARNING',
    found: /^Place 3 is being moved from home to east, and has been at the step COPY for 2 h\.$/,
    commands: ['npm run places -- move 3 east', 'npm run places -- back 3'],
    undo: ['DELETE FROM places WHERE number = 3'],
  },
  {
    code: 'left_copies',
    what: 'moves have left something',
    provoke: ['CREATE SCHEMA left_1_0'],
    level: 'NOTE',
    found:
      /^Moves have left copies of places on the server home: left_1_0 \(for \d+ s at least\)\.$/,
    commands: ['npm run places -- drop-left home'],
    undo: ['DROP SCHEMA left_1_0'],
  },
  {
    code: 'missing_indexes',
    what: 'an index is missing on another server',
    at: 'east',
    provoke: ['DROP INDEX place_1.reservations_due_idx'],
    level: 'WARNING',
    found: /^Server east: /,
    commands: [
      'CREATE INDEX CONCURRENTLY reservations_due_idx ON place_1.reservations (expires_at, customer_key) WHERE ended_how IS NULL;',
    ],
  },
];

const PLANTED = FAULTS.filter(({ provoke }) => provoke !== undefined);
const OF_ADDRESSES = FAULTS.filter(({ provoke }) => provoke === undefined);

const bad = (findings: readonly Finding[], code: FindingCode) =>
  about(findings, code).filter(({ level }) => level !== 'OK');

const told = ({ level, found, commands }: Fault) =>
  expect.objectContaining({ level, found: expect.stringMatching(found), commands });

it('what is wrong is found, and is gone when the commands have been run', async () => {
  for (const { at = 'home', provoke = [] } of PLANTED) await run(at, provoke);
  const findings = await examined();
  for (const { at = 'home', commands, undo = commands } of PLANTED) await run(at, undo);
  const mended = await examined();
  for (const code of new Set(PLANTED.map((fault) => fault.code))) {
    const expected = PLANTED.filter((fault) => fault.code === code).map(told);
    expect(bad(findings, code)).toEqual(expect.arrayContaining(expected));
    expect(bad(mended, code)).toEqual([]);
  }
});

it.each(OF_ADDRESSES)('$what', async (fault) => {
  expect(bad(await examined(fault.servers?.()), fault.code)).toEqual([told(fault)]);
});
