/** Places are moved between two servers: docs/adr/0070-places.md. */

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { placeActionOf } from '../../src/commands/place-actions.js';
import { HOME } from '../../src/domain/place.js';
import { addServer } from '../../src/store/servers/add-server.js';
import { dropLeft } from '../../src/store/servers/left-copies.js';
import { moveBack } from '../../src/store/servers/move-back.js';
import { movePlace } from '../../src/store/servers/move-place.js';
import { readPlaceMap, readServers } from '../../src/store/servers/place-map.js';
import { statusOf } from '../../src/store/servers/servers-status.js';
import { withClient } from '../support/database/connections.js';
import { startTwoServers, type TwoServers } from '../support/servers/two-servers.js';

let servers: TwoServers;

beforeAll(async () => {
  servers = await startTwoServers();
});

afterAll(() => servers.close());

const on = (server: 'home' | 'other', text: string, ...values: unknown[]) =>
  withClient(servers.urls[server], async (client) => (await client.query(text, values)).rows);

const placeAt = async (number: number) =>
  (await withClient(servers.urls.home, readPlaceMap)).get(number);

/** Whatever copies something between the servers. */
const copying = async () => [
  ...(await on('home', 'SELECT pubname AS name FROM pg_publication')),
  ...(await on(
    'home',
    'SELECT slot_name AS name FROM pg_replication_slots WHERE database = current_database()',
  )),
];

describe('a server', () => {
  it.each([
    ['by a name that no setting can have', 'North-1', /cannot be the name of a server/],
    ['as the server of the catalogue', 'home', /cannot be the name of a server/],
    ['without an address', 'north', /Set DATABASE_URL_NORTH,/],
  ])('is not added %s', async (_what, name, message) => {
    await expect(addServer(servers.installation, name)).rejects.toThrow(message);
  });

  it('is not added with the address of another one', async () => {
    const { installation } = servers;
    const twice = { ...installation, servers: new Map([['other', installation.home]]) };
    await expect(addServer(twice, 'other')).rejects.toThrow(
      'DATABASE_URL_OTHER leads to the database of the server of the catalogue.',
    );
  });

  it('is not added to an installation of one place, or if it cannot be reached', async () => {
    const { installation } = servers;
    await expect(addServer({ ...installation, places: 1 }, 'other')).rejects.toThrow(
      'Customers are in one place',
    );
    const away = { connectionString: 'postgresql://role@127.0.0.1:1/none' };
    await expect(
      addServer({ ...installation, servers: new Map([['other', away]]) }, 'other'),
    ).rejects.toThrow('the server other (DATABASE_URL_OTHER) cannot be reached: ');
  });

  it('gets a copy of the catalogue, without secrets, and no customers', async () => {
    const { installation } = servers;
    await on('home', "UPDATE projects SET token_secret = 'of tokens'");
    expect(await addServer(installation, 'other')).toBe(true);
    expect(await addServer(installation, 'other')).toBe(false);
    expect(await withClient(servers.urls.home, readServers)).toEqual(['other']);
    for (const catalogue of [
      'SELECT id, name, catalog_version, created_at FROM projects',
      'SELECT * FROM features',
      'SELECT * FROM credit_costs',
    ])
      expect(await on('other', catalogue)).toEqual(await on('home', catalogue));
    expect(await on('other', 'SELECT FROM api_keys')).toEqual([]);
    expect(await on('other', 'SELECT FROM projects WHERE token_secret IS NOT NULL')).toEqual([]);
    expect(await servers.schemas('other')).toEqual([]);
  });
});

describe('a move is refused', () => {
  it.each([
    ['of place 0', 0, 'other', /^Place 0 stays on the server of the catalogue/],
    ['of a place that there is not', 4, 'other', /^There is no place 4\. Places are 0 to 3\.$/],
    ['to a server that was not added', 1, 'north', /^No server was added as north: /],
  ])('%s', async (_what, number, to, message) => {
    await expect(movePlace({ ...servers.installation, number, to })).rejects.toThrow(message);
    expect(await placeAt(number)).toBeUndefined();
  });
});

describe('a place that is moved', () => {
  it('has all rows on the new server, and what was there is left aside', async () => {
    const { installation, contents, schemas } = servers;
    const before = await contents('home', 'place_2');
    for (const rows of Object.values(before)) expect(rows).not.toEqual([]);
    const moved = await movePlace({ ...installation, number: 2, to: 'other' });
    expect(moved).toMatchObject({ isMoved: true, notCompared: [] });
    expect(await contents('other', 'place_2')).toEqual(before);
    expect(await contents('home', 'left_2_0')).toEqual(before);
    expect(await schemas('home')).toEqual(['left_2_0', 'place_1', 'place_3']);
    expect(await schemas('other')).toEqual(['place_2']);
    expect(await placeAt(2)).toEqual({ number: 2, server: 'other', epoch: 1, move: null });
    expect(await copying()).toEqual([
      { name: 'tollgate_catalogue' },
      { name: expect.stringMatching(/^tollgate_\d+_other$/) },
    ]);
    expect(await movePlace({ ...installation, number: 2, to: 'other' })).toMatchObject({
      isMoved: false,
    });
  });

  it('is open there, closed where it was, and keeps the customers of others out', async () => {
    const update = 'UPDATE $.customers SET name = $1';
    const [row] = await on('other', 'SELECT customer_key AS key FROM place_2.customers');
    await on('other', update.replace('$.', 'place_2.'), 'moved');
    await expect(on('home', update.replace('$.', 'left_2_0.'), 'late')).rejects.toThrow(
      'customers are closed to writes',
    );
    const other = String(row?.['key']).replace(/^./, '0');
    await expect(
      on('other', 'UPDATE place_2.customers SET customer_key = $1', other),
    ).rejects.toThrow('customers_place');
  });

  it('goes home again with what was written there, changed and deleted rows too, while it is being moved', async () => {
    const { installation, contents, schemas } = servers;
    await movePlace({
      ...installation,
      number: 2,
      to: HOME,
      onStep: async (step) => {
        if (step !== 'COPY') return;
        // Before the first rows have been copied, or after.
        await on('other', "UPDATE place_2.customers SET name = 'on the way'");
        await on('other', "UPDATE place_2.reservations SET properties = '{}'");
        await on('other', 'UPDATE place_2.balances SET priority = 7');
        await on('other', 'UPDATE place_2.events SET properties = NULL');
        await on('other', 'DELETE FROM place_2.idempotency_keys');
        await on('other', "UPDATE place_2.entities SET name = 'seat 1'");
      },
    });
    const now = await contents('home', 'place_2');
    expect(now).toEqual(await contents('other', 'left_2_1'));
    expect(now['idempotency_keys']).toEqual([]);
    expect(JSON.stringify(now['customers'])).toContain('on the way');
    expect(await placeAt(2)).toEqual({ number: 2, server: HOME, epoch: 2, move: null });
    expect(await schemas('other')).toEqual(['left_2_1']);
  });
});

describe('a move', () => {
  class Killed extends Error {}

  it.each(['PREPARE', 'COPY', 'CLOSE', 'SWITCH'] as const)(
    'that ended at %s can be undone, or goes on to the same server only',
    async (last) => {
      const { installation, contents, schemas } = servers;
      const before = await contents('home', 'place_1');
      const onStep = (step: unknown) => {
        if (step === last) throw new Killed();
      };
      const begun = movePlace({ ...installation, number: 1, to: 'other', onStep });
      await expect(begun).rejects.toThrow(Killed);
      expect((await placeAt(1))?.move).toEqual({ to: 'other', step: last });
      await expect(movePlace({ ...installation, number: 1, to: HOME })).rejects.toThrow(
        'npm run places -- back 1',
      );
      expect(await moveBack(installation, 1)).toEqual({ isBack: true });
      expect((await placeAt(1))?.move).toBeNull();
      expect(await contents('home', 'place_1')).toEqual(before);
      expect(await schemas('other')).toEqual(['left_2_1']);
      expect(await copying()).toHaveLength(2);
      await on('home', 'UPDATE place_1.customers SET name = $1', last);
      expect(await moveBack(installation, 1)).toEqual({ isBack: false });
    },
  );

  it('is not undone once the map has the place on the new server, and what moves have left can be dropped', async () => {
    const { installation, contents, schemas } = servers;
    const before = await contents('home', 'place_1');
    const onStep = (step: unknown) => {
      if (step === 'OPEN') throw new Killed();
    };
    const begun = movePlace({ ...installation, number: 1, to: 'other', onStep });
    await expect(begun).rejects.toThrow(Killed);
    await expect(moveBack(installation, 1)).rejects.toThrow('npm run places -- move 1 other');
    expect(await dropLeft(installation, null)).toEqual(['left_2_0 on home', 'left_2_1 on other']);
    expect(await movePlace({ ...installation, number: 1, to: 'other' })).toMatchObject({
      isMoved: true,
    });
    expect(await contents('other', 'place_1')).toEqual(before);
    const { problems, servers: found } = await statusOf(installation);
    expect(problems).toEqual([]);
    expect(found).toMatchObject([
      { name: HOME, trouble: null, schemas: [2, 3], left: ['left_1_0'], bytesBehind: null },
      { name: 'other', trouble: null, schemas: [1], left: [], bytesBehind: expect.any(Number) },
    ]);
    await on('other', 'CREATE SCHEMA place_3');
    expect((await statusOf(installation)).problems).toEqual([
      expect.stringMatching(/^other has a schema place_3, and the map has the place on home/),
    ]);
    await expect(movePlace({ ...installation, number: 3, to: 'other' })).rejects.toThrow(
      'there is a schema place_3 that is no copy of a move',
    );
    expect(await schemas('other')).toContain('place_3');
    expect(await placeAt(3)).toBeUndefined();
  });
});

describe('the command', () => {
  const run = async (...args: string[]) => {
    const said: string[] = [];
    const say = (sentence: string) => void said.push(sentence);
    const { installation, gateway } = servers;
    const { fence } = gateway.store;
    await placeActionOf(args)({
      fence,
      database: 'it',
      say,
      installation: { ...installation, say },
    });
    return said;
  };

  it('moves, undoes and drops, and says what it has done', async () => {
    await on('other', 'DROP SCHEMA place_3');
    expect((await run('add-server', 'other')).at(-1)).toMatch(/^The server other was added before/);
    expect(await run('move', '1', 'other')).toEqual(['Place 1 is on the server other already.']);
    expect(await run('back', '1')).toEqual(['Place 1 is not being moved.']);
    const told = await run('status');
    expect(told[1]).toBe('Customers of place 1 on the server other are open to writes.');
    expect(told[2]).toBe('Customers of place 2 in it are open to writes.');
    expect(told.at(-1)).toMatch(
      /^Server other answers\. Its catalogue is \d+ bytes of the log behind\./,
    );
    expect(await run('drop-left', 'other')).toEqual(['Moves have left nothing.']);
    expect(await run('drop-left')).toEqual(['Dropped: left_1_0 on home.']);
    await expect(run('drop-left', 'north')).rejects.toThrow('There are: home, other.');
  });

  it('neither opens nor closes a place that is being moved', async () => {
    await on('home', "INSERT INTO places (number, moving_to, step) VALUES (3, 'other', 'COPY')");
    for (const action of ['open', 'close']) {
      await expect(run(action, '3')).rejects.toThrow(
        'Place 3 is being moved to other. To go on: npm run places -- move 3 other.',
      );
    }
    await on('home', 'DELETE FROM places WHERE number = 3');
  });

  it.each([
    ['move', '1'],
    ['move', 'one', 'other'],
    ['back'],
    ['add-server'],
    ['drop-left', 'a', 'b'],
  ])('shows how it is used: %s %s %s', (...args) => {
    expect(() => placeActionOf(args.filter((arg) => arg !== undefined))).toThrow('Usage:');
  });
});
