/** Every field of every input, and every argument of a query, has a rule: a value that no column can hold is refused with its path. */
import {
  type GraphQLInputObjectType,
  type GraphQLInputType,
  GraphQLObjectType,
  type GraphQLOutputType,
  getNamedType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isUnionType,
} from 'graphql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { schema } from '../../src/schema/index.js';
import { managerOf } from '../support/access/manage.js';
import { NO_EVENT } from '../support/client/no-event.js';
import { startTestGateway, type TestGateway } from '../support/gateway/gateway.js';
import { setUp } from '../support/gateway/set-up.js';

let gateway: TestGateway;
let admin: string;

beforeAll(async () => {
  gateway = await startTestGateway();
  admin = (await managerOf(gateway).adminKey()).secret;
  await setUp(gateway, {
    features: [{ featureId: 'messages' }],
    customers: [{ customerId: 'acme', entities: ['seat'] }],
    balances: [],
  });
});
afterAll(() => gateway.close());

/** Some fields are there for an admin key only. */
function keyFor(field: string): string {
  return ['createProject', 'projects'].includes(field) ? admin : gateway.secret;
}

const acme = { customerId: 'acme' };
const reserved = { ...acme, reservationId: 'none' };
const monthly = { granted: 1, resetInterval: 'MONTH' };

/** Valid inputs, in which one field at a time is replaced by a bad value. */
const GOOD: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  BalancesTrackInput: { ...acme, featureId: 'messages' },
  BalancesReserveInput: { ...acme, featureId: 'messages' },
  ReservationsCaptureInput: reserved,
  ReservationsExtendInput: { ...reserved, expiresInSeconds: 60 },
  ReservationsReleaseInput: reserved,
  BalancesCheckInput: { ...acme, featureId: 'messages' },
  BalancesCreateInput: { ...acme, featureId: 'messages', ...monthly },
  BalancesUpdateInput: { ...acme, id: 'none', resetInterval: 'MONTH' },
  BalancesDeleteInput: { ...acme, id: 'none' },
  BalanceRolloverInput: {},
  CreditCostInput: { featureId: 'messages', cost: 1 },
  CustomersCreateInput: acme,
  CustomersUpdateInput: acme,
  CustomersDeleteInput: acme,
  EntitiesCreateInput: { ...acme, entityId: 'new' },
  EntitiesUpdateInput: { ...acme, entityId: 'seat' },
  EntitiesDeleteInput: { ...acme, entityId: 'nobody' },
  EventsAmendInput: { eventId: NO_EVENT },
  EventsVoidInput: { eventId: NO_EVENT },
  EventsVoidMatchingInput: { filter: acme, dryRun: true },
  EventsFilterInput: acme,
  FeaturesCreateInput: { featureId: 'new', name: 'New', type: 'CREDIT_SYSTEM' },
  FeaturesUpdateInput: { featureId: 'messages' },
  FeaturesArchiveInput: { featureId: 'messages' },
  FeaturesDeleteInput: { featureId: 'messages' },
  ProjectsCreateInput: { name: 'new' },
  ApiKeysCreateInput: { name: 'new', scopes: ['TRACK_WRITE'] },
  ApiKeysRotateInput: { apiKeyId: 'none' },
  ApiKeysRevokeInput: { apiKeyId: 'none' },
  TokenSecretsRotateInput: { overlapMinutes: 0 },
};

/** Any number is a valid priority. */
const WITHOUT_RULE = ['BalancesCreateInput.priority', 'BalancesUpdateInput.priority'];

/** Where 0 is as good as any other whole number. */
const WITH_ZERO = ['ApiKeysRotateInput.overlapMinutes', 'TokenSecretsRotateInput.overlapMinutes'];

const NUL = 'a\u0000';

/** Values of the type that every rule refuses; none for enums and booleans. */
function badOf(type: GraphQLInputType): readonly unknown[] {
  const named = getNamedType(type);
  if (isEnumType(named)) return [];
  switch (named.name) {
    case 'Boolean':
      return [];
    case 'Int':
      return [0, -1, 2_147_483_647];
    case 'Float':
      return [1e300, 1 / 3e5];
    case 'DateTime':
      return ['yesterday', '2026-02-30T00:00:00Z', '3000-01-01T00:00:00Z'];
    case 'JSON':
      return [[], { [NUL]: 1 }, { a: 'x'.repeat(70_000) }];
    default:
      return [NUL, '', '\ud800', 'x'.repeat(1_000)];
  }
}

interface Bad {
  /** As in an issue, or the start of it if the value has paths of its own. */
  readonly path: string;
  readonly input: object;
}

/** Inputs of the type, each with one bad value somewhere. */
function badInputs(type: GraphQLInputObjectType): Bad[] {
  const good = GOOD[type.name];
  if (good === undefined) throw new Error(`What is a good ${type.name}?`);
  return Object.values(type.getFields()).flatMap(({ name, type: fieldType }) => {
    if (WITHOUT_RULE.includes(`${type.name}.${name}`)) return [];
    // Exactly one of the two must be given.
    const others = name === 'eventName' ? { ...good, featureId: null } : good;
    const isList = isListType(isNonNullType(fieldType) ? fieldType.ofType : fieldType);
    const named = getNamedType(fieldType);
    const bad = badOf(fieldType).filter(
      (value) => value !== 0 || !WITH_ZERO.includes(`${type.name}.${name}`),
    );
    const values = isInputObjectType(named)
      ? badInputs(named)
      : bad.map((value) => ({ path: '', input: value }));
    return values.map(({ path, input }) => ({
      path: [name, ...(isList ? ['0'] : []), ...(path === '' ? [] : [path])].join('.'),
      input: { ...others, [name]: isList ? [input] : input },
    }));
  });
}

/** Fields with a result that may be a refusal. */
const isRefusing = ({ type }: { readonly type: GraphQLOutputType }) =>
  isUnionType(getNamedType(type));

const calls = [
  ...Object.values(schema.getMutationType()?.getFields() ?? {}).map((field) => ({
    ...field,
    kind: 'mutation',
  })),
  ...Object.values(schema.getQueryType()?.getFields() ?? {})
    .filter(isRefusing)
    .map((field) => ({ ...field, kind: 'query' })),
];

const mutations = calls.flatMap(({ name, kind, args: [argument] }) => {
  if (argument === undefined) throw new Error(`${name} takes no input`);
  const type = getNamedType(argument.type);
  if (!isInputObjectType(type)) throw new Error(`${name} takes no input object`);
  return [{ name, kind, argument, type, isBatch: argument.name === 'inputs' }];
});

describe.each(mutations)('$name refuses', ({ name, kind, argument, type, isBatch }) => {
  const document = `${kind} ($input: ${argument.type}) { answer: ${name}(${argument.name}: $input) {
    __typename ... on InvalidInputError { issues { path value } } } }`;

  it('a bad value in any field, with its path', async () => {
    const rows = badInputs(type);
    expect(rows.length).toBeGreaterThan(3);
    for (const { path, input } of rows) {
      const variables = { input: isBatch ? [input] : input };
      const { data, errors } = await gateway.execute(document, variables, keyFor(name));
      const [answer] = [data?.answer].flat();
      const found = { path, errors, type: answer?.__typename };
      expect(found).toEqual({ path, errors: [], type: 'InvalidInputError' });
      const isThere = ({ path: at }: { path: string }) => at === path || at.startsWith(`${path}.`);
      expect(answer.issues.filter(isThere), path).not.toEqual([]);
      const shown = answer.issues.map(({ value }: { value: string }) => value);
      // Otherwise the caller would not know which of a thousand is meant.
      expect(shown, path).not.toContain('{…}');
    }
  });
});

/** The types with arguments, and a query that reaches each. */
const PLACES: Readonly<Record<string, (field: string) => string>> = {
  Query: (field) => `{ ${field} }`,
  Project: (field) => `{ project { ${field} } }`,
  Customer: (field) => `{ customer(customerId: "acme") { ${field} } }`,
  CustomerEntity: (field) =>
    `{ customer(customerId: "acme") { entity(entityId: "seat") { ${field} } } }`,
};

const queries = Object.entries(PLACES).flatMap(([place, within]) => {
  const type = schema.getType(place);
  if (!(type instanceof GraphQLObjectType)) throw new Error(`${place} is not an object type`);
  return Object.values(type.getFields())
    .filter((field) => place !== 'Query' || !isRefusing(field))
    .flatMap((field) =>
      field.args.map((argument) => ({
        at: `${place}.${field.name}(${argument.name}:)`,
        name: field.name,
        isRefusing: isRefusing(field),
        argument,
        within,
        others: field.args.filter((other) => other !== argument && isNonNullType(other.type)),
      })),
    );
});

const ISSUES = '... on InvalidInputError { issues { path } }';

it.each(queries)('$at refuses a bad value', async (field) => {
  const { name, argument, within, others } = field;
  const given = others.map((other) => `${other.name}: "acme"`);
  // A page size of 0 is valid.
  const bad = badOf(argument.type).filter((value) => value !== 0);
  for (const value of bad) {
    const document = `query ($value: ${argument.type}) ${within(
      `${name}(${[...given, `${argument.name}: $value`].join(', ')}) { __typename ${field.isRefusing ? ISSUES : ''} }`,
    )}`;
    if (field.isRefusing) {
      const { data } = await gateway.execute(document, { value });
      expect(JSON.stringify(data)).toContain(`"path":"${argument.name}`);
      continue;
    }
    const { status, errors } = await gateway.execute(document, { value }, keyFor(name));
    const codes = errors.map(({ extensions }) => extensions['code']);
    expect({ status, codes, value }).toEqual({ status: 200, codes: ['BAD_USER_INPUT'], value });
    expect(JSON.stringify(errors)).toContain(`"path":"${argument.name}"`);
  }
});
