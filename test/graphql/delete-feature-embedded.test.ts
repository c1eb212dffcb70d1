/** The embedded database has one connection: a deletion does not wait for itself, nor for the calls between its transactions. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Client, createClient } from '../support/client/client.js';
import { deleteFeature } from '../support/client/features.js';
import * as operations from '../support/client/operations.js';
import { onEmbedded, type Place } from '../support/gateway/place.js';

let place: Place;
let client: Client;

beforeAll(async () => {
  place = await onEmbedded();
  client = createClient(place.gateway.origin, place.gateway.secret);
  await operations.createFeature(client, { id: 'messages', type: 'CONSUMABLE' });
  await operations.createCustomer(client, 'acme');
});
afterAll(async () => {
  await place.gateway.close();
  await place.close();
});

it('a feature that nothing has used is deleted while others call, and one that something has used is not', async () => {
  const track = (featureId: string) => operations.track(client, 'acme', { featureId });
  for (let round = 0; round < 5; round += 1) {
    await operations.createFeature(client, { id: 'unused', type: 'CONSUMABLE' });
    const calls = Array.from({ length: 20 }, () => track('messages'));
    expect(await deleteFeature(client, 'unused')).toBeNull();
    for (const answer of await Promise.all(calls)) expect(operations.wasTracked(answer)).toBe(true);
  }
  expect(await track('unused')).toMatchObject({ code: 'FEATURE_NOT_FOUND' });
  expect(await deleteFeature(client, 'messages')).toBe('FEATURE_IN_USE');
});
