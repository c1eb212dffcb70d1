/** Costs that depend on properties, over HTTP: how they are written and read, what is refused, and what tells them. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestGateway, type TestGateway } from '../support/gateway/gateway.js';
import { setUp } from '../support/gateway/set-up.js';

let gateway: TestGateway;

beforeAll(async () => {
  gateway = await startTestGateway();
  await setUp(gateway, {
    features: [
      { featureId: 'tokens' },
      { featureId: 'images' },
      {
        featureId: 'credits',
        type: 'CREDIT_SYSTEM',
        creditCosts: [
          { featureId: 'tokens', cost: 0.0025, where: { model: 'large' } },
          { featureId: 'tokens', cost: 0.000002, where: { model: 'mini', cached: true } },
          { featureId: 'tokens', cost: 0.01 },
          { featureId: 'images', cost: 3, where: { size: 1024 } },
        ],
      },
    ],
    customers: [{ customerId: 'acme', entities: ['seat'] }],
    balances: [{ customerId: 'acme', featureId: 'credits', granted: 10 }],
  });
});
afterAll(() => gateway.close());

async function run(document: string, variables: Record<string, unknown> = {}) {
  const { data, errors } = await gateway.execute(document, variables);
  expect(errors).toEqual([]);
  return data;
}

const COSTS = 'creditCosts { feature { featureId } cost where }';

async function create(featureId: string, costs: string) {
  const document = `mutation { createFeature(input: { featureId: "${featureId}", name: "${featureId}",
    type: CREDIT_SYSTEM, creditCosts: [${costs}] }) {
      __typename
      ... on CreateFeaturePayload { created feature { ${COSTS} } }
      ... on Error { code }
      ... on InvalidInputError { issues { path rule message } } } }`;
  return (await run(document)).createFeature;
}

const tokens = (cost: string, where?: string) =>
  `{ featureId: "tokens", cost: ${cost}${where === undefined ? '' : `, where: ${where}`} }`;

describe('the costs of a credit system', () => {
  it('are read as they were written: by feature, and in order for each', async () => {
    const images = '{ featureId: "images", cost: 4 }';
    const costs = [
      tokens('2.5e-6', '{ model: "a", n: 1 }'),
      images,
      tokens('1e-18', '{ on: false }'),
      tokens('3'),
    ];
    const { created, feature } = await create('all', costs.join());
    expect(created).toBe(true);
    const expected = [
      { feature: { featureId: 'images' }, cost: 4, where: null },
      { feature: { featureId: 'tokens' }, cost: 0.0000025, where: { model: 'a', n: 1 } },
      { feature: { featureId: 'tokens' }, cost: 1e-18, where: { on: false } },
      { feature: { featureId: 'tokens' }, cost: 3, where: null },
    ];
    expect(feature.creditCosts).toEqual(expected);
    const read = await run(`{ feature(featureId: "all") { ${COSTS} } }`);
    expect(read.feature.creditCosts).toEqual(expected);
  });

  it('are the same definition if only what means nothing differs', async () => {
    const first = tokens('1', '{ a: 1, b: "x" }');
    const [second, third] = [tokens('2', '{ a: 2 }'), '{ featureId: "images", cost: 4 }'];
    await create('same', [first, second, third].join());
    const again = tokens('1.0', '{ b: "x", a: 1.0 }');
    expect(await create('same', [third, again, second].join())).toMatchObject({ created: false });
    for (const other of [
      [second, first, third],
      [tokens('1', '{ a: "1", b: "x" }'), second, third],
      [tokens('1'), third],
    ]) {
      expect(await create('same', other.join())).toMatchObject({ code: 'ALREADY_EXISTS' });
    }
  });

  it.each<[string, string, string]>([
    ['no properties', tokens('1', '{}'), 'creditCosts.0.where items'],
    ['5 properties', tokens('1', '{ a: 1, b: 1, c: 1, d: 1, e: 1 }'), 'creditCosts.0.where items'],
    ['a list', tokens('1', '[1]'), 'creditCosts.0.where object'],
    ['a text', tokens('1', '"a"'), 'creditCosts.0.where object'],
    ['null in it', tokens('1', '{ a: null }'), 'creditCosts.0.where.a comparable'],
    ['an object in it', tokens('1', '{ a: 1, b: { c: 1 } }'), 'creditCosts.0.where.b comparable'],
    ['a list in it', tokens('1', '{ a: [1] }'), 'creditCosts.0.where.a comparable'],
    [
      'a number that no double is',
      tokens('1', '{ a: 9007199254740993 }'),
      'creditCosts.0.where.a exact',
    ],
    ['a long text', tokens('1', `{ a: "${'x'.repeat(249)}" }`), 'creditCosts.0.where bytes'],
    ['19 decimals', tokens('0.1234567890123456789'), 'creditCosts.0.cost decimals'],
    [
      'more than the maximum',
      tokens('1000000000.000000000000000001'),
      'creditCosts.0.cost maximum',
    ],
    ['less than nothing', tokens('-0.000000000000000001'), 'creditCosts.0.cost minimum'],
    ['one twice', [tokens('1'), tokens('2')].join(), 'creditCosts.1 unique'],
    [
      'the same properties twice',
      [tokens('1', '{ a: 1, b: 2 }'), tokens('2', '{ b: 2.0, a: 1 }')].join(),
      'creditCosts.1 unique',
    ],
    [
      'one after that for all usage',
      [tokens('1', '{ a: 1 }'), tokens('1'), tokens('2', '{ a: 2 }')].join(),
      'creditCosts.2 unreachable',
    ],
    [
      'more properties after fewer',
      [tokens('1', '{ a: 1 }'), tokens('2', '{ a: 1, b: 2 }')].join(),
      'creditCosts.1 unreachable',
    ],
  ])('are refused with %s', async (_, costs, expected) => {
    const { issues = [] } = await create('refused', costs);
    expect(issues.map(({ path, rule }: Record<string, string>) => `${path} ${rule}`)).toEqual([
      expected,
    ]);
  });

  it('are as many as before, each of which may be of the same feature', async () => {
    expect(await create('long', tokens('1', `{ a: "${'x'.repeat(248)}" }`))).toMatchObject({
      created: true,
    });
    const many = (count: number) =>
      Array.from({ length: count }, (_, n) => tokens(String(n), `{ n: ${n} }`)).join();
    expect(await create('most', many(100))).toMatchObject({ created: true });
    expect(await create('more', many(101))).toMatchObject({
      issues: [{ path: 'creditCosts', rule: 'items' }],
    });
  });
});

const LARGE = { model: 'large' };

describe('a check', () => {
  it.each([
    [LARGE, 2.5],
    [{ model: 'mini', cached: true }, 0.002],
    [{ model: 'mini' }, 10],
    [null, 10],
  ])('with the properties %j requires what they cost', async (properties, requiredBalance) => {
    const answer = '... on CheckBalancePayload { allowed requiredBalance balance { remaining } }';
    const fields = 'featureId: "tokens", requiredBalance: 1000, properties: $properties';
    const data = await run(
      `query ($properties: JSON) {
        one: checkBalance(input: { customerId: "acme", ${fields} }) { ${answer} }
        many: checkBalances(inputs: [{ customerId: "acme", ${fields} }]) { ${answer} }
        customer(customerId: "acme") {
          check(${fields}) { ${answer} }
          entities(first: 1) { edges { node { check(${fields}) { ${answer} } } } }
        }
      }`,
      { properties },
    );
    const expected = { allowed: true, requiredBalance, balance: { remaining: 10 } };
    const { one, many, customer } = data;
    const [entity] = customer.entities.edges;
    expect([one, ...many, customer.check, entity.node.check]).toEqual([
      expected,
      expected,
      expected,
      expected,
    ]);
  });

  it('says how much more would be allowed at that cost', async () => {
    const data = await run(
      `query ($properties: JSON) { checkBalance(input: { customerId: "acme", featureId: "tokens",
        requiredBalance: 5000, properties: $properties }) {
          ... on CheckBalancePayload { allowed reason largestAllowed missing { amount } } } }`,
      { properties: LARGE },
    );
    expect(data.checkBalance).toEqual({
      allowed: false,
      reason: 'INSUFFICIENT_BALANCE',
      largestAllowed: 4_000.000_000_019_9,
      missing: [{ amount: 2.5 }],
    });
  });

  it('of usage that no cost is for is not allowed', async () => {
    const data =
      await run(`{ checkBalance(input: { customerId: "acme", featureId: "images", properties: { size: 512 } }) {
      ... on CheckBalancePayload { allowed reason balance { remaining } } } }`);
    expect(data.checkBalance).toEqual({ allowed: false, reason: 'NOT_HELD', balance: null });
  });
});

it('an explanation says which cost applies', async () => {
  const explained = async (properties: unknown) => {
    const data = await run(
      `query ($properties: JSON) { explainTrack(input: { customerId: "acme", featureId: "tokens", value: 1000,
        properties: $properties }) { ... on ExplainTrackPayload { steps { cost costWhere takenAsGrant } } } }`,
      { properties },
    );
    return data.explainTrack.steps;
  };
  expect(await explained(LARGE)).toEqual([{ cost: 0.0025, costWhere: LARGE, takenAsGrant: 2.5 }]);
  expect(await explained(null)).toEqual([{ cost: 0.01, costWhere: null, takenAsGrant: 10 }]);
});

it('a capture beyond what was reserved has the cost of the properties, however long they are', async () => {
  const properties = { ...LARGE, prompt: 'x'.repeat(5_000) };
  const data = await run(
    `mutation ($properties: JSON) {
      reserve: reserveBalance(input: { customerId: "acme", featureId: "tokens", value: 100, reservationId: "long",
        properties: $properties }) { ... on ReserveBalancePayload { deductions { amount } } }
      capture: captureReservation(input: { customerId: "acme", reservationId: "long", value: 200 }) {
        ... on CaptureReservationPayload { event { deductions { amount } } } } }`,
    { properties },
  );
  expect(data).toEqual({
    reserve: { deductions: [{ amount: 0.25 }] },
    capture: { event: { deductions: [{ amount: 0.5 }] } },
  });
});
