/** Directives for routers, made from what is declared on each field. */
import { MapperKind, mapSchema } from '@graphql-tools/utils';
import type { GraphQLFieldConfig, GraphQLSchema } from 'graphql';
import { hasScope, SCOPES } from '../../meter/access/scopes.js';
import { scopesOf } from '../scopes.js';

export interface Marks {
  /** Whether a root field is part of what everyone who uses the graph may see. */
  readonly isPublic: (rootField: string) => boolean;
  /** Whether routers compare scopes. */
  readonly authorization: boolean;
}

/** The schema with `@tag(name: "internal")` and, if routers are to compare scopes, `@authenticated` and `@requiresScopes`. */
export function marked(schema: GraphQLSchema, { isPublic, authorization }: Marks): GraphQLSchema {
  return mapSchema(schema, {
    [MapperKind.OBJECT_FIELD]: (field) => (authorization ? scoped(field) : field),
    [MapperKind.ROOT_FIELD]: (field, name) => {
      const known = authorization ? scoped(field) : field;
      return isPublic(name) ? known : withDirectives(known, { tag: { name: 'internal' } });
    },
  });
}

type Field = GraphQLFieldConfig<unknown, unknown>;

/** A key needs one of the scopes, and so does a caller of the router. */
function scoped(field: Field): Field {
  const set = scopesOf({ extensions: field.extensions ?? {} });
  const scopes = SCOPES.filter((scope) => hasScope(set, scope)).map((scope) => [scope]);
  if (scopes.length > 0) return withDirectives(field, { requiresScopes: { scopes } });
  return 'scopes' in (field.extensions ?? {})
    ? withDirectives(field, { authenticated: {} })
    : field;
}

function withDirectives(field: Field, added: object): Field {
  const { directives, ...others } = field.extensions ?? {};
  return { ...field, extensions: { ...others, directives: { ...asObject(directives), ...added } } };
}

function asObject(value: unknown): object {
  return typeof value === 'object' && value !== null ? value : {};
}
