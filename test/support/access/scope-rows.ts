/** A document for each row of the table of scopes, found in the schema. */
import { type GraphQLSchema, getNamedType, isLeafType, isObjectType } from 'graphql';
import type { Scope } from '../../../src/meter/access/scopes.js';
import { type Hop, type Path, type PathsOptions, pathsOf } from '../schema/schema-paths.js';
import { SCOPE_TABLE } from './scope-table.js';

export interface ScopeRow {
  readonly coordinate: string;
  readonly document: string;
  /** Of each list, one scope is needed: the coordinate's own, and those on the way to it. */
  readonly needs: readonly (readonly Scope[])[];
}

/** What has to have a row: root fields, nodes by id, what leads from a node to other objects, and every field that needs a scope. */
export function coordinatesOf(schema: GraphQLSchema): string[] {
  const roots = [schema.getQueryType(), schema.getMutationType()];
  return Object.values(schema.getTypeMap()).flatMap((type) => {
    if (!isObjectType(type) || type.name.startsWith('__')) return [];
    const isNode = type.getInterfaces().some(({ name }) => name === 'Node');
    const fields = Object.values(type.getFields()).filter((field) => {
      const isEdge = isNode && !isLeafType(getNamedType(field.type));
      return roots.includes(type) || isEdge || Boolean(field.extensions['scopes']);
    });
    return [...(isNode ? [type.name] : []), ...fields.map(({ name }) => `${type.name}.${name}`)];
  });
}

/** Enough to reach every object that has fields with scopes. */
const HOPS_MAX = 3;

/** A row for each coordinate of queries that a path leads to, by the shortest one. */
export function queryRows(
  schema: GraphQLSchema,
  options: Pick<PathsOptions, 'args' | 'nodeIds'>,
): ScopeRow[] {
  const rows = new Map<string, ScopeRow>();
  // A way through other objects, such as parts of an answer, needs nothing of its own.
  const closed = new Set(coordinatesOf(schema));
  const needs = (coordinate: string) => (closed.has(coordinate) ? needOf(coordinate) : []);
  const add = (hops: readonly Hop[], selection: string, coordinate: string) => {
    if (!(coordinate in SCOPE_TABLE) || rows.has(coordinate)) return;
    const document = hops.reduceRight((inner, hop) => hop.write(inner, { size: 1 }), selection);
    const way = [...hops.map((_, at) => coordinateOf(hops, at)), coordinate];
    rows.set(coordinate, { coordinate, document: `{ ${document} }`, needs: way.map(needs) });
  };
  for (const hops of pathsByLength(schema, options)) {
    const last = hops.at(-1);
    if (last === undefined) continue;
    add(hops, '__typename', coordinateOf(hops, hops.length - 1));
    for (const field of Object.values(last.to.getFields())) {
      if (!isLeafType(getNamedType(field.type)) || field.args.length > 0) continue;
      add(hops, field.name, `${last.to.name}.${field.name}`);
    }
  }
  return [...rows.values()];
}

function pathsByLength(
  schema: GraphQLSchema,
  options: Pick<PathsOptions, 'args' | 'nodeIds'>,
): Path['hops'][] {
  return Array.from({ length: HOPS_MAX }, (_, n) =>
    pathsOf(schema, { ...options, hopsMax: n + 1, firstPageSize: 1 }).map(({ hops }) => hops),
  ).flat();
}

function coordinateOf(hops: readonly Hop[], at: number): string {
  const title = hops[at]?.title ?? '';
  const before = hops[at - 1];
  if (before !== undefined) return `${before.to.name}.${title}`;
  return title.startsWith('node of ') ? title.slice('node of '.length) : `Query.${title}`;
}

export function needOf(coordinate: string): readonly Scope[] {
  const need = SCOPE_TABLE[coordinate];
  if (need === undefined) throw new Error(`${coordinate} has no row in the table of scopes`);
  return need;
}

/** The smallest sets of scopes that are enough. */
export function smallestSets(needs: ScopeRow['needs']): readonly (readonly Scope[])[] {
  let sets: readonly (readonly Scope[])[] = [[]];
  for (const oneOf of needs.filter(({ length }) => length > 0)) {
    sets = sets.flatMap((set) =>
      set.some((scope) => oneOf.includes(scope)) ? [set] : oneOf.map((scope) => [...set, scope]),
    );
  }
  const isSmallest = (set: readonly Scope[]) =>
    !sets.some((other) => other.length < set.length && other.every((scope) => set.includes(scope)));
  const byText = new Map(sets.filter(isSmallest).map((set) => [set.toSorted().join(), set]));
  return [...byText.values()];
}
