/**
 * The subgraph that Apollo's compatibility suite describes, made by our own module: keys and directives are declared
 * beside the types, and `_service`, `_entities` and the SDL come from src/schema/subgraph.
 */
import {
  DirectiveLocation,
  GraphQLDirective,
  type GraphQLFieldConfig,
  GraphQLFloat,
  GraphQLID,
  GraphQLInt,
  GraphQLList,
  GraphQLNonNull,
  GraphQLObjectType,
  type GraphQLOutputType,
  GraphQLSchema,
  GraphQLString,
} from 'graphql';
import { entity } from '../../../src/schema/subgraph/entity.js';
import { type Subgraph, subgraphOf } from '../../../src/schema/subgraph/subgraph.js';

type Value = Readonly<Record<string, unknown>>;
type Field = GraphQLFieldConfig<Value, unknown>;

/** The suite accepts no later version, and no other imports. */
const LINKS = [
  {
    url: 'https://specs.apollo.dev/federation/v2.3',
    import: [
      '@composeDirective',
      '@external',
      '@inaccessible',
      '@interfaceObject',
      '@key',
      '@override',
      '@provides',
      '@requires',
      '@shareable',
      '@tag',
    ],
  },
  { url: 'https://myspecs.dev/myCustomDirective/v1.0', import: ['@custom'] },
];

const USER = { email: 'support@apollographql.com', name: 'Jane Smith', totalProductsCreated: 1337 };
const DEPRECATED = {
  sku: 'apollo-federation-v1',
  package: '@apollo/federation-v1',
  reason: 'Migrate to Federation V2',
  createdBy: USER,
};
const RESEARCH = [
  { study: { caseNumber: '1234', description: 'Federation Study' }, outcome: null },
  { study: { caseNumber: '1235', description: 'Studio Study' }, outcome: null },
];
const DIMENSIONS = { size: 'small', weight: 1, unit: 'kg' };
const PRODUCTS = [
  ['apollo-federation', 'federation', '@apollo/federation', 'OSS'],
  ['apollo-studio', 'studio', '', 'platform'],
].map(([id, sku, name, variation], index) => ({
  id,
  sku,
  package: name,
  variation: { id: variation },
  dimensions: DIMENSIONS,
  createdBy: USER,
  notes: null,
  research: [RESEARCH[index]],
}));

const directed = (type: GraphQLOutputType, directives: object): Field => ({
  type,
  extensions: { directives },
});
const required = <T extends GraphQLOutputType>(type: T) => new GraphQLNonNull(type);
const listOf = (type: GraphQLOutputType) => required(new GraphQLList(required(type)));

/** A key whose values are the address themselves, found by the same values of each object. */
function keyed<T extends Value>(key: string, all: readonly T[], valuesOf: (one: T) => unknown[]) {
  return {
    key: { fields: key, addressOf: (values: readonly string[]) => JSON.stringify([key, values]) },
    find: (address: string) =>
      all.find((one) => JSON.stringify([key, valuesOf(one)]) === address) ?? null,
  };
}

function entityWith(
  keys: readonly ReturnType<typeof keyed>[],
  directives: Record<string, object> = {},
) {
  const declared = entity({
    keys: keys.map(({ key }) => key),
    load: (address) => keys.map(({ find }) => find(address)).find((one) => one !== null) ?? null,
  });
  return { ...declared, directives: { ...declared.directives, ...directives } };
}

const ProductVariation = new GraphQLObjectType<Value>({
  name: 'ProductVariation',
  fields: { id: { type: required(GraphQLID) } },
});

const CaseStudy = new GraphQLObjectType<Value>({
  name: 'CaseStudy',
  fields: { caseNumber: { type: required(GraphQLID) }, description: { type: GraphQLString } },
});

const ProductResearch = new GraphQLObjectType<Value>({
  name: 'ProductResearch',
  fields: { study: { type: required(CaseStudy) }, outcome: { type: GraphQLString } },
  extensions: entityWith([
    keyed('study { caseNumber }', RESEARCH, ({ study }) => [study.caseNumber]),
  ]),
});

const ProductDimension = new GraphQLObjectType<Value>({
  name: 'ProductDimension',
  fields: {
    size: { type: GraphQLString },
    weight: { type: GraphQLFloat },
    unit: directed(GraphQLString, { inaccessible: {} }),
  },
  extensions: { directives: { shareable: {} } },
});

/** The gateway sends what `@requires` names with the key. */
const userKey = {
  fields: 'email',
  addressOf: ([email = '']: readonly string[]) => email,
};

const User = new GraphQLObjectType<Value>({
  name: 'User',
  fields: {
    email: { type: required(GraphQLID) },
    name: directed(GraphQLString, { override: { from: 'users' } }),
    totalProductsCreated: directed(GraphQLInt, { external: {} }),
    yearsOfEmployment: directed(required(GraphQLInt), { external: {} }),
    averageProductsCreatedPerYear: {
      ...directed(GraphQLInt, {
        requires: { fields: 'totalProductsCreated yearsOfEmployment' },
      }),
      resolve: ({ totalProductsCreated, yearsOfEmployment }) =>
        Math.round(Number(totalProductsCreated) / Number(yearsOfEmployment)),
    },
  },
  extensions: entity({
    keys: [userKey],
    load: (email, _context, given) => (email === USER.email ? { ...USER, ...given } : null),
  }),
});

const DeprecatedProduct = new GraphQLObjectType<Value>({
  name: 'DeprecatedProduct',
  fields: {
    sku: { type: required(GraphQLString) },
    package: { type: required(GraphQLString) },
    reason: { type: GraphQLString },
    createdBy: { type: User },
  },
  extensions: entityWith([keyed('sku package', [DEPRECATED], (one) => [one.sku, one.package])]),
});

const Product = new GraphQLObjectType<Value>({
  name: 'Product',
  fields: {
    id: { type: required(GraphQLID) },
    sku: { type: GraphQLString },
    package: { type: GraphQLString },
    variation: { type: ProductVariation },
    dimensions: { type: ProductDimension },
    createdBy: directed(User, { provides: { fields: 'totalProductsCreated' } }),
    notes: directed(GraphQLString, { tag: { name: 'internal' } }),
    research: { type: listOf(ProductResearch) },
  },
  extensions: entityWith(
    [
      keyed('id', PRODUCTS, ({ id }) => [id]),
      keyed('sku package', PRODUCTS, (one) => [one.sku, one.package]),
      keyed('sku variation { id }', PRODUCTS, (one) => [one.sku, one.variation.id]),
    ],
    { custom: {} },
  ),
});

const Inventory = new GraphQLObjectType<Value>({
  name: 'Inventory',
  fields: {
    id: { type: required(GraphQLID) },
    deprecatedProducts: { type: listOf(DeprecatedProduct), resolve: () => [DEPRECATED] },
  },
  extensions: entityWith([keyed('id', [{ id: 'apollo-oss' }], ({ id }) => [id])], {
    interfaceObject: {},
  }),
});

const Query = new GraphQLObjectType<Value>({
  name: 'Query',
  fields: {
    product: {
      type: Product,
      args: { id: { type: required(GraphQLID) } },
      resolve: (_root, { id }) => PRODUCTS.find((product) => product.id === id) ?? null,
    },
    deprecatedProduct: {
      type: DeprecatedProduct,
      args: { sku: { type: required(GraphQLString) }, package: { type: required(GraphQLString) } },
      deprecationReason: 'Use product query instead',
      resolve: (_root, given) =>
        DEPRECATED.sku === given['sku'] && DEPRECATED.package === given['package']
          ? DEPRECATED
          : null,
    },
  },
});

export function productsSubgraph(): Subgraph {
  const schema = new GraphQLSchema({
    query: Query,
    types: [Inventory],
    directives: [new GraphQLDirective({ name: 'custom', locations: [DirectiveLocation.OBJECT] })],
    extensions: { directives: { composeDirective: { name: '@custom' } } },
  });
  const same = (name: string) => name;
  return subgraphOf(schema, { names: { typeName: same, rootFieldName: same }, links: LINKS });
}
