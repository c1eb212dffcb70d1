/** What is wrong with one of several places is found, wherever it is (docs/adr/0070-places.md). */
import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { FindingCode } from '../../src/store/checks/codes.js';
import { type Finding, sentenceOf } from '../../src/store/checks/finding.js';
import { examine } from '../../src/store/doctor.js';
import { migrate } from '../../src/store/migrate.js';
import { placeDifferences } from '../../src/store/places/place-differences.js';
import { connect } from '../support/database/connections.js';
import {
  createDatabase,
  createEmptyDatabase,
  type TestDatabase,
} from '../support/database/database.js';
import { PLACES } from '../support/database/places.js';
import { GATEWAY, PASSWORD } from '../support/doctor/patient.js';
import { placeFaults } from '../support/doctor/place-faults.js';
import { run } from '../support/gateway/starts.js';

const COUNT = 4;
const ROLE = `places_${process.pid}`;

let database: TestDatabase;
let owner: pg.Client;
let url: string;

const divide = (places: number, by = database.url) =>
  migrate({ address: { connectionString: by }, connectTimeoutMs: 20_000, places });

beforeAll(async () => {
  // Rights come first, so that places get them.
  database = PLACES === 1 ? await createDatabase() : await createEmptyDatabase();
  await divide(1);
  await run(inject('postgresUrl'), `CREATE ROLE ${ROLE} LOGIN PASSWORD '${PASSWORD}'`);
  owner = await connect(database.url);
  await owner.query(
    `GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO ${ROLE}`,
  );
  await owner.query(`GRANT SELECT (id) ON customers TO ${ROLE} WITH GRANT OPTION`);
  await divide(COUNT);
  const address = new URL(database.url);
  [address.username, address.password] = [ROLE, PASSWORD];
  url = address.href;
});

afterAll(async () => {
  await owner.end();
  await database.drop();
  await run(inject('postgresUrl'), `DROP ROLE ${ROLE}`);
});

/** What differs once these statements have been run, which are undone. */
async function differing(...statements: readonly string[]): Promise<string[]> {
  await owner.query('BEGIN');
  try {
    for (const statement of statements) await owner.query(statement);
    const found = await placeDifferences(owner, COUNT);
    return found.map(
      ({ place, table, what, fact, model }) =>
        `${place}.${table}: ${what}: ${fact ?? 'missing'} / ${model ?? 'missing'}`,
    );
  } finally {
    await owner.query('ROLLBACK');
  }
}

describe('the tables of each place are like those of public', () => {
  it('in a new database', async () => {
    expect(await differing()).toEqual([]);
  });

  it.each<[what: string, statement: string, ...found: (string | RegExp)[]]>([
    [
      'the type of a column',
      'ALTER TABLE place_3.balances ALTER priority TYPE bigint',
      'place_3.balances: the column priority: bigint NOT NULL DEFAULT 0 / integer NOT NULL DEFAULT 0',
    ],
    [
      'a column that may be null',
      'ALTER TABLE place_1.entities ALTER metadata DROP NOT NULL',
      /^place_1\.entities: the column metadata: jsonb DEFAULT '{}'::jsonb \/ jsonb NOT NULL DEFAULT '{}'::jsonb$/,
    ],
    [
      'a default',
      'ALTER TABLE place_1.balances ALTER priority SET DEFAULT 1',
      /^place_1\.balances: the column priority: .* DEFAULT 1 \/ .* DEFAULT 0$/,
    ],
    [
      'a collation',
      'ALTER TABLE place_2.entities ALTER name TYPE text COLLATE "POSIX"',
      'place_2.entities: the column name: text COLLATE POSIX / text',
    ],
    [
      'a column of its own',
      'ALTER TABLE place_3.event_voids ADD more text',
      'place_3.event_voids: the column more: text / missing',
    ],
    [
      'a check',
      'ALTER TABLE place_2.balances DROP CONSTRAINT balances_ledger_seq_check',
      'place_2.balances: the constraint balances_ledger_seq_check: missing / CHECK (ledger_seq >= 1)',
    ],
    [
      'a check of a range',
      'ALTER TABLE place_2.ledger_entries_first DROP CONSTRAINT ledger_entries_actor_check',
      /^place_2\.ledger_entries_first: the constraint ledger_entries_actor_check: missing \/ CHECK /,
    ],
    [
      'a primary key',
      'ALTER TABLE place_1.event_voids DROP CONSTRAINT event_voids_pkey',
      'place_1.event_voids: the constraint event_voids_pkey: missing / PRIMARY KEY (customer_key, event_id)',
      /^place_1\.event_voids: the index event_voids_pkey: missing \/ CREATE UNIQUE INDEX /,
    ],
    [
      'a foreign key that leads elsewhere',
      `CREATE TABLE place_1.projects (id uuid PRIMARY KEY); ALTER TABLE place_1.customers DROP CONSTRAINT customers_project_id_fkey,
        ADD CONSTRAINT customers_project_id_fkey FOREIGN KEY (project_id) REFERENCES place_1.projects (id)`,
      'place_1.customers: the constraint customers_project_id_fkey: FOREIGN KEY (project_id) REFERENCES place_1.projects(id) / FOREIGN KEY (project_id) REFERENCES public.projects(id)',
    ],
    [
      'the predicate of an index',
      `DROP INDEX place_3.reservations_due_idx;
        CREATE INDEX reservations_due_idx ON place_3.reservations (expires_at, customer_key)`,
      /^place_3\.reservations: the index reservations_due_idx: .* \(expires_at, customer_key\) \/ .* WHERE \(ended_how IS NULL\)$/,
    ],
    [
      'an index of a table in ranges',
      'DROP INDEX place_3.events_project_id_id_idx',
      /^place_3\.events: the index events_project_id_id_idx: missing \/ /,
    ],
    [
      'a trigger',
      'DROP TRIGGER ledger_entries_append_only ON place_2.ledger_entries',
      /^place_2\.ledger_entries: the trigger ledger_entries_append_only: missing \/ CREATE TRIGGER .* ON ledger_entries FOR EACH STATEMENT EXECUTE FUNCTION public\.tollgate_refuse_change\(\)$/,
    ],
    [
      'a trigger with another condition',
      `DROP TRIGGER events_only_erased ON place_2.events; CREATE TRIGGER events_only_erased BEFORE UPDATE ON place_2.events
        FOR EACH ROW WHEN (old.id IS DISTINCT FROM new.id) EXECUTE FUNCTION tollgate_refuse_change()`,
      /^place_2\.events: the trigger events_only_erased: /,
      /^place_2\.events_first: the trigger events_only_erased: /,
    ],
    [
      'a storage parameter',
      'ALTER TABLE place_1.customers SET (fillfactor = 70)',
      /^place_1\.customers: the table: ordinary, fillfactor=70, .* \/ ordinary, fillfactor=80, /,
    ],
    [
      'a comment of a column',
      `COMMENT ON COLUMN place_3.ledger_entries.reason IS 'x'`,
      /^place_3\.ledger_entries: the comment of the column reason: 'x' \/ 'Why /,
    ],
    [
      'an owner',
      `ALTER TABLE place_2.entities OWNER TO ${ROLE}`,
      new RegExp(`^place_2\\.entities: the table: .* of the role ${ROLE} / `),
      /^place_2\.entities: what is granted to /,
    ],
    [
      'a right',
      `REVOKE INSERT ON place_2.entities FROM ${ROLE}`,
      `place_2.entities: what is granted to ${ROLE}: DELETE, SELECT, UPDATE / DELETE, INSERT, SELECT, UPDATE`,
    ],
    [
      'a right to a column',
      `REVOKE SELECT (id) ON place_2.customers FROM ${ROLE}`,
      /^place_2\.customers: what is granted to .* UPDATE \/ .*, SELECT \(id\) WITH GRANT OPTION, UPDATE$/,
    ],
    [
      'a missing table',
      'DROP TABLE place_2.entities',
      /^place_2\.entities: the table: missing \/ ordinary, of the role /,
    ],
    [
      'no check that customers are in their place',
      'ALTER TABLE public.customers DROP CONSTRAINT customers_place',
      /^public\.customers: the constraint customers_place: missing \/ CHECK \(customer_key < '/,
    ],
    [
      'the check of another place',
      `ALTER TABLE place_1.customers DROP CONSTRAINT customers_place, ADD CONSTRAINT customers_place CHECK (customer_key <
        '80000000-0000-0000-0000-000000000000'::uuid)`,
      /^place_1\.customers: the constraint customers_place: .* \/ CHECK \(customer_key >= '/,
    ],
  ])('or that is found: %s', async (_what, statement, ...expected) => {
    const found = await differing(statement);
    expect(found).toEqual(
      expected.map((one) => (typeof one === 'string' ? one : expect.stringMatching(one))),
    );
  });

  it('but each may have ranges of its own, and one may be closed to writes', async () => {
    const function_ =
      'CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN END $$';
    expect(
      await differing(
        'ALTER TABLE place_1.events DETACH PARTITION place_1.events_first',
        'ALTER TABLE place_3.ledger_entries_first ADD CONSTRAINT range_closing CHECK (seq > 0)',
        function_,
        'CREATE TRIGGER tollgate_closed BEFORE INSERT ON place_2.entities EXECUTE FUNCTION refuse()',
      ),
    ).toEqual([]);
  });
});

const FAULTS = placeFaults(ROLE, COUNT);

describe('the doctor', () => {
  let findings: readonly Finding[];

  const examined = (places = COUNT) =>
    examine({
      address: { connectionString: url },
      connectTimeoutMs: 20_000,
      folder: null,
      gateway: {
        ...GATEWAY,
        places,
        sweep: true,
        idempotencyKeyDays: 30,
        eventPropertiesDays: 365,
        eventsDays: 35,
        dropDetached: false,
      },
      limits: { deadRows: 50, analyzedPages: 1, hotUpdates: 6 },
    });
  const about = (code: FindingCode) => findings.filter((finding) => finding.code === code);

  it('has nothing to say about places that are well', async () => {
    const codes = FAULTS.map(({ code }) => code).filter((code) => code !== 'range_owner');
    findings = await examined();
    for (const code of [...codes, 'places'] as const) {
      expect(about(code)).toEqual([expect.objectContaining({ code, level: 'OK' })]);
    }
    expect(about('ranges')[0]?.found).toBe(
      `Ranges in ${COUNT} places: events has ${COUNT}, ledger_entries has ${COUNT}.`,
    );
  });

  it('examines all', async () => {
    for (const statement of FAULTS.flatMap(({ provoke }) => provoke)) await owner.query(statement);
    await owner.query('SELECT pg_stat_force_next_flush()');
    await expect
      .poll(async () => {
        findings = await examined();
        return about('hot_updates')[0]?.level;
      })
      .toBe('WARNING');
  });

  it.each(FAULTS)('$code', ({ code, level, found, commands }) => {
    expect(about(code)).toEqual(
      found.map((one) => expect.objectContaining({ level, found: expect.stringMatching(one) })),
    );
    expect(about(code).flatMap((finding) => finding.commands)).toEqual(commands);
  });

  it('says how to mend what SQL can mend', async () => {
    for (const { commands } of FAULTS) {
      for (const command of commands.filter((text) => !text.startsWith('npm'))) {
        await owner.query(command);
      }
    }
    await owner.query('ALTER TABLE place_2.entities DISABLE ROW LEVEL SECURITY');
    findings = await examined();
    const mended = FAULTS.filter(({ commands }) => commands.some((text) => /^[A-Z]/.test(text)));
    for (const { code } of [...mended]) {
      expect(about(code)).toEqual([expect.objectContaining({ code, level: 'OK' })]);
    }
  });

  it('refuses another number of places in the words of the start, and so is a schema that the role may not use', async () => {
    const other = COUNT * 2;
    findings = await examined(other);
    expect(about('places')).toEqual([
      expect.objectContaining({ level: 'PROBLEM', refuses: true, advice: `Set PLACES=${COUNT}.` }),
    ]);
    const starts = (places: number) => divide(places, url);
    const [found] = about('places');
    await expect(starts(other)).rejects.toThrow(found === undefined ? 'none' : sentenceOf(found));
    await starts(COUNT);
    await owner.query(`REVOKE ALL ON SCHEMA place_3 FROM ${ROLE}`);
    await expect(starts(COUNT)).rejects.toThrow(
      new RegExp(`: USAGE on the schema place_3\\. .* GRANT USAGE ON SCHEMA place_3 TO ${ROLE};$`),
    );
    await owner.query(`GRANT USAGE ON SCHEMA place_3 TO ${ROLE}`);
    await starts(COUNT);
  });
});
