/**
 * The cases, replayed over HTTP: on PostgreSQL, as single calls and as batches, and on the embedded
 * database; and with everything swept that comes due in between. Where only the way differs, a share of them will do, with another seed another one. Those that need two gateways are in two-gateways.test.ts as well.
 */
import { afterAll, beforeAll, describe, it } from 'vitest';
import { CATALOGUE } from '../support/cases/case.js';
import { CASES } from '../support/cases/cases.js';
import { overHttp } from '../support/cases/over-http.js';
import { play } from '../support/cases/play.js';
import { trackInBatch } from '../support/client/batches.js';
import { type Client, createClient } from '../support/client/client.js';
import * as operations from '../support/client/operations.js';
import { onEmbedded, onPostgres, type Place } from '../support/gateway/place.js';
import { sweep } from '../support/meter/sweep.js';
import { randomOf, seedOf } from '../support/random/random.js';

describe.each([
  {
    name: 'PostgreSQL, each usage event explained before,',
    open: onPostgres,
    track: operations.track,
    explains: true,
    swept: false,
    share: 1,
  },
  {
    name: 'PostgreSQL, each usage event in a batch of one,',
    open: onPostgres,
    track: trackInBatch,
    explains: false,
    swept: false,
    share: 3,
  },
  {
    name: 'PostgreSQL, everything that comes due being swept,',
    open: onPostgres,
    track: operations.track,
    explains: false,
    swept: true,
    share: 3,
  },
  {
    name: 'the embedded database',
    open: onEmbedded,
    track: operations.track,
    explains: true,
    swept: false,
    share: 1,
  },
  {
    name: 'the embedded database, everything that comes due being swept,',
    open: onEmbedded,
    track: operations.track,
    explains: false,
    swept: true,
    share: 3,
  },
])('a gateway on $name replays', ({ open, track, explains, swept, share }) => {
  let place: Place;
  let client: Client;

  beforeAll(async () => {
    place = await open();
    client = createClient(place.gateway.origin, place.gateway.secret);
    for (const feature of CATALOGUE) await operations.createFeature(client, feature);
  });

  afterAll(async () => {
    await place.gateway.close();
    await place.close();
  });

  const setClock = async (at: number) => {
    await place.gateway.setClock(at);
    if (swept) await sweep({ store: place.gateway.store });
  };

  // Each case has customers of its own, so all of them share a database.
  const cases = CASES.map((row, index) => ({ ...row, prefix: `case${index}` }));
  const part = randomOf(seedOf('share of the cases')).whole(0, share - 1);
  it.each(cases.filter((_, index) => index % share === part))(
    'row $row: $title',
    ({ prefix, ...row }) => play(row, overHttp({ client, prefix, setClock, track, explains })),
  );
});
