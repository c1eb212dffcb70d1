/** Every path through the edges of the schema, as documents. */
import {
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  isLeafType,
  isObjectType,
  isUnionType,
} from 'graphql';

/** An edge from an object to others, and how a document follows it. */
export interface Hop {
  readonly title: string;
  /** The edge with a selection on the objects at its other end. */
  readonly write: (selection: string, options: PathOptions) => string;
  readonly to: GraphQLObjectType;
  /** Whether it leads to a page of objects. */
  readonly isPage: boolean;
  /** Whether it leads to all existing objects. */
  readonly isList: boolean;
}

export interface PathOptions {
  /** The size of the page that this hop requests. */
  readonly size: number;
}

export interface Path {
  readonly title: string;
  readonly hops: readonly Hop[];
  readonly document: string;
}

export interface PathsOptions {
  /** Literals for required arguments, by name, or by field and name where that is listed: `field(name:)`. */
  readonly args: Readonly<Record<string, string>>;
  /** Ids of nodes by type, all of which are requested at once. */
  readonly nodeIds: Readonly<Record<string, readonly string[]>>;
  readonly hopsMax: number;
  /** The size of the first page on a path; later pages have one item. */
  readonly firstPageSize: number;
}

/** All paths from the root of the maximum length, or that end before. Each selects all fields of its last objects. */
export function pathsOf(schema: GraphQLSchema, options: PathsOptions): Path[] {
  const query = schema.getQueryType();
  if (!query) throw new Error('the schema has queries');
  const roots = [...nodeHops(schema, options), ...hopsOf(query, options)];
  return roots.flatMap((hop) => pathsFrom([hop], options));
}

function pathsFrom(hops: readonly Hop[], options: PathsOptions): Path[] {
  const last = hops.at(-1);
  const all = last === undefined ? [] : hopsOf(last.to, options);
  // From an object to another of its type, once: a second time is the same again.
  const next = all.filter(({ to }) => to !== last?.to || to !== hops.at(-2)?.to);
  if (hops.length === options.hopsMax || next.length === 0) return [pathOf(hops, options)];
  return next.flatMap((hop) => pathsFrom([...hops, hop], options));
}

function pathOf(hops: readonly Hop[], { firstPageSize }: PathsOptions): Path {
  // After a list, there are many parents already.
  const firstPage = hops.findIndex(({ isPage, isList }) => isPage || isList);
  let document = '__typename';
  for (const [index, hop] of [...hops.entries()].toReversed()) {
    const selection = index === hops.length - 1 ? leavesOf(hop.to) : document;
    document = hop.write(selection, { size: index === firstPage ? firstPageSize : 1 });
  }
  return { title: hops.map(({ title }) => title).join(' > '), hops, document: `{ ${document} }` };
}

function leavesOf(type: GraphQLObjectType): string {
  const leaves = Object.values(type.getFields()).filter(
    ({ type: of, args }) => isLeafType(getNamedType(of)) && args.length === 0,
  );
  return ['__typename', ...leaves.map(({ name }) => name)].join(' ');
}

function hopsOf(type: GraphQLObjectType, options: PathsOptions): Hop[] {
  return Object.values(type.getFields()).flatMap((field) => hopOf(field, options) ?? []);
}

function hopOf(field: GraphQLField<unknown, unknown>, { args }: PathsOptions): Hop | null {
  const named = getNamedType(field.type);
  // Of a result, what it is if it is no refusal.
  const to = isUnionType(named)
    ? named.getTypes().find(({ name }) => name.endsWith('Payload'))
    : named;
  if (!isObjectType(to)) return null;
  const given = field.args.flatMap(({ name, type }) => {
    const value = args[`${field.name}(${name}:)`] ?? args[name];
    return String(type).endsWith('!') || (isUnionType(named) && value !== undefined)
      ? [`${name}: ${value ?? missing(name)}`]
      : [];
  });
  const { edges } = to.getFields();
  const node = edges && getNamedType(edges.type);
  if (node === undefined) {
    const head = given.length === 0 ? field.name : `${field.name}(${given.join(', ')})`;
    const isList = String(field.type).startsWith('[');
    return {
      title: field.name,
      to,
      isPage: false,
      isList,
      write: (inner) =>
        isUnionType(named) ? `${head} { ... on ${to.name} { ${inner} } }` : `${head} { ${inner} }`,
    };
  }
  if (!isObjectType(node)) return null;
  const item = getNamedType(node.getFields()['node']?.type);
  if (!isObjectType(item)) return null;
  return {
    title: field.name,
    to: item,
    isPage: true,
    isList: false,
    write: (inner, { size }) => {
      const head = `${field.name}(${[...given, `first: ${size}`].join(', ')})`;
      return `${head} { edges { cursor node { ${inner} } } pageInfo { hasNextPage } }`;
    },
  };
}

/** Many nodes of a type at once, each by its global id. */
function nodeHops(schema: GraphQLSchema, { nodeIds }: PathsOptions): Hop[] {
  return Object.entries(nodeIds).map(([name, ids]) => {
    const to = schema.getType(name);
    if (!isObjectType(to)) throw new Error(`${name} is not an object type`);
    const aliases = (inner: string) =>
      ids.map((id, n) => `n${n}: node(id: "${id}") { ... on ${name} { ${inner} } }`);
    return {
      title: `node of ${name}`,
      to,
      isPage: true,
      isList: false,
      write: (inner) => aliases(inner).join(' '),
    };
  });
}

function missing(name: string): never {
  throw new Error(`no value is given for the argument ${name}`);
}
