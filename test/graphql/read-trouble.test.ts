/** How a read that waits for the database ends, and that other requests are not affected. */
import { afterEach, expect, it } from 'vitest';
import {
  HOLD_EVENTS,
  type OtherSessions,
  openOtherSessions,
} from '../support/database/other-sessions.js';
import {
  startTestGateway,
  type TestGateway,
  type TestGatewayOptions,
} from '../support/gateway/gateway.js';
import { setUp } from '../support/gateway/set-up.js';

let gateway: TestGateway;
let otherSessions: OtherSessions;

async function start(options: TestGatewayOptions): Promise<void> {
  gateway = await startTestGateway(options);
  otherSessions = openOtherSessions(gateway.database.url);
  const customers = [{ customerId: 'acme' }];
  await setUp(gateway, { features: [], customers, balances: [] });
  await setUp(gateway, { features: [], customers, balances: [] }, gateway.foreignSecret);
}

afterEach(async () => {
  await otherSessions.close();
  await gateway.close();
});

const EVENTS = '{ events { edges { cursor } } }';
const customer = (id: string) => `{ customer(customerId: "${id}") { customerId } }`;
const FOUND = { data: { customer: { customerId: 'acme' } } };

/** Sends it with the media type for which errors change the status. */
async function send(query: string, secret = gateway.secret) {
  const response = await gateway.send({
    body: { query },
    headers: {
      authorization: `Bearer ${secret}`,
      accept: 'application/graphql-response+json',
    },
  });
  return {
    status: response.status,
    retryAfter: response.headers.get('retry-after'),
    ...(await response.json()),
  };
}

const endedAs = (status: number, code: string, message: RegExp) => ({
  status,
  errors: [{ message: expect.stringMatching(message), extensions: { code } }],
});

const WRITE = 'mutation { updateCustomer(input: { customerId: "acme" }) { __typename } }';
const WRITTEN = { status: 200, data: { updateCustomer: { __typename: 'UpdateCustomerPayload' } } };

/** Another read and a write of the project, and a read of another project. */
async function othersAreServed(): Promise<void> {
  expect(await send(customer('acme'))).toMatchObject(FOUND);
  expect(await send(customer('acme'), gateway.foreignSecret)).toMatchObject(FOUND);
  expect(await send(WRITE)).toMatchObject(WRITTEN);
}

it.each([
  {
    what: 'takes longer than a statement may gets READ_TIMEOUT',
    limits: { statementTimeoutMs: 500, acquireTimeoutMs: 20_000 },
    trouble: () => otherSessions.slowDown('reads'),
    end: endedAs(504, 'READ_TIMEOUT', /^Reading this takes longer than a statement may run/),
  },
  {
    what: 'waits too long for a lock gets CUSTOMER_LOCKED',
    limits: { statementTimeoutMs: 20_000, acquireTimeoutMs: 500 },
    trouble: () => otherSessions.hold(HOLD_EVENTS),
    end: endedAs(503, 'CUSTOMER_LOCKED', /locked the customer, or a whole table, in the database/),
  },
])('a read that $what, and others are served meanwhile and afterwards', async (row) => {
  const { limits, trouble, end } = row;
  await start({ limits });
  const release = await trouble();
  const [slow] = await Promise.all([send(EVENTS), othersAreServed()]);
  expect(slow).toMatchObject(end);
  await othersAreServed();
  await release();
  expect(await send(EVENTS)).toMatchObject({ status: 200, data: { events: { edges: [] } } });
});

const OVERLOADED = endedAs(503, 'READS_OVERLOADED', /^The project has more reads waiting/);

it('a read of a project with too many reads waiting gets READS_OVERLOADED, and others are served', async () => {
  const waitingPerProjectMax = 3;
  await start({ readQueue: { inFlightPerProjectMax: 1, waitingPerProjectMax } });
  const release = await otherSessions.hold(HOLD_EVENTS);
  const first = send(EVENTS);
  await otherSessions.untilOneWaits();
  const many = Array.from({ length: waitingPerProjectMax + 5 }, (_, n) => send(customer(`c${n}`)));
  // The refused ones are answered while the others wait.
  const [refused] = await Promise.all([Promise.any(many), othersOf()]);
  expect(refused).toMatchObject({ ...OVERLOADED, retryAfter: '1' });
  await release();
  expect(await first).toMatchObject({ status: 200 });
  const statuses = (await Promise.all(many)).map(({ status }) => status);
  expect(statuses.filter((status) => status === 200)).toHaveLength(waitingPerProjectMax);
  expect(statuses.filter((status) => status === 503)).toHaveLength(5);
  await othersAreServed();
});

/** A write of the project, and a read of another project. */
async function othersOf(): Promise<void> {
  expect(await send(WRITE)).toMatchObject(WRITTEN);
  expect(await send(customer('acme'), gateway.foreignSecret)).toMatchObject(FOUND);
}

it('a read whose statement does not start in time gets READS_OVERLOADED, and others are served', async () => {
  await start({ readQueue: { inFlightPerProjectMax: 1, waitMaxMs: 500 } });
  const release = await otherSessions.hold(HOLD_EVENTS);
  const first = send(EVENTS);
  await otherSessions.untilOneWaits();
  const [late] = await Promise.all([send(customer('acme')), othersOf()]);
  expect(late).toMatchObject(OVERLOADED);
  await release();
  expect(await first).toMatchObject({ status: 200 });
  await othersAreServed();
});
