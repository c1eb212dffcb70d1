/**
 * What callers of two gateways see while the places of their customers are moved to and fro: nothing but a pause.
 * `TEST_MOVES=20 npx vitest run --project servers test/servers/moves.test.ts` runs it for longer.
 */

import { afterAll, beforeAll, expect, it } from 'vitest';
import { HOME } from '../../src/domain/place.js';
import { movePlace } from '../../src/store/servers/move-place.js';
import { createDatabase, type TestDatabase } from '../support/database/database.js';
import { SECOND, viewAgain } from '../support/database/two-servers.js';
import { expectExactThroughKills } from '../support/linearizability/killed-run.js';
import { seedOf } from '../support/random/random.js';

/** A multiple of four, after which each is where it was. */
const MOVES = Number(process.env['TEST_MOVES'] ?? 4);

/** One that begins on the second server, and one that begins at home: where the customers are. */
const PLACES = [1, 2] as const;

let database: TestDatabase;
let secondUrl: string;

beforeAll(async () => {
  database = await createDatabase();
  secondUrl = database.servers.get(SECOND) ?? '';
});

afterAll(() => database.drop());

async function move(number: number, to: string): Promise<number> {
  const { isMoved, closedMs } = await movePlace({
    home: { connectionString: database.url },
    servers: new Map([[SECOND, { connectionString: secondUrl }]]),
    places: 8,
    connectTimeoutMs: 20_000,
    say: () => undefined,
    number,
    to,
  });
  expect(isMoved).toBe(true);
  return Math.round(closedMs ?? 0);
}

it('while places are moved to and fro', { timeout: 1_800_000 }, async () => {
  const closedMs: number[] = [];
  await expectExactThroughKills('moves of places', {
    databaseUrl: database.url,
    kills: MOVES,
    seed: seedOf('histories with moves of places'),
    disturb: async (turn) => {
      const isFirst = turn % 2 === 0;
      const isAway = Math.floor(turn / 2) % 2 === 1;
      closedMs.push(
        await move(isFirst ? PLACES[0] : PLACES[1], isFirst === isAway ? SECOND : HOME),
      );
      if (turn === MOVES - 1) await viewAgain(database.url, secondUrl);
    },
  });
  process.stdout.write(`closed for ${closedMs.join(', ')} ms\n`);
  expect(closedMs).toHaveLength(MOVES);
});
