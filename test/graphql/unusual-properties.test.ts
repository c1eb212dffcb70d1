/** Costs that depend on properties with unusual names and values: every verb takes the same one, and it is kept as it was written. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestGateway, type TestGateway } from '../support/gateway/gateway.js';
import { setUp } from '../support/gateway/set-up.js';

let gateway: TestGateway;

beforeAll(async () => {
  gateway = await startTestGateway();
  const creditCosts = [{ featureId: 'tokens', cost: 5 }];
  await setUp(gateway, {
    features: [
      { featureId: 'tokens' },
      { featureId: 'credits', type: 'CREDIT_SYSTEM', creditCosts },
    ],
    customers: [{ customerId: 'acme' }],
    balances: [{ customerId: 'acme', featureId: 'credits', granted: 1_000_000 }],
  });
});
afterAll(() => gateway.close());

async function run(document: string, variables: Record<string, unknown>) {
  const { data, errors } = await gateway.execute(document, variables);
  expect(errors).toEqual([]);
  return data;
}

/** Usage with these properties costs 2, all other usage 5. */
async function setWhere(where: unknown): Promise<unknown> {
  const { updateFeature } = await run(
    `mutation ($where: JSON) { updateFeature(input: { featureId: "credits", creditCosts: [
      { featureId: "tokens", cost: 2, where: $where }, { featureId: "tokens", cost: 5 } ] }) {
        ... on UpdateFeaturePayload { feature { creditCosts { where } } } } }`,
    { where },
  );
  const { feature } = await run('{ feature(featureId: "credits") { creditCosts { where } } }', {});
  expect(updateFeature).toEqual({ feature });
  return feature.creditCosts[0].where;
}

const DEDUCTED = 'deductions { amount }';
let calls = 0;

/** What one unit costs according to each verb. */
async function costs(properties: unknown): Promise<Record<string, number>> {
  calls += 1;
  const usage = 'customerId: "acme", featureId: "tokens", properties: $properties';
  const asked = await run(
    `query ($properties: JSON) {
      check: checkBalance(input: { ${usage} }) { ... on CheckBalancePayload { requiredBalance } }
      explain: explainTrack(input: { ${usage}, value: 1 }) { ... on ExplainTrackPayload { steps { cost } } } }`,
    { properties },
  );
  const done = await run(
    `mutation ($properties: JSON, $id: String!) {
      track: trackBalance(input: { ${usage}, value: 1 }) { ... on TrackBalancePayload { event { id } ${DEDUCTED} } }
      reserve: reserveBalance(input: { ${usage}, value: 1, reservationId: $id }) {
        ... on ReserveBalancePayload { ${DEDUCTED} } }
      beyond: captureReservation(input: { customerId: "acme", reservationId: $id, value: 2 }) {
        ... on CaptureReservationPayload { event { ${DEDUCTED} } } } }`,
    { properties, id: `r${calls}` },
  );
  const later = await run(
    `mutation ($properties: JSON, $id: String!, $eventId: String!) {
      reserveBalance(input: { customerId: "acme", featureId: "tokens", value: 1, reservationId: $id }) { __typename }
      capture: captureReservation(input: { customerId: "acme", reservationId: $id, properties: $properties }) {
        ... on CaptureReservationPayload { event { ${DEDUCTED} } } }
      kept: amendEvent(input: { eventId: $eventId, value: 3 }) { ... on AmendEventPayload { event { id ${DEDUCTED} } } } }`,
    { properties, id: `r${calls}-later`, eventId: done.track.event.id },
  );
  const plain = await run(
    `mutation { trackBalance(input: { customerId: "acme", featureId: "tokens", value: 1 }) {
      ... on TrackBalancePayload { event { id } } } }`,
    {},
  );
  const { amended } = await run(
    `mutation ($properties: JSON, $eventId: String!) {
      amended: amendEvent(input: { eventId: $eventId, properties: $properties }) {
        ... on AmendEventPayload { event { ${DEDUCTED} } } } }`,
    { properties, eventId: plain.trackBalance.event.id },
  );
  return {
    check: asked.check.requiredBalance,
    explain: asked.explain.steps[0].cost,
    track: done.track.deductions[0].amount,
    reserve: done.reserve.deductions[0].amount,
    beyond: done.beyond.event.deductions[0].amount / 2,
    capture: later.capture.event.deductions[0].amount,
    kept: later.kept.event.deductions[0].amount / 3,
    amended: amended.event.deductions[0].amount,
  };
}

const each = (cost: number) =>
  Object.fromEntries(
    ['check', 'explain', 'track', 'reserve', 'beyond', 'capture', 'kept', 'amended'].map((verb) => [
      verb,
      cost,
    ]),
  );

/** As JSON, because in an object that is written in code, `__proto__` is no property. */
type Row = [where: string, fitting: readonly string[], others: readonly string[]];

describe('a cost for a property', () => {
  it.each<Row>([
    ['{"__proto__": "x"}', ['{"__proto__": "x", "a": 1}'], ['{}', '{"a": "x"}']],
    ['{"__proto__": true, "a": 1}', ['{"a": 1, "__proto__": true}'], ['{"a": 1}']],
    ['{"constructor": "x"}', ['{"constructor": "x"}'], ['{"constructor": {}}', '{}']],
    ['{"length": 0}', ['{"length": 0}', '{"length": -0.0}'], ['{}', '{"length": ""}']],
    ['{"$type": "Json", "value": "1"}', ['{"value": "1", "$type": "Json"}'], ['{"value": "1"}']],
    ['{"": ""}', ['{"": ""}'], ['{"": " "}', '{"": null}']],
    [
      '{"größe": "\u00e4"}',
      ['{"größe": "\u00e4"}'],
      ['{"größe": "a\u0308"}', '{"gro\u0308ße": "\u00e4"}'],
    ],
    ['{"模型": "🙂"}', ['{"模型": "\\ud83d\\ude42"}'], ['{"模型": "🙃"}', '{"模型": ["🙂"]}']],
    ['{"a.b": "1"}', ['{"a.b": "1"}'], ['{"a": {"b": "1"}}', '{"a.b": 1}', '{"a.b": true}']],
    ['{"n": 1}', ['{"n": 1.0}', '{"n": 10e-1}'], ['{"n": "1"}', '{"n": true}', '{"n": [1]}']],
    ['{"n": 1e21}', ['{"n": 1000000000000000000000}'], ['{"n": "1e21"}', '{"n": 1e22}']],
    ['{"n": 1.5e-7}', ['{"n": 0.00000015}'], ['{"n": 0}', '{"n": 0.000000150000001}']],
    ['{"n": false}', ['{"n": false}'], ['{"n": 0}', '{"n": null}', '{"n": ""}', '{}']],
    ['{"n": "null"}', ['{"n": "null"}'], ['{"n": null}', '{"n": {"n": "null"}}']],
  ])('%s', async (where, fitting, others) => {
    expect(JSON.stringify(await setWhere(JSON.parse(where)))).toBe(
      JSON.stringify(JSON.parse(where)),
    );
    for (const text of fitting) expect(await costs(JSON.parse(text)), text).toEqual(each(2));
    for (const text of others) expect(await costs(JSON.parse(text)), text).toEqual(each(5));
  });
});
