/**
 * Random batches, each with many customers: every answer matches the model, and is the same as if the
 * calls were sent one by one.
 */
import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { answerOf } from '../support/cases/over-http.js';
import type { PlainGrant, PlainTrack } from '../support/cases/plain.js';
import { type BatchItem, trackAll } from '../support/client/batches.js';
import { type Client, createClient } from '../support/client/client.js';
import * as operations from '../support/client/operations.js';
import { createDatabase, type TestDatabase } from '../support/database/database.js';
import { damagesOf } from '../support/database/project.js';
import { type LocalGateway, startLocalGateway } from '../support/gateway/local-gateway.js';
import {
  expectAnswer,
  recordedAt,
  type Sequence,
  takeTurn,
} from '../support/load/run-sequential.js';
import { Tally } from '../support/load/tally.js';
import { comparable } from '../support/model/compare.js';
import { CustomerModel } from '../support/model/model.js';
import { ENTITY_IDS, type Happening, history } from '../support/random/arbitraries.js';
import { type Random, randomOf, seedOf } from '../support/random/random.js';
import {
  CREATABLE_CATALOGUE,
  ROUNDS,
  sequentialScripts,
  type Turn,
} from '../support/random/random-calls.js';

let database: TestDatabase;
let gateway: LocalGateway;
let client: Client;

beforeAll(async () => {
  database = await createDatabase();
  gateway = await startLocalGateway({ connectionString: database.url });
  client = createClient(gateway.origin, gateway.secret);
  for (const feature of CREATABLE_CATALOGUE) await operations.createFeature(client, feature);
});

afterAll(async () => {
  await gateway.close();
  expect(await damagesOf({ connectionString: database.url })).toEqual([]);
  await database.drop();
});

const tracksOf = (turn: Turn | undefined): readonly PlainTrack[] => {
  if (turn === undefined) return [];
  if ('batch' in turn) return turn.batch;
  if ('twice' in turn) return [turn.twice, turn.twice];
  return 'call' in turn && 'track' in turn.call ? [turn.call.track] : [];
};

/** A customer with the turns that are still to be taken. */
interface Waiting {
  readonly sequence: Sequence;
  readonly turns: Turn[];
}

interface Sent {
  readonly sequence: Sequence;
  readonly track: PlainTrack;
}

/** Takes all turns up to the next usage events, and returns those to be sent in a batch. */
async function nextTracks({ sequence, turns }: Waiting, at: number): Promise<Sent[]> {
  for (let [turn] = turns; turn !== undefined && tracksOf(turn).length === 0; [turn] = turns) {
    await takeTurn(sequence, turn, at);
    turns.shift();
  }
  const tracks: Sent[] = [];
  for (let [turn] = turns; tracksOf(turn).length > 0; [turn] = turns) {
    for (const track of tracksOf(turn)) tracks.push({ sequence, track });
    turns.shift();
  }
  return tracks;
}

/** All items in one list: in random order, but those of each list in theirs. */
function mixed<T>(lists: readonly (readonly T[])[], random: Random): T[] {
  const left = lists.map((list) => [...list]).filter((list) => list.length > 0);
  const found: T[] = [];
  while (left.length > 0) {
    const index = random.whole(0, left.length - 1);
    found.push(...(left[index]?.splice(0, 1) ?? []));
    if (left[index]?.length === 0) left.splice(index, 1);
  }
  return found;
}

it('a batch with many customers gets the answer of the model', async () => {
  const seed = seedOf('mixed batches');
  const random = randomOf(seed);
  const tally = new Tally();
  const scripts = sequentialScripts({ seed, prefix: 'mix', customers: 25, turnsMax: 30 });
  const sequences = scripts.map(
    ({ customerId }): Sequence => ({
      clients: [client, client],
      customerId,
      model: new CustomerModel(CREATABLE_CATALOGUE),
      names: new Map(),
      eventIds: [],
      random,
      tally,
      context: `TEST_SEED=${seed}, ${customerId}`,
    }),
  );
  for (const { customerId } of scripts) await operations.createCustomer(client, customerId);

  for (const [round, at] of ROUNDS.entries()) {
    await gateway.setClock(at);
    const waiting = sequences.map(
      (sequence, index): Waiting => ({
        sequence,
        turns: [...(scripts[index]?.rounds[round] ?? [])],
      }),
    );
    while (waiting.some(({ turns }) => turns.length > 0)) {
      const lists: Sent[][] = [];
      for (const one of waiting) lists.push(await nextTracks(one, at));
      await sendMixed(mixed(lists, random), at);
    }
  }
  process.stdout.write(`${tally}\n`);
  expect(tally.of('calls')).toBeGreaterThanOrEqual(800);
  expect(tally.of('calls') / tally.of('batches')).toBeGreaterThan(5);
});

async function sendMixed(sent: readonly Sent[], at: number): Promise<void> {
  if (sent.length === 0) return;
  const inputs = sent.map(({ sequence, track }) => ({
    customerId: sequence.customerId,
    ...track,
  }));
  const answers = await trackAll(client, inputs);
  sent[0]?.sequence.tally.count('batches');
  for (const [index, { sequence, track }] of sent.entries()) {
    const answer = answers[index];
    if (answer === undefined) throw new Error('a usage event was not answered');
    sequence.tally.answered(answer);
    const expected = sequence.model.apply({ track }, recordedAt(answer) ?? at);
    expectAnswer(sequence, { call: { track } }, expected, answer);
  }
}

/** Grants for which the time of a call does not matter, and usage events. */
interface Story {
  readonly grants: readonly PlainGrant[];
  readonly tracks: readonly PlainTrack[];
}

function storyOf(happenings: readonly Happening[]): Story {
  const grants = happenings.flatMap((one) => ('grant' in one ? [one.grant] : []));
  return {
    grants: grants.map(({ reset: _, startsAt: _from, expiresAt: _to, ...grant }, index) => ({
      ...grant,
      name: `grant ${index}`,
    })),
    tracks: happenings.flatMap((one) => ('track' in one ? [one.track] : [])),
  };
}

it('a batch is answered like the same calls sent one by one', async () => {
  const seed = seedOf('one by one');
  await gateway.setClock(ROUNDS[1] ?? 0);
  const stories = fc.sample(history({ lengthMax: 30 }), { seed, numRuns: 40 }).map(storyOf);
  const names = new Map<string, string>();
  const create = async (customerId: string, grants: readonly PlainGrant[]) => {
    await operations.createCustomer(client, customerId);
    for (const entityId of ENTITY_IDS) {
      await operations.createEntity(client, customerId, entityId);
    }
    for (const grant of grants) {
      const granted = await operations.grant(client, customerId, grant);
      if ('balance' in granted) names.set(granted.balance.id, grant.name);
    }
  };
  const lists: BatchItem[][] = [];
  for (const [index, { grants, tracks }] of stories.entries()) {
    await create(`list${index}`, grants);
    await create(`single${index}`, grants);
    lists.push(tracks.map((track) => ({ ...track, customerId: `list${index}` })));
  }
  const sent = mixed(lists, randomOf(seed));
  const answers = await trackAll(client, sent);
  expect(answers.length).toBeGreaterThan(100);
  for (const [index, { customerId, ...track }] of sent.entries()) {
    const single = customerId.replace('list', 'single');
    const alone = await operations.track(client, single, track);
    const answer = answers[index] ?? alone;
    expect(
      comparable(answerOf(answer, names)),
      `TEST_SEED=${seed}: ${customerId} ${JSON.stringify(track)}`,
    ).toEqual(comparable(answerOf(alone, names)));
  }
});
