/** Of a deletion and of usage at once, on two gateways, one comes first. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Client } from '../support/client/client.js';
import * as operations from '../support/client/operations.js';
import { startTwoGateways, type TwoGateways } from '../support/gateway/two-gateways.js';

const ROUNDS = 40;

let both: TwoGateways;

beforeAll(async () => {
  both = await startTwoGateways({ features: [{ id: 'messages', type: 'CONSUMABLE' }] });
  for (const id of ['acme', 'globex']) await operations.createCustomer(both.clients[0], id);
});
afterAll(() => both.close());

const DELETE = `mutation ($featureId: String!) { answer: deleteFeature(input: { featureId: $featureId }) {
  ... on DeleteFeaturePayload { feature { featureId } } ... on FeatureInUseError { uses } ... on Error { code } } }`;

interface Deleted {
  readonly answer: {
    readonly code?: string;
    readonly uses?: readonly string[];
    readonly feature?: object;
  };
}

const remove = async (client: Client, featureId: string) =>
  (await client.run<Deleted>(DELETE, { featureId })).answer;

/** Whether a call found the feature. */
function found(answer: object): boolean {
  if (!('code' in answer)) return true;
  expect(answer.code).toMatch(/^(FEATURE|EVENT_NAME)_NOT_FOUND$/);
  return false;
}

const USES: readonly ((client: Client, id: string) => Promise<object>)[] = [
  (client, id) => operations.grant(client, 'acme', { name: id, featureId: id, granted: 5 }),
  (client, id) => operations.track(client, 'globex', { featureId: id }),
  (client, id) => operations.track(client, 'acme', { eventName: `name-${id}` }),
];

it('what was used is kept, and what is deleted has not been used', async () => {
  const [left, right] = both.clients;
  const ends = { kept: 0, deleted: 0 };
  for (let round = 0; round < ROUNDS; round += 1) {
    const id = `f${round}`;
    await operations.createFeature(left, {
      id,
      type: 'CONSUMABLE',
      eventNames: [`name-${id}`],
    });
    // Both have the catalogue cached with the feature in it.
    for (const client of both.clients)
      await operations.track(client, 'acme', { featureId: 'messages' });
    const use = USES[round % USES.length];
    if (use === undefined) throw new Error('there are uses');
    const [deleted, ...used] = await Promise.all([
      remove(left, id),
      ...[right, left].map((client) => use(client, id)),
    ]);
    const finds = used.filter(found).length;
    const [row] = await both.sql<{ features: number; uses: number }>(
      `SELECT (SELECT count(*)::int FROM features WHERE id = $1) AS features,
        (SELECT count(*)::int FROM balances WHERE feature_id = $1)
        + (SELECT count(*)::int FROM events WHERE feature_id = $1 OR event_name = 'name-' || $1) AS uses`,
      [id],
    );
    if (deleted.feature !== undefined) {
      ends.deleted += 1;
      expect([row, finds]).toEqual([{ features: 0, uses: 0 }, 0]);
    } else {
      ends.kept += 1;
      expect(deleted.code).toBe('FEATURE_IN_USE');
      expect(row?.features).toBe(1);
      expect(row?.uses).toBe(finds);
      expect(finds).toBeGreaterThan(0);
    }
  }
  expect(ends.kept + ends.deleted).toBe(ROUNDS);
  expect(await both.sql('SELECT 1 FROM removed_features')).toEqual([]);
  expect(await both.audit()).toEqual([]);
});

it('two deletions at once are one', async () => {
  for (let round = 0; round < 5; round += 1) {
    const id = `twice${round}`;
    await operations.createFeature(both.clients[0], { id, type: 'CONSUMABLE' });
    const answers = await Promise.all(both.clients.map((client) => remove(client, id)));
    const codes = answers.map(({ code = 'deleted' }) => code);
    expect(codes.sort()).toEqual(['FEATURE_NOT_FOUND', 'deleted']);
  }
});
