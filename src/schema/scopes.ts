/** A plugin of Pothos: which scopes open a field, declared beside its resolver. */
import SchemaBuilder, {
  BasePlugin,
  type FieldNullability,
  type InputFieldMap,
  type PothosOutputFieldConfig,
  type PothosTypeConfig,
  type SchemaTypes,
  type TypeParam,
} from '@pothos/core';
import {
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  isLeafType,
  isObjectType,
} from 'graphql';
import { BrokenInvariantError } from '../domain/assert.js';
import {
  ADMIN,
  type DeclaredScope,
  type Scope,
  type ScopeSet,
  scopeSet,
} from '../meter/access/scopes.js';

const EXTENSION = 'scopes';

/** What a customer or an entity is called, and that it exists. */
export const PROFILE_SCOPES: readonly Scope[] = ['balances:read', 'customers:write'];

/** A customer or an entity by its id, from which other fields lead on. */
export const OWNER_SCOPES: readonly Scope[] = [
  'check:read',
  'balances:read',
  'customers:write',
  'events:read',
  'usage:read',
];

/** Of a field or of a type of node: one of these scopes opens it; every key does if there are none. */
export function scopesOf({
  extensions,
}: Pick<GraphQLField<unknown, unknown> | GraphQLObjectType, 'extensions'>): ScopeSet {
  const declared = extensions[EXTENSION];
  return typeof declared === 'number' ? declared : 0;
}

/** Of the node type with that name. */
export function scopesOfType(schema: GraphQLSchema, name: string): ScopeSet {
  const type = schema.getType(name);
  return isObjectType(type) ? scopesOf(type) : 0;
}

interface Declaring {
  readonly pothosOptions: object;
  readonly description?: string | null | undefined;
  readonly extensions?: Readonly<Record<string, unknown>> | null | undefined;
}

class ScopesPlugin<Types extends SchemaTypes> extends BasePlugin<Types> {
  override onOutputFieldConfig(config: PothosOutputFieldConfig<Types>) {
    return declared(config, 'Needs');
  }

  override onTypeConfig(config: PothosTypeConfig) {
    return declared(config, 'To get it by its id, a key needs');
  }

  /** What is forgotten would be open to every key. */
  override afterBuild(schema: GraphQLSchema) {
    for (const coordinate of undeclared(schema)) {
      throw new BrokenInvariantError(`${coordinate} declares no scopes`);
    }
    return schema;
  }
}

function declared<Config extends Declaring>(config: Config, beginning: string): Config {
  const { scopes } = config.pothosOptions as { readonly scopes?: readonly DeclaredScope[] };
  if (scopes === undefined) return config;
  return {
    ...config,
    description: [config.description, ...needs(scopes, beginning)].join(' '),
    extensions: { ...config.extensions, [EXTENSION]: scopeSet(scopes) },
  };
}

function needs(scopes: readonly DeclaredScope[], beginning: string): string[] {
  if (scopes.includes(ADMIN)) return [`${beginning} an admin key.`];
  const names = scopes.map((scope) => `\`${scope}\``);
  if (names.length === 0) return [];
  if (names.length === 1) return [`${beginning} the scope ${names.join()}.`];
  return [`${beginning} one of the scopes ${names.slice(0, -1).join(', ')} and ${names.at(-1)}.`];
}

/** Root fields, types of nodes, and the fields that lead from a node to other objects. */
function* undeclared(schema: GraphQLSchema): Generator<string> {
  const roots = [schema.getQueryType(), schema.getMutationType()];
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type)) continue;
    const isRoot = roots.includes(type);
    const isNode = type.getInterfaces().some(({ name }) => name === 'Node');
    if (isNode && !(EXTENSION in type.extensions)) yield type.name;
    for (const field of Object.values(type.getFields())) {
      const isEdge = isNode && !isLeafType(getNamedType(field.type));
      if ((isRoot || isEdge) && !(EXTENSION in field.extensions)) {
        yield `${type.name}.${field.name}`;
      }
    }
  }
}

/** Its name, for the list of plugins. */
export const SCOPES_PLUGIN = 'scopes';

declare global {
  // biome-ignore lint/style/noNamespace: Pothos has its plugins declared in one.
  namespace PothosSchemaTypes {
    interface Plugins<Types extends SchemaTypes> {
      scopes: ScopesPlugin<Types>;
    }
    // Its parameters have to be those of Pothos.
    interface FieldOptions<
      Types extends SchemaTypes,
      ParentShape,
      Type extends TypeParam<Types>,
      Nullable extends FieldNullability<Type>,
      Args extends InputFieldMap,
      ResolveShape,
      ResolveReturnShape,
    > {
      /** One of these opens the field; every key does if there are none. */
      readonly scopes?: readonly DeclaredScope[];
    }
    interface BaseTypeOptions<Types extends SchemaTypes> {
      /** Of a type of node: one of these opens it by its id. */
      readonly scopes?: readonly DeclaredScope[];
    }
  }
}

SchemaBuilder.registerPlugin(SCOPES_PLUGIN, ScopesPlugin);
