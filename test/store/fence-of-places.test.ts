/** The fences of several places (docs/adr/0070-places.md): each is closed and opened by itself. */
import type pg from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { placeActionOf } from '../../src/commands/place-actions.js';
import type { CheckContext } from '../../src/store/checks/check.js';
import { fenceCheck } from '../../src/store/checks/fence.js';
import { CUSTOMER_TABLES } from '../../src/store/customer-tables.js';
import { type Fence, fenceOf } from '../../src/store/fence.js';
import { placesOf } from '../../src/store/placed.js';
import { connect, openPool } from '../support/database/connections.js';
import { PLACES as ALL } from '../support/database/places.js';
import { createStore, type TestStore } from '../support/database/store.js';

const PLACES = placesOf(Math.max(4, ALL));

let test: TestStore;
let client: pg.Client;
let fence: Fence;

const NUMBERS = PLACES.map((_, n) => n);

/** Of the same database, as if it had no other place. */
const fenceOfOne = () =>
  fenceOf({
    places: ['public'],
    address: { connectionString: test.database.url },
    connectTimeoutMs: 10_000,
    pool: openPool(test.database.url, 1),
  });

beforeAll(async () => {
  test = await createStore({ places: PLACES.length });
  client = await connect(test.database.url);
  ({ fence } = test.store);
});

afterEach(async () => {
  for (const place of await closedIn()) await fence.open(place);
});

afterAll(async () => {
  await client.end();
  await test.close();
});

/** The places in which a table refuses to be written, with what is advised. */
async function refusing(table: string): Promise<Record<string, unknown>> {
  const hints: Record<string, unknown> = {};
  for (const place of PLACES) {
    try {
      await client.query(
        `INSERT INTO ${place}.${table} SELECT * FROM ${place}.${table} WHERE false`,
      );
    } catch (error) {
      expect(error).toMatchObject({ code: '53TG1', message: 'customers are closed to writes' });
      Object.assign(hints, { [place]: Reflect.get(error as object, 'hint') });
    }
  }
  return hints;
}

const closedIn = async () =>
  [...(await fence.closedSince())].flatMap(([place, since]) => (since === null ? [] : [place]));

it.each(PLACES.slice(0, 2))(
  'closing %s closes all of its tables, and no other place',
  async (place) => {
    const since = await fence.close(place);
    expect((await fence.closedSince()).get(place)).toBe(since);
    expect(await closedIn()).toEqual([place]);
    const advised = { [place]: `npm run places -- open ${PLACES.indexOf(place)}` };
    for (const table of CUSTOMER_TABLES) expect(await refusing(table), table).toEqual(advised);
  },
);

it('opening a place leaves the others closed', async () => {
  const place = 'place_1';
  for (const each of PLACES) await fence.close(each);
  expect(await fence.open(place)).toEqual({ wasClosed: true, isRemoved: true });
  const others = PLACES.filter((each) => each !== place);
  expect(await closedIn()).toEqual(others);
  for (const table of CUSTOMER_TABLES) {
    expect(Object.keys(await refusing(table)), table).toEqual(others);
  }
  expect(await fence.open(place)).toEqual({ wasClosed: false, isRemoved: true });
});

it('closing a place does not wait for those who write to another one', async () => {
  const other = await connect(test.database.url);
  await other.query('BEGIN; DELETE FROM public.customers; DELETE FROM place_2.customers');
  await fence.close('place_1');
  expect(await closedIn()).toEqual(['place_1']);
  await other.end();
});

it('the doctor says which places are closed, and how those are opened', async () => {
  const found = async () => {
    const [finding] = await fenceCheck.run({ client } as unknown as CheckContext);
    return [finding?.found, finding?.commands];
  };
  expect(await found()).toEqual(['Customers are open to writes.', []]);
  const first = await fence.close('public');
  const last = await fence.close('place_2');
  expect(await found()).toEqual([
    `Customers of some places are closed to writes: 0 since ${first}, 2 since ${last}.`,
    ['npm run places -- open 0', 'npm run places -- open 2'],
  ]);
  const others: string[] = [];
  for (const [n, place] of PLACES.entries()) others.push(`${n} since ${await fence.close(place)}`);
  expect(await found()).toEqual([
    `Customers of all places are closed to writes: ${others.join(', ')}.`,
    ['npm run places -- open'],
  ]);
});

it('the advice does not name the only place', async () => {
  await fenceOfOne().close('public');
  expect(await refusing('customers')).toEqual({ public: 'npm run places -- open' });
});

describe('npm run places', () => {
  async function places(...args: string[]): Promise<string[]> {
    const said: string[] = [];
    await placeActionOf(args)({
      fence,
      database: 'it',
      say: (line) => said.push(line),
      installation: null,
    });
    return said.map((line) => line.replaceAll(/\d{4}-[-\d]+T[\d:.]+Z/g, 'TIME'));
  }

  it('does it in all places, and says so for each', async () => {
    expect(await places('close')).toEqual(
      NUMBERS.map(
        (n) =>
          `Customers of place ${n} in it are closed to writes since TIME, and what was in progress is written. To open them: npm run places -- open ${n}`,
      ),
    );
    expect(await closedIn()).toEqual(PLACES);
    expect(await places('open')).toEqual(
      NUMBERS.map((n) => `Customers of place ${n} in it are open to writes again.`),
    );
    expect(await closedIn()).toEqual([]);
  });

  it('does it in those that follow one in which it fails, and says where', async () => {
    await client.query('ALTER TABLE place_1.entities RENAME TO hidden');
    const said: string[] = [];
    const closing = placeActionOf(['close'])({
      fence,
      database: 'it',
      say: (s) => said.push(s),
      installation: null,
    });
    await expect(closing).rejects.toThrow(/^place_1: relation "place_1.entities" does not exist$/);
    await client.query('ALTER TABLE place_1.hidden RENAME TO entities');
    expect(said).toHaveLength(PLACES.length - 1);
    expect(await closedIn()).toEqual(PLACES.filter((place) => place !== 'place_1'));
  });

  it('does it in one place, and tells the state of all', async () => {
    expect(await places('close', '1')).toHaveLength(1);
    expect(await places('close', '2')).toHaveLength(1);
    expect(await places('open', '2')).toEqual([
      'Customers of place 2 in it are open to writes again.',
    ]);
    expect(await places('open', '0')).toEqual([
      'Customers of place 0 in it were open to writes already.',
    ]);
    expect(await places('status')).toEqual(
      NUMBERS.map((n) =>
        n === 1
          ? 'Customers of place 1 in it are closed to writes since TIME.'
          : `Customers of place ${n} in it are open to writes.`,
      ),
    );
  });

  it('does not need the number of the only place', async () => {
    fence = fenceOfOne();
    const closed =
      'Customers in it are closed to writes since TIME, and what was in progress is written. To open them: npm run places -- open';
    expect(await places('close')).toEqual([closed]);
    expect(await places('close', '0')).toEqual([closed]);
    expect(await places('status')).toEqual(['Customers in it are closed to writes since TIME.']);
    await expect(places('open', '1')).rejects.toThrow(
      'There is no place 1. This database has place 0 only. Leave the number out.',
    );
    expect(await places('open')).toEqual(['Customers in it are open to writes again.']);
    ({ fence } = test.store);
  });

  it('refuses what it does not know', async () => {
    const last = PLACES.length - 1;
    await expect(places('close', String(last + 1))).rejects.toThrow(
      `There is no place ${last + 1}. This database has the places 0 to ${last}: npm run places -- status`,
    );
    expect(await closedIn()).toEqual([]);
    for (const args of [[], ['shut'], ['close', 'one'], ['close', '0', '1'], ['status', '0']]) {
      expect(() => placeActionOf(args), args.join(' ')).toThrow(/^Usage:/);
    }
  });
});
