/** How the costs of a credit system are stored, so that no release reads them wrongly. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestGateway, type TestGateway } from '../support/gateway/gateway.js';
import { setUp } from '../support/gateway/set-up.js';

let gateway: TestGateway;

beforeAll(async () => {
  gateway = await startTestGateway({ lanes: 1 });
  const credits = {
    featureId: 'credits',
    type: 'CREDIT_SYSTEM',
    creditCosts: [{ featureId: 'tokens', cost: 2 }],
  };
  for (const secret of [gateway.secret, gateway.foreignSecret]) {
    const data = {
      features: [{ featureId: 'tokens' }, credits],
      customers: [{ customerId: 'ada' }],
      balances: [{ customerId: 'ada', featureId: 'credits', granted: 1_000 }],
    };
    await setUp(gateway, data, secret);
  }
});
afterAll(() => gateway.close());

async function setCosts(costs: string): Promise<void> {
  const { data, errors } = await gateway.execute(`mutation { updateFeature(input: {
    featureId: "credits", creditCosts: [${costs}] }) { __typename } }`);
  expect({ data, errors }).toEqual({
    data: { updateFeature: { __typename: 'UpdateFeaturePayload' } },
    errors: [],
  });
}

async function rowOf(): Promise<unknown> {
  const [row] = await gateway.sql(
    'SELECT cost::text, prices FROM credit_costs WHERE project_id = $1',
    [gateway.projectId],
  );
  return row;
}

/** What is deducted, or the code of the failure. */
async function track(secret: string, input = ''): Promise<number | string | undefined> {
  const { data, errors } = await gateway.execute(
    `mutation { trackBalance(input: { customerId: "ada", featureId: "tokens", value: 10 ${input} }) {
      ... on TrackBalancePayload { deductions { amount } } } }`,
    {},
    secret,
  );
  const code = errors[0]?.extensions?.['code'];
  return typeof code === 'string' ? code : data?.trackBalance.deductions[0]?.amount;
}

describe('the costs of a feature', () => {
  it.each([
    ['2', '2.0000000000'],
    ['0', '0.0000000000'],
    ['0.0000000001', '0.0000000001'],
    ['1000000000', '1000000000.0000000000'],
  ])(
    'are one that earlier releases read if it is for all usage, and no finer than amounts: %s',
    async (cost, stored) => {
      await setCosts(`{ featureId: "tokens", cost: ${cost} }`);
      expect(await rowOf()).toEqual({ cost: stored, prices: null });
    },
  );

  it.each([
    [
      'finer than amounts',
      '{ featureId: "tokens", cost: 0.123456789012345678 }',
      [['0.123456789012345678', null]],
    ],
    [
      'several',
      '{ featureId: "tokens", cost: 2.50, where: { b: 1.0, a: "x" } }, { featureId: "tokens", cost: 1 }',
      [
        [
          '2.5',
          [
            ['b', 1],
            ['a', 'x'],
          ],
        ],
        ['1', null],
      ],
    ],
    [
      'one for some usage',
      '{ featureId: "tokens", cost: 2, where: { a: true } }',
      [['2', [['a', true]]]],
    ],
  ])('are none that an earlier release could read if they are %s', async (_, costs, stored) => {
    await setCosts(costs);
    expect(await rowOf()).toEqual({ cost: null, prices: { v: 1, costs: stored } });
  });

  it('are one or the other', async () => {
    await setCosts('{ featureId: "tokens", cost: 2 }');
    for (const change of ["prices = '{}'", 'cost = NULL', "cost = NULL, prices = '[]'"]) {
      const update = `UPDATE credit_costs SET ${change} WHERE project_id = $1`;
      await expect(gateway.sql(update, [gateway.projectId]), change).rejects.toThrow(
        'credit_costs_prices_check',
      );
    }
  });

  it('of a newer release are refused, and other projects are not affected', async () => {
    await setCosts('{ featureId: "tokens", cost: 3, where: { a: true } }');
    await gateway.sql(`UPDATE credit_costs SET prices = '{"v": 2}' WHERE project_id = $1`, [
      gateway.projectId,
    ]);
    await gateway.sql('UPDATE projects SET catalog_version = catalog_version + 1');
    const { secret, foreignSecret } = gateway;
    const answers = await Promise.all([secret, foreignSecret, secret].map((one) => track(one)));
    expect(answers).toEqual(['RESULT_UNREADABLE', 20, 'RESULT_UNREADABLE']);
    // It would be a cost for all usage.
    await gateway.sql(
      `UPDATE credit_costs SET prices = '{"v": 1, "costs": [["4", []]]}'
      WHERE project_id = $1`,
      [gateway.projectId],
    );
    expect(await track(secret)).toBe('RESULT_UNREADABLE');
    await gateway.sql(
      `UPDATE credit_costs SET prices = '{"v": 1, "costs": [["4", null]]}' WHERE project_id = $1`,
      [gateway.projectId],
    );
    expect(await track(secret)).toBe(40);
  });
});

it('a reservation keeps its exact cost, whatever becomes of the catalogue', async () => {
  await setCosts('{ featureId: "tokens", cost: 0.300000000000000001 }');
  const { data } = await gateway.execute(`mutation {
    a: reserveBalance(input: { customerId: "ada", featureId: "tokens", value: 1000000000, reservationId: "r",
      overageBehavior: OVERFLOW }) { ... on ReserveBalancePayload { reservation { held } } } }`);
  expect(data).toEqual({ a: { reservation: { held: 1_000_000_000 } } });
  const [{ charges } = {}] = await gateway.sql("SELECT charges FROM reservations WHERE id = 'r'");
  expect(JSON.stringify(charges)).toContain('"299999040.000000001","0.300000000000000001"');
  await setCosts('{ featureId: "tokens", cost: 7 }');
  const { data: settled } = await gateway.execute(`mutation {
    a: captureReservation(input: { customerId: "ada", reservationId: "r", value: 500000000 }) {
      ... on CaptureReservationPayload { event { deductions { amount } } } } }`);
  expect(settled).toEqual({
    a: { event: { deductions: [{ amount: 150_000_000 }] } },
  });
});
