/**
 * R17: a field that is omitted, null or given its default counts as the same input. The fields are read
 * from the schema, so that new ones are tested too.
 */
import { type GraphQLInputField, isInputObjectType, isNonNullType } from 'graphql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { schema } from '../../src/schema/index.js';
import { startTestGateway, type TestGateway } from '../support/gateway/gateway.js';
import { setUp } from '../support/gateway/set-up.js';

let gateway: TestGateway;

beforeAll(async () => {
  gateway = await startTestGateway();
  await setUp(gateway, {
    features: [
      { featureId: 'messages' },
      { featureId: 'seats', type: 'CONTINUOUS' },
      { featureId: 'flag', type: 'BOOLEAN' },
    ],
    customers: [{ customerId: 'acme' }],
    balances: [],
  });
});
afterAll(() => gateway.close());

type Input = Readonly<Record<string, unknown>>;

interface Base {
  readonly mutation: 'trackBalance' | 'createBalance';
  readonly type: 'BalancesTrackInput' | 'BalancesCreateInput';
  readonly title: string;
  readonly input: Input;
  /** The defaults of fields for which the schema has none. */
  readonly defaults: Input;
}

const START = '2026-01-31T10:00:00Z';
const monthly = { granted: 10, resetInterval: 'MONTH' };

const track = (title: string, input: Input): Base => ({
  mutation: 'trackBalance',
  type: 'BalancesTrackInput',
  title,
  input,
  defaults: {},
});
const grant = (title: string, input: Input, defaults: Input): Base => ({
  mutation: 'createBalance',
  type: 'BalancesCreateInput',
  title,
  input,
  defaults,
});

const BASES: readonly Base[] = [
  track('usage', { featureId: 'messages' }),
  track('usage under REJECT', { featureId: 'messages', value: 2, overageBehavior: 'REJECT' }),
  grant('a grant', { featureId: 'messages', granted: 10 }, { overageAllowed: false }),
  grant(
    'a grant that resets',
    { featureId: 'messages', ...monthly },
    { overageAllowed: false, resetTimeZone: 'UTC' },
  ),
  grant(
    'a grant that has started',
    { featureId: 'seats', ...monthly, startsAt: START, rollover: { max: 5, interval: 'MONTH' } },
    { overageAllowed: true, resetTimeZone: 'utc', resetAnchor: START },
  ),
  grant('seats', { featureId: 'seats', granted: 3 }, { overageAllowed: true }),
  grant('seats without limit', { featureId: 'seats', unlimited: true }, { overageAllowed: false }),
  grant('a switch', { featureId: 'flag' }, { overageAllowed: false }),
];

function optionalFields(typeName: string): GraphQLInputField[] {
  const type = schema.getType(typeName);
  if (!isInputObjectType(type)) throw new Error(`${typeName} is not an input type`);
  return Object.values(type.getFields()).filter((field) => !isNonNullType(field.type));
}

const OMITTED = Symbol('omitted');

/** Every way to leave a field at its default. */
function valuesOf(field: GraphQLInputField, defaults: Input): unknown[] {
  const value = field.defaultValue ?? defaults[field.name];
  return value === undefined ? [OMITTED, null] : [OMITTED, null, value];
}

function withField(input: Input, name: string, value: unknown): Input {
  return value === OMITTED ? input : { ...input, [name]: value };
}

let keys = 0;

/** Sends each of the inputs first, then all of them under the same key. */
async function expectSame({ mutation, type }: Base, inputs: readonly Input[]): Promise<void> {
  const payload =
    mutation === 'trackBalance'
      ? '... on TrackBalancePayload { replayed } ... on InsufficientBalanceError { replayed }'
      : '... on CreateBalancePayload { replayed }';
  const document = `mutation ($input: ${type}!) {
    answer: ${mutation}(input: $input) { ${payload} ... on Error { message } }
  }`;
  for (const first of inputs) {
    keys += 1;
    const common = { customerId: 'acme', idempotencyKey: `key ${keys}` };
    for (const [calls, input] of [first, ...inputs].entries()) {
      const { data, errors } = await gateway.execute(document, { input: { ...input, ...common } });
      expect({ first, input, data, errors }).toMatchObject({
        data: { answer: { replayed: calls > 0 } },
        errors: [],
      });
    }
  }
}

describe.each(BASES)('$title', (base) => {
  const { input, type, defaults } = base;
  const fields = optionalFields(type).filter(
    ({ name }) => !(name in input) && name !== 'idempotencyKey',
  );

  it.each(fields)('is the same without $name, with null and with its default', async (field) => {
    const values = valuesOf(field, defaults);
    await expectSame(
      base,
      values.map((value) => withField(input, field.name, value)),
    );
  });

  it('is the same with all of them at once', async () => {
    const all = (valueFor: (field: GraphQLInputField) => unknown) =>
      fields.reduce((whole, field) => withField(whole, field.name, valueFor(field)), input);
    await expectSame(base, [
      input,
      all(() => null),
      all((field) => valuesOf(field, defaults)[2] ?? OMITTED),
    ]);
  });
});

describe('a rollover', () => {
  const [, , , , base] = BASES;
  if (base === undefined) throw new Error('no grant with a rollover');
  const rollover = { maxPercent: 50, interval: 'MONTH' };

  it.each(optionalFields('BalanceRolloverInput').filter(({ name }) => !(name in rollover)))(
    'is the same without $name, with null and with its default',
    async (field) => {
      const inputs = valuesOf(field, {}).map((value) => ({
        ...base.input,
        rollover: withField(rollover, field.name, value),
      }));
      await expectSame(base, inputs);
    },
  );
});

describe('a feature', () => {
  const CREATE = `mutation ($input: FeaturesCreateInput!) { answer: createFeature(input: $input) {
    ... on CreateFeaturePayload { created } ... on Error { message } } }`;
  const create = async (input: Input) => (await gateway.execute(CREATE, { input })).data.answer;

  it.each(optionalFields('FeaturesCreateInput'))(
    'is the same without $name, with null and with its default',
    async (field) => {
      const input = { featureId: field.name, name: 'A feature', type: 'CONSUMABLE' };
      expect(await create(input)).toEqual({ created: true });
      for (const value of valuesOf(field, {})) {
        expect(await create(withField(input, field.name, value))).toEqual({ created: false });
      }
    },
  );

  it('is the same with its event names in another order', async () => {
    const input = { featureId: 'named', name: 'Named', type: 'CONSUMABLE' };
    expect(await create({ ...input, eventNames: ['b', 'a', 'C'] })).toEqual({ created: true });
    expect(await create({ ...input, eventNames: ['C', 'b', 'a'] })).toEqual({ created: false });
    expect(await create({ ...input, eventNames: ['C', 'b'] })).toMatchObject({
      message: expect.stringContaining('Another feature has the id "named"'),
    });
  });
});
