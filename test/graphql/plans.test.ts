/**
 * How calls find the rows of a customer. A connection keeps its plans while the tables grow, so none of them may rest on there having
 * been few rows: what is looked up by a key is not looked for among everything that the project has.
 */
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { schema } from '../../src/schema/index.js';
import { queryRows } from '../support/access/scope-rows.js';
import { connect } from '../support/database/connections.js';
import { forStates, type Scan, STATES, scansOf } from '../support/database/plans.js';
import { startTestGateway, type TestGateway } from '../support/gateway/gateway.js';
import { setUp } from '../support/gateway/set-up.js';

let gateway: TestGateway;
let client: pg.Client;

const sent = new Set<string>();

/** Those with rows of customers. */
const TABLES =
  /\b(customers|entities|balances|events|event_voids|reservations|ledger_entries|idempotency_keys)\b/;

/** Everything that is sent to PostgreSQL as a prepared statement. */
function watch(): void {
  const { query } = pg.Client.prototype;
  const watched = function (this: pg.Client, statement: unknown, ...others: unknown[]): unknown {
    if (typeof statement === 'object' && statement !== null && 'text' in statement)
      if (TABLES.test(String(statement.text))) sent.add(String(statement.text));
    return Reflect.apply(query, this, [statement, ...others]);
  };
  vi.spyOn(pg.Client.prototype, 'query').mockImplementation(watched as typeof query);
}

beforeAll(async () => {
  watch();
  gateway = await startTestGateway();
  client = await connect(gateway.database.url);
  await call();
  vi.restoreAllMocks();
  await forStates(client);
});

afterAll(async () => {
  await client.end();
  await gateway.close();
});

const CUSTOMER = { customerId: 'ann' };
const USE = { ...CUSTOMER, featureId: 'messages' };

/** Every verb, and every read by the table of scopes. */
async function call(): Promise<void> {
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
  for (const { document } of rowsOf()) await gateway.execute(document);
}

const ON = {
  balance: '... on CreateBalancePayload { balance { id } }',
  event: '... on TrackBalancePayload { event { id } }',
};

async function done(verb: string, input: string, value: object, selected = '__typename') {
  const document = `mutation ($input: ${input}!) { done: ${verb}(input: $input) { __typename ${selected} } }`;
  const { data, errors } = await gateway.execute(document, { input: value });
  expect({ verb, errors, type: data?.done.__typename }).toMatchObject({
    errors: [],
    type: `${verb[0]?.toUpperCase()}${verb.slice(1)}Payload`,
  });
  return data.done;
}

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

/** An index is called `<table>_<columns>_idx`, or `<table>_pkey`. */
const tableOf = (index: string) =>
  index.replace(/^(event_voids|ledger_entries|idempotency_keys|[a-z]+)_.*/, '$1');

/** By the key of a customer, or by a project and something else; test/store/feature-uses-plan.test.ts knows what names a feature. */
const isLookup = ({ index, condition }: Scan) =>
  index === 'reservations_pkey'
    ? // A customer has few that are live, and any number of others.
      /\bid [=<>]|, id\) [<>]/.test(condition)
    : index === 'ledger_entries_pkey'
      ? // A balance has any number of entries.
        /\bcustomer_key = .*\bbalance_id = .*\bseq [=<>]/.test(condition)
      : /\bcustomer_key = |ROW\(customer_key, /.test(condition) ||
        /\bROW\(.*, project_id\) >= .*, project_id\) <= /.test(condition) ||
        /\bproject_id = .* AND /.test(condition);

describe.each(STATES)('with %s', (_name, reach) => {
  beforeAll(async () => {
    await reach(client, gateway.projectId);
  });

  it('every statement looks up what it reads', async () => {
    for (const sql of sent) {
      const scans = (await scansOf(client, sql)).filter(({ index }) => TABLES.test(tableOf(index)));
      expect(
        scans.filter((scan) => !isLookup(scan)),
        sql,
      ).toEqual([]);
    }
    expect(sent.size).toBeGreaterThan(25);
  });
});
