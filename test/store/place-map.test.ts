/** Where places are, as it is recorded, and the databases of other servers: docs/adr/0070-places.md. */

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HOME } from '../../src/domain/place.js';
import { migrate } from '../../src/store/migrate.js';
import { readPlaceMap, readServers } from '../../src/store/servers/place-map.js';
import { withClient } from '../support/database/connections.js';
import {
  createDatabase,
  createEmptyDatabase,
  type TestDatabase,
} from '../support/database/database.js';

const COUNT = 4;

let home: TestDatabase;
let other: TestDatabase;

const migrated = ({ url }: TestDatabase, isHome: boolean) =>
  migrate({
    address: { connectionString: url },
    connectTimeoutMs: 20_000,
    places: COUNT,
    isHome,
  });

beforeAll(async () => {
  [home, other] = await Promise.all([createDatabase(COUNT), createEmptyDatabase()]);
  await migrated(other, false);
});

afterAll(() => Promise.all([home.drop(), other.drop()]));

const rows = (database: TestDatabase, text: string) =>
  withClient(database.url, async (client) => (await client.query(text)).rows);

describe('the map', () => {
  it('has the places that were moved, or are being moved', async () => {
    await withClient(home.url, async (client) => {
      expect(await readPlaceMap(client)).toEqual(new Map());
      expect(await readServers(client)).toEqual([]);
      await client.query(`INSERT INTO servers VALUES ('north'), ('east')`);
      await client.query(`INSERT INTO places (number, server, epoch, moving_to, step) VALUES
        (1, 'east', 1, NULL, NULL), (2, NULL, 0, 'north', 'COPY'), (3, 'north', 3, NULL, 'SWITCH')`);
      expect(await readServers(client)).toEqual(['east', 'north']);
      const map = await readPlaceMap(client);
      expect([...map.values()]).toEqual([
        { number: 1, server: 'east', epoch: 1, move: null },
        { number: 2, server: HOME, epoch: 0, move: { to: 'north', step: 'COPY' } },
        { number: 3, server: 'north', epoch: 3, move: { to: HOME, step: 'SWITCH' } },
      ]);
      expect([...map.keys()]).toEqual([1, 2, 3]);
    });
  });

  it.each([
    ['place 0, which does not move', 'INSERT INTO places (number) VALUES (0)'],
    ['a server that was not added', `INSERT INTO places (number, server) VALUES (9, 'south')`],
    ['a server by the name of the catalogue’s', `INSERT INTO servers VALUES ('home')`],
    ['a server whose name no setting can have', `INSERT INTO servers VALUES ('North-1')`],
    ['a target without a step', `INSERT INTO places (number, moving_to) VALUES (9, 'east')`],
    ['a step that there is not', `INSERT INTO places (number, step) VALUES (9, 'WAIT')`],
  ])('cannot have %s', async (_what, statement) => {
    await expect(rows(home, statement)).rejects.toThrow(/violates (check|foreign key) constraint/);
  });
});

describe('the database of another server', () => {
  it('has as many places recorded, and none of them, and no customers', async () => {
    const schemas = `SELECT FROM pg_namespace WHERE nspname LIKE 'place\\_%'`;
    expect(await rows(other, schemas)).toEqual([]);
    const recorded = `SELECT FROM _prisma_migrations WHERE migration_name = 'places_${COUNT}'`;
    expect(await rows(other, recorded)).toHaveLength(1);
    await rows(other, `INSERT INTO projects (id, name) VALUES (gen_random_uuid(), 'one')`);
    const customer = `INSERT INTO customers (customer_key, project_id, id)
      SELECT gen_random_uuid(), id, 'someone' FROM projects`;
    await expect(rows(other, customer)).rejects.toThrow('customers_place');
  });

  it('is migrated again, and not in the place of the catalogue’s', async () => {
    expect(await migrated(other, false)).toEqual([]);
    expect(await migrated(home, true)).toEqual([]);
    await expect(migrated(other, true)).rejects.toThrow(
      'Set DATABASE_URL to the database of the catalogue.',
    );
    await expect(migrated(home, false)).rejects.toThrow(
      'Give another server, with an empty database.',
    );
  });
});
