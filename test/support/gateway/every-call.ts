import { expect } from 'vitest';
import { schema } from '../../../src/schema/index.js';
import { queryRows } from '../access/scope-rows.js';
import type { TestGateway } from './gateway.js';
import { setUp } from './set-up.js';

const CUSTOMER = { customerId: 'ann' };
const USE = { ...CUSTOMER, featureId: 'messages' };

/** Every verb, and every read by the table of scopes. */
export async function everyCall(gateway: TestGateway): Promise<void> {
  const done = doneOn(gateway);
  await setUp(gateway, {
    features: [{ featureId: 'messages', eventNames: ['sent'] }, { featureId: 'unused' }],
    customers: [{ ...CUSTOMER, entities: ['seat', 'doomed'] }, { customerId: 'doomed' }],
    balances: [{ ...USE, granted: 1_000 }],
  });
  const balance = await done(
    'createBalance',
    'BalancesCreateInput',
    { ...USE, granted: 5 },
    ON.balance,
  );
  await done('updateBalance', 'BalancesUpdateInput', {
    ...CUSTOMER,
    id: balance.balance.id,
    priority: 1,
  });
  const used = { ...USE, entityId: 'seat', idempotencyKey: 'key', properties: { model: 'x' } };
  const tracked = await done('trackBalance', 'BalancesTrackInput', used, ON.event);
  await done('trackBalance', 'BalancesTrackInput', used);
  await done('amendEvent', 'EventsAmendInput', { eventId: tracked.event.id, value: 2 });
  const other = await done('trackBalance', 'BalancesTrackInput', USE, ON.event);
  await done('voidEvent', 'EventsVoidInput', { eventId: other.event.id });
  await done('voidEvents', 'EventsVoidMatchingInput', { filter: CUSTOMER, dryRun: false });
  const held = (reservationId: string) => ({ ...CUSTOMER, reservationId });
  for (const id of ['captured', 'released', 'live'])
    await done('reserveBalance', 'BalancesReserveInput', { ...USE, ...held(id) });
  await done('captureReservation', 'ReservationsCaptureInput', held('captured'));
  await done('extendReservation', 'ReservationsExtendInput', held('live'));
  await done('releaseReservation', 'ReservationsReleaseInput', held('released'));
  await done('deleteBalance', 'BalancesDeleteInput', { ...CUSTOMER, id: balance.balance.id });
  await done('updateCustomer', 'CustomersUpdateInput', { ...CUSTOMER, name: 'Ann' });
  await done('updateEntity', 'EntitiesUpdateInput', {
    ...CUSTOMER,
    entityId: 'seat',
    name: 'Seat',
  });
  await done('deleteEntity', 'EntitiesDeleteInput', { ...CUSTOMER, entityId: 'doomed' });
  await done('deleteCustomer', 'CustomersDeleteInput', { customerId: 'doomed' });
  await done('archiveFeature', 'FeaturesArchiveInput', { featureId: 'messages', archived: false });
  await done('deleteFeature', 'FeaturesDeleteInput', { featureId: 'unused' });
  for (const { document } of rowsOf()) {
    const { errors } = await gateway.execute(document);
    expect({ document, errors }).toEqual({ document, errors: [] });
  }
}

const ON = {
  balance: '... on CreateBalancePayload { balance { id } }',
  event: '... on TrackBalancePayload { event { id } }',
};

const doneOn =
  (gateway: TestGateway) =>
  async (verb: string, input: string, value: object, selected = '__typename') => {
    const document = `mutation ($input: ${input}!) { done: ${verb}(input: $input) { __typename ${selected} } }`;
    const { data, errors } = await gateway.execute(document, { input: value });
    expect({ verb, errors, type: data?.done.__typename }).toMatchObject({
      errors: [],
      type: `${verb[0]?.toUpperCase()}${verb.slice(1)}Payload`,
    });
    return data.done;
  };

const rowsOf = () =>
  queryRows(schema, {
    args: {
      customerId: '"ann"',
      entityId: '"seat"',
      featureId: '"messages"',
      reservationId: '"live"',
      input: '{ customerId: "ann", featureId: "messages" }',
      inputs: '[{ customerId: "ann", featureId: "messages" }]',
    },
    nodeIds: {},
  });
