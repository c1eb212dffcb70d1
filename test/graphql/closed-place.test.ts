/** While one of several places is closed, only its own customers wait, or are refused. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { placeOf } from '../../src/domain/place.js';
import { customerScope } from '../../src/meter/customer-key.js';
import { PLACES } from '../support/database/places.js';
import { startTestGateway, type TestGateway } from '../support/gateway/gateway.js';
import { setUp } from '../support/gateway/set-up.js';

const COUNT = Math.max(4, PLACES);

let gateway: TestGateway;
/** One in each place, in their order. */
let customers: readonly string[];

beforeAll(async () => {
  gateway = await startTestGateway({ places: COUNT });
  const { projectId } = gateway;
  const ids = Array.from({ length: 200 }, (_, n) => `c${n}`);
  customers = Array.from(
    { length: COUNT },
    (_, place) =>
      ids.find((id) => placeOf(customerScope(projectId, id).customerKey, COUNT) === place) ?? '',
  );
  await setUp(gateway, {
    features: [{ featureId: 'messages' }],
    customers: customers.map((customerId) => ({ customerId })),
    balances: customers.map((customerId) => ({ customerId, featureId: 'messages', granted: 100 })),
  });
});

afterAll(() => gateway.close());

/** The codes of the errors when usage of the customer in a place is tracked. */
async function track(place: number): Promise<unknown[]> {
  const { errors } = await gateway.execute(
    'mutation ($input: BalancesTrackInput!) { trackBalance(input: $input) { __typename } }',
    { input: { customerId: customers[place], featureId: 'messages' } },
  );
  return errors.map(({ extensions }) => extensions['code']);
}

it('customers of the other places go on, and are not refused for having waited together with them', async () => {
  const { fence } = gateway.store;
  await fence.close('place_1');
  expect(await Promise.all(customers.map((_, place) => track(place)))).toEqual(
    customers.map((_, place) => (place === 1 ? ['DATABASE_UNAVAILABLE'] : [])),
  );
  // Those of the first one, whose time is over, do not keep calls from waiting for another place that is closed for a moment.
  let isOver = false;
  const calling = (async () => {
    while (!isOver) expect(await track(1)).toEqual(['DATABASE_UNAVAILABLE']);
  })();
  await fence.close('place_2');
  const answer = track(2);
  await track(0);
  await fence.open('place_2');
  expect(await answer).toEqual([]);
  isOver = true;
  await calling;
  await fence.open('place_1');
  expect(await track(1)).toEqual([]);
  const rows = await gateway.sql(
    'SELECT count(*)::int FROM place_1.events UNION ALL SELECT count(*)::int FROM place_2.events',
  );
  expect(rows).toEqual([{ count: 1 }, { count: 2 }]);
});
