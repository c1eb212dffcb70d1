/** What is answered if some of the usage events cannot be undone now. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import { oneOff } from '../support/cases/case.js';
import { CallError, type Client, createClient } from '../support/client/client.js';
import * as operations from '../support/client/operations.js';
import { voidEvents } from '../support/client/void-events.js';
import { createDatabase, type TestDatabase } from '../support/database/database.js';
import {
  HOLD_CUSTOMER,
  type OtherSessions,
  openOtherSessions,
} from '../support/database/other-sessions.js';
import { damagesOf } from '../support/database/project.js';
import { type LocalGateway, startLocalGateway } from '../support/gateway/local-gateway.js';

let database: TestDatabase;
let otherSessions: OtherSessions;
let gateway: LocalGateway;
let client: Client;

beforeEach(async () => {
  database = await createDatabase();
  otherSessions = openOtherSessions(database.url);
  gateway = await startLocalGateway(
    { connectionString: database.url },
    { acquireTimeoutMs: 1_000 },
  );
  client = createClient(gateway.origin, gateway.secret);
  await operations.createFeature(client, { id: 'messages', type: 'CONSUMABLE' });
  for (const customerId of ['held', 'ada']) {
    await operations.createCustomer(client, customerId);
    await operations.grant(client, customerId, oneOff('messages', 100));
    for (const value of [3, 4]) {
      await operations.track(client, customerId, { featureId: 'messages', value });
    }
  }
});

afterEach(async () => {
  await otherSessions.close();
  await gateway.close();
  expect(await damagesOf({ connectionString: database.url })).toEqual([]);
  await database.drop();
});

const MESSAGES = { filter: { featureId: 'messages' } };
const OF_HELD = { filter: { customerId: 'held' } };

it('only the events of a customer locked by another session stay, all of them, and a repetition undoes them', async () => {
  const release = await otherSessions.hold(HOLD_CUSTOMER, ['held']);
  const page = await voidEvents(client, MESSAGES);
  await release();
  expect(page).toMatchObject({ voided: 2, features: [{ reversed: 7, reversedBefore: 0 }] });
  const locked = { code: 'CUSTOMER_LOCKED', message: expect.stringContaining('retry in a moment') };
  const held = await operations.events(client, 'held');
  expect(page.notVoided).toEqual(held.map(({ id }) => ({ eventId: id, ...locked })));
  expect(held.map(({ voidedAt }) => voidedAt)).toEqual([null, null]);
  const again = { voided: 2, alreadyVoided: 2, notVoided: [] };
  const features = [{ reversed: 7, reversedBefore: 7 }];
  expect(await voidEvents(client, MESSAGES)).toMatchObject({ ...again, features });
});

it('a call that can undo nothing fails like any other', async () => {
  const release = await otherSessions.hold(HOLD_CUSTOMER, ['held']);
  const failed = await voidEvents(client, OF_HELD).catch((error: unknown) => error);
  await release();
  expect(failed).toBeInstanceOf(CallError);
  expect(failed).toMatchObject({ status: 503, codes: ['CUSTOMER_LOCKED'], retryable: true });
  expect(await voidEvents(client, OF_HELD)).toMatchObject({ voided: 2, alreadyVoided: 0 });
});
