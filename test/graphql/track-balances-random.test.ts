/**
 * Batches of uses by chance, of many customers in one list: every answer is what the model says, and
 * what the same calls one by one are answered.
 */
import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { answerOf } from '../support/cases/over-http.js';
import type { PlainGrant, PlainTrack } from '../support/cases/plain.js';
import { trackAll, type Use } from '../support/client/batches.js';
import { type Client, createClient } from '../support/client/client.js';
import * as operations from '../support/client/operations.js';
import { createDatabase, type TestDatabase } from '../support/database/database.js';
import { damagesOf } from '../support/database/project.js';
import { type LocalGateway, startLocalGateway } from '../support/gateway/local-gateway.js';
import { recordedAt, type Sequence, takeTurn } from '../support/load/run-sequential.js';
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

const usesOf = (turn: Turn | undefined): readonly PlainTrack[] => {
  if (turn === undefined) return [];
  if ('batch' in turn) return turn.batch;
  if ('twice' in turn) return [turn.twice, turn.twice];
  return 'call' in turn && 'track' in turn.call ? [turn.call.track] : [];
};

/** A customer with what is still to be done to it. */
interface Waiting {
  readonly sequence: Sequence;
  readonly turns: Turn[];
}

interface Sent {
  readonly sequence: Sequence;
  readonly track: PlainTrack;
}

/** Does everything but uses, up to the next ones, and takes those. */
async function nextUses({ sequence, turns }: Waiting, at: number): Promise<Sent[]> {
  for (let [turn] = turns; turn !== undefined && usesOf(turn).length === 0; [turn] = turns) {
    await takeTurn(sequence, turn, at);
    turns.shift();
  }
  const uses: Sent[] = [];
  for (let [turn] = turns; usesOf(turn).length > 0; [turn] = turns) {
    for (const track of usesOf(turn)) uses.push({ sequence, track });
    turns.shift();
  }
  return uses;
}

/** All of them in one list by chance, those of each customer in their order. */
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

it('uses of many customers in one list are answered as the model says', async () => {
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
      for (const one of waiting) lists.push(await nextUses(one, at));
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
    if (answer === undefined) throw new Error('a use was not answered');
    sequence.tally.answered(answer);
    const expected = sequence.model.apply({ track }, recordedAt(answer) ?? at);
    const message = `${sequence.context}: ${JSON.stringify(track)}`;
    expect(comparable(answerOf(answer, sequence.names)), message).toEqual(comparable(expected));
  }
}

/** Grants by which the time of a call does not matter, and uses. */
interface Story {
  readonly grants: readonly PlainGrant[];
  readonly uses: readonly PlainTrack[];
}

function storyOf(happenings: readonly Happening[]): Story {
  const grants = happenings.flatMap((one) => ('grant' in one ? [one.grant] : []));
  return {
    grants: grants.map(({ reset: _, startsAt: _from, expiresAt: _to, ...grant }, index) => ({
      ...grant,
      name: `grant ${index}`,
    })),
    uses: happenings.flatMap((one) => ('track' in one ? [one.track] : [])),
  };
}

it('a list is answered as the same calls one by one', async () => {
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
  const lists: Use[][] = [];
  for (const [index, { grants, uses }] of stories.entries()) {
    await create(`list${index}`, grants);
    await create(`single${index}`, grants);
    lists.push(uses.map((use) => ({ ...use, customerId: `list${index}` })));
  }
  const sent = mixed(lists, randomOf(seed));
  const answers = await trackAll(client, sent);
  expect(answers.length).toBeGreaterThan(100);
  for (const [index, { customerId, ...use }] of sent.entries()) {
    const single = customerId.replace('list', 'single');
    const alone = await operations.track(client, single, use);
    const answer = answers[index] ?? alone;
    expect(
      comparable(answerOf(answer, names)),
      `TEST_SEED=${seed}: ${customerId} ${JSON.stringify(use)}`,
    ).toEqual(comparable(answerOf(alone, names)));
  }
});
