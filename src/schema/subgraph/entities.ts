/** `_entities`: the objects that a gateway refers to by their keys. */
import {
  GraphQLList,
  GraphQLNonNull,
  type GraphQLObjectType,
  GraphQLScalarType,
  GraphQLUnionType,
} from 'graphql';
import { forbidden } from '../../meter/access/forbidden.js';
import type { ScopeSet } from '../../meter/access/scopes.js';
import type { Context } from '../context.js';
import { unlessStopped } from '../execution.js';
import { invalidArgument } from '../input/invalid-input.js';
import { REPRESENTATIONS_MAX } from '../input/limits.js';
import { isJsonObject } from '../input/values.js';
import { holds } from '../list-size.js';
import { jsonOfLiteral } from '../scalars.js';
import { scopesOf } from '../scopes.js';
import { type Entity, type KeyReader, keyReader, type Members } from './entity.js';

const AnyScalar = new GraphQLScalarType<unknown, unknown>({
  name: '_Any',
  description: 'The type and a key of an entity, as an object.',
  parseValue: (value) => value,
  parseLiteral: jsonOfLiteral,
});

/** The field for these types. */
export function entitiesField(entities: ReadonlyMap<GraphQLObjectType, Entity>) {
  const typeNames = new WeakMap<object, string>();
  const union = new GraphQLUnionType({
    name: '_Entity',
    description: 'Any entity of this subgraph.',
    types: [...entities.keys()],
    resolveType: (value: object) => typeNames.get(value),
  });
  const resolvers = new Map(
    [...entities].map(([type, entity]) => {
      const { name } = type;
      const shown = <T extends object | null>(value: T) => {
        if (value !== null) typeNames.set(value, name);
        return value;
      };
      const resolve = entityResolver(name, entity, shown);
      return [name, unlessForbidden(scopesOf(type), resolve)] as const;
    }),
  );
  return {
    type: new GraphQLNonNull(new GraphQLList(union)),
    description:
      'The entities with these keys, in their order; null for one that does not exist. Gateways use it.',
    args: {
      representations: {
        type: new GraphQLNonNull(new GraphQLList(new GraphQLNonNull(AnyScalar))),
        description: `The entities, each as \`__typename\` and a key; at most ${REPRESENTATIONS_MAX}.`,
      },
    },
    extensions: holds(REPRESENTATIONS_MAX, { asManyAs: 'representations' }),
    resolve: unlessStopped((_root, args, context) =>
      checked(args).map((representation, n) => {
        const given = isJsonObject(representation) ? representation : NO_MEMBERS;
        const typeName = Object.hasOwn(given, '__typename') ? given['__typename'] : undefined;
        const resolve = typeof typeName === 'string' ? resolvers.get(typeName) : undefined;
        return resolve === undefined ? unknownType(typeName, n) : resolve(given, n, context);
      }),
    ),
  };
}

const NO_MEMBERS: Members = {};

/** As their type demands, which graphql-js has checked. */
function checked(args: object): readonly unknown[] {
  const { representations } = args as { readonly representations: readonly unknown[] };
  if (representations.length <= REPRESENTATIONS_MAX) return representations;
  throw invalidArgument(
    'representations',
    representations,
    'max_items',
    `has ${representations.length} items; at most ${REPRESENTATIONS_MAX} are allowed`,
  );
}

type Found = object | null;

type EntityResolver = (given: Members, n: number, context: Context) => Found | Promise<Found>;

/** What a reference to the type needs, only its `__typename` says. The other items are not affected. */
function unlessForbidden(scopes: ScopeSet, resolve: EntityResolver): EntityResolver {
  return (given, n, context) => forbidden(context.caller, [scopes]) ?? resolve(given, n, context);
}

/** An object that does not exist, one of another project, and one with a key that none can have are the same: null. */
function entityResolver(
  typeName: string,
  { keys, load }: Entity,
  shown: (value: Found) => Found,
): EntityResolver {
  const readers = keys.map((key) => ({ ...key, read: keyReader(key.fields) }));
  return (given, n, context) => {
    const address = addressIn(given, readers, context);
    if (address === undefined) return keyless(typeName, keys, n);
    if (address === null) return null;
    const found = load(address, context, given);
    return found instanceof Promise ? found.then(shown) : shown(found);
  };
}

type Reader = Entity['keys'][number] & { readonly read: KeyReader };

/** Null if there can be no such object, also because two keys contradict each other; undefined if no key is complete. */
function addressIn(
  given: Members,
  readers: readonly Reader[],
  context: Context,
): string | null | undefined {
  let found: string | undefined;
  for (const { read, addressOf } of readers) {
    const values = read(given);
    if (values === undefined) continue;
    const address = values === null ? null : addressOf(values, context);
    if (address === null || (found !== undefined && found !== address)) return null;
    found = address;
  }
  return found;
}

function unknownType(typeName: unknown, n: number): Error {
  return invalidArgument(
    `representations.${n}.__typename`,
    typeName,
    'entity_type',
    'must be the name of an entity type of this subgraph',
  );
}

function keyless(typeName: string, keys: Entity['keys'], n: number): Error {
  const names = keys.map(({ fields }) => `"${fields}"`).join(' or ');
  return invalidArgument(
    `representations.${n}`,
    {},
    'entity_key',
    `must have a key of ${typeName}: ${names}`,
  );
}
