/** What the schema of the subgraph tells composition and routers is what is declared on its types and fields. */
import {
  type ConstDirectiveNode,
  type GraphQLField,
  isObjectType,
  Kind,
  parse,
  valueFromASTUntyped,
} from 'graphql';
import { describe, expect, it } from 'vitest';
import { hasScope, SCOPES } from '../../src/meter/access/scopes.js';
import { tollgateSubgraph } from '../../src/schema/federation.js';
import { schema } from '../../src/schema/index.js';
import { scopesOf } from '../../src/schema/scopes.js';

const NAMES = { typePrefix: 'X', fieldPrefix: 'x_' };
const KEPT = ['Query', 'Mutation', 'Customer', 'PageInfo'];

interface Told {
  readonly fields: Readonly<Record<string, readonly ConstDirectiveNode[]>>;
  readonly types: Readonly<Record<string, readonly ConstDirectiveNode[]>>;
}

/** The directives by their coordinates, under the names of the API. */
function toldBy(sdl: string): Told {
  const fields: Record<string, readonly ConstDirectiveNode[]> = {};
  const types: Record<string, readonly ConstDirectiveNode[]> = {};
  for (const definition of parse(sdl).definitions) {
    if (definition.kind !== Kind.OBJECT_TYPE_DEFINITION) continue;
    const name = definition.name.value.replace(/^X/, '');
    types[name] = definition.directives ?? [];
    for (const field of definition.fields ?? []) {
      fields[`${name}.${field.name.value.replace(/^x_/, '')}`] = field.directives ?? [];
    }
  }
  return { fields, types };
}

const named = (directives: readonly ConstDirectiveNode[] | undefined, name: string) =>
  (directives ?? []).filter((directive) => directive.name.value === name);

const argument = (directive: ConstDirectiveNode | undefined, name: string) => {
  const value = directive?.arguments?.find((one) => one.name.value === name)?.value;
  return value && valueFromASTUntyped(value);
};

const MANAGEMENT = /^Query\.node$|project|ApiKey|TokenSecret/i;

const FIELDS = Object.values(schema.getTypeMap())
  .filter(isObjectType)
  .filter(({ name }) => !name.startsWith('__'))
  .flatMap((type) =>
    Object.values(type.getFields()).map((field): [string, GraphQLField<unknown, unknown>] => [
      `${type.name}.${field.name}`,
      field,
    ]),
  )
  // Neither Relay's entrance, nor projects and keys: their secrets are no business of a graph.
  .filter(([coordinate]) => !MANAGEMENT.test(coordinate));

describe('with authorization', () => {
  const { fields } = toldBy(tollgateSubgraph({ ...NAMES, authorization: true }).sdl);

  it('every field demands the scopes that a key needs', () => {
    expect(FIELDS.length).toBeGreaterThan(100);
    for (const [coordinate, field] of FIELDS) {
      const set = scopesOf(field);
      const oneOf = SCOPES.filter((scope) => hasScope(set, scope)).map((scope) => [scope]);
      const [demanded] = named(fields[coordinate], 'requiresScopes');
      expect(argument(demanded, 'scopes') ?? [], coordinate).toEqual(oneOf);
      const isOpen = 'scopes' in field.extensions && oneOf.length === 0;
      expect(named(fields[coordinate], 'authenticated').length, coordinate).toBe(Number(isOpen));
    }
  });
});

describe('without authorization', () => {
  const { sdl } = tollgateSubgraph(NAMES);
  const { fields, types } = toldBy(sdl);

  it('routers demand no scopes', () => {
    expect(sdl).not.toMatch(/authenticated|requiresScopes/);
  });

  it('what writes, or reads more than one customer, is internal', () => {
    const open = FIELDS.map(([coordinate]) => coordinate).filter(
      (coordinate) =>
        /^(Query|Mutation)\./.test(coordinate) && named(fields[coordinate], 'tag').length === 0,
    );
    expect(open).toEqual(['Query.feature', 'Query.features', 'Query.customer']);
  });

  it('every node is an entity', () => {
    const nodes = schema.getPossibleTypes(present('Node')).map(({ name }) => name);
    const entities = Object.keys(types).filter((name) => named(types[name], 'key').length > 0);
    expect(entities.sort()).toEqual(nodes.filter((name) => !MANAGEMENT.test(name)).sort());
    expect(Object.keys(fields).filter((coordinate) => MANAGEMENT.test(coordinate))).toEqual([]);
  });

  it('only names that graphs share have no prefix', () => {
    const own = tollgateSubgraph(NAMES).sdl.matchAll(
      /^(?:type|input|enum|union|interface) (\w+)/gm,
    );
    const kept = [...own].map(([, name = '']) => name).filter((name) => !name.startsWith('X'));
    expect(kept.sort()).toEqual([...KEPT].sort());
  });

  function present(name: string) {
    const type = schema.getType(name);
    if (type === undefined || !('resolveType' in type)) throw new Error(`no ${name}`);
    return type;
  }
});
