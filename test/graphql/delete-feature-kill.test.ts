/** A gateway is killed between the two transactions of a deletion: the next call about the feature completes it or undoes it. */
import type pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Client, createClient } from '../support/client/client.js';
import * as operations from '../support/client/operations.js';
import { connect } from '../support/database/connections.js';
import { createDatabase, type TestDatabase } from '../support/database/database.js';
import { createProject, damagesOf } from '../support/database/project.js';
import { startTollgate, type Tollgate } from '../support/gateway/gateway-process.js';

let database: TestDatabase;
let secret: string;
let session: pg.Client;
/** The one that is not killed. */
let survivor: Tollgate;
let client: Client;

beforeAll(async () => {
  database = await createDatabase();
  secret = await createProject(database.url);
  session = await connect(database.url);
  // A commit stops in the middle, after it has checked the catalogue, while this lock is held.
  await session.query(`CREATE FUNCTION pause() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN PERFORM pg_advisory_xact_lock(48); RETURN NEW; END $$;
    CREATE TRIGGER pause BEFORE INSERT ON events FOR EACH ROW EXECUTE FUNCTION pause()`);
  survivor = await startTollgate({ DATABASE_URL: database.url });
  client = createClient(survivor.origin, secret);
  await operations.createCustomer(client, 'acme');
});

afterAll(async () => {
  expect(await survivor.stop()).toBe(0);
  await session.end();
  await database.drop();
});

const DELETE = `mutation ($input: FeaturesDeleteInput!) { answer: deleteFeature(input: $input) {
  ... on DeleteFeaturePayload { feature { featureId eventNames } } ... on FeatureInUseError { uses } ... on Error { code } } }`;

const CREATE = `mutation ($input: FeaturesCreateInput!) { answer: createFeature(input: $input) {
  ... on CreateFeaturePayload { created feature { type } } ... on Error { code } } }`;

const answer = async (document: string, input: object, by = client) =>
  (await by.run<{ answer: object }>(document, { input })).answer;

const remove = (featureId: string, by = client) => answer(DELETE, { featureId }, by);

const create = (featureId: string, type: string) =>
  answer(CREATE, { featureId, name: featureId, type });

const track = (featureId: string) => operations.track(client, 'acme', { featureId });

const counts = async (condition: string, ...values: string[]) =>
  (await session.query(`SELECT 1 WHERE ${condition}`, values)).rows.length;

const until = (condition: string, ...values: string[]) =>
  expect.poll(() => counts(condition, ...values), { interval: 1 }).toBe(1);

const TAKEN_OUT = 'EXISTS (SELECT FROM removed_features WHERE id = $1)';

/** Kills a gateway that has taken the feature out of the catalogue, and waits for what had begun before. */
async function killDeleting(featureId: string): Promise<void> {
  const doomed = await startTollgate({ DATABASE_URL: database.url });
  const deletion = remove(featureId, createClient(doomed.origin, secret)).catch(() => 'no answer');
  await until(TAKEN_OUT, featureId);
  await doomed.kill();
  expect(await deletion).toBe('no answer');
  expect(await counts(TAKEN_OUT, featureId)).toBe(1);
}

/** While something is going on that may have begun with the feature. */
async function killed(featureId: string): Promise<void> {
  await operations.createFeature(client, {
    id: featureId,
    type: 'CONSUMABLE',
    eventNames: ['name'],
  });
  await session.query('BEGIN; LOCK TABLE customers IN ROW EXCLUSIVE MODE');
  await killDeleting(featureId);
  await session.query('COMMIT');
  expect(await track(featureId)).toMatchObject({ code: 'FEATURE_NOT_FOUND' });
}

it('the next deletion completes it', async () => {
  await killed('unused');
  expect(await remove('unused')).toEqual({ code: 'FEATURE_NOT_FOUND' });
  expect(await counts(TAKEN_OUT, 'unused')).toBe(0);
  expect(await create('unused', 'BOOLEAN')).toMatchObject({ created: true });
});

it('its id is free at once', async () => {
  await killed('again');
  expect(await create('again', 'BOOLEAN')).toEqual({ created: true, feature: { type: 'BOOLEAN' } });
  expect(await counts(TAKEN_OUT, 'again')).toBe(0);
});

it('usage that was in progress is kept, and the feature with it', async () => {
  await operations.createFeature(client, { id: 'used', type: 'CONSUMABLE' });
  await session.query('SELECT pg_advisory_lock(48)');
  const used = track('used');
  await until(
    `EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND objid = 48 AND NOT granted)`,
  );
  await killDeleting('used');
  await session.query('SELECT pg_advisory_unlock(48)');
  expect(operations.wasTracked(await used)).toBe(true);
  expect(await remove('used')).toEqual({ code: 'FEATURE_IN_USE', uses: ['EVENTS'] });
  expect(operations.wasTracked(await track('used'))).toBe(true);
  expect(await counts(TAKEN_OUT, 'used')).toBe(0);
  expect(await damagesOf({ connectionString: database.url })).toEqual([]);
});
