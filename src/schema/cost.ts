/**
 * What each part of the schema costs, as `@cost` and `@listSize` of IBM's specification say it: declared beside the part, or
 * following from a convention. One unit is a row that is read, or a statement.
 */
import {
  DirectiveLocation,
  GraphQLBoolean,
  GraphQLDirective,
  type GraphQLField,
  GraphQLInt,
  GraphQLList,
  GraphQLNonNull,
  type GraphQLSchema,
  GraphQLString,
  getNamedType,
  isObjectType,
} from 'graphql';

/** What is at hand with the object that it belongs to. */
export const AT_HAND = 0;

/** A row that is read by its key: the lookup and the row. */
export const BY_KEY = 2;

/** A page besides its items: its statement, and the row that tells whether there are more. */
export const PAGE = 2;

/** A call that writes. How many of them run is limited by their queue. */
export const WRITE = 10;

/** A filter of a list that an index may not cover: the list may have to be searched. */
export const FILTER = 100;

const { ARGUMENT_DEFINITION, ENUM, FIELD_DEFINITION, INPUT_FIELD_DEFINITION, OBJECT, SCALAR } =
  DirectiveLocation;

export const COST_DIRECTIVES: readonly GraphQLDirective[] = [
  new GraphQLDirective({
    name: 'cost',
    description:
      'What a field, an argument or an object of a type costs: one for each row that is read, and one for each ' +
      'statement. Without it, an object costs 1 and a scalar nothing.',
    locations: [
      ARGUMENT_DEFINITION,
      ENUM,
      FIELD_DEFINITION,
      INPUT_FIELD_DEFINITION,
      OBJECT,
      SCALAR,
    ],
    args: {
      weight: {
        type: new GraphQLNonNull(GraphQLString),
        description: 'A whole number. That of a field replaces that of its type.',
      },
    },
  }),
  new GraphQLDirective({
    name: 'listSize',
    description: 'How many items a list has at most.',
    locations: [FIELD_DEFINITION],
    args: {
      assumedSize: { type: GraphQLInt, description: 'The maximum length of the list.' },
      slicingArguments: {
        type: new GraphQLList(new GraphQLNonNull(GraphQLString)),
        description: 'The arguments that say how long it is.',
      },
      sizedFields: {
        type: new GraphQLList(new GraphQLNonNull(GraphQLString)),
        description: 'The fields of the object that are the list, if the field itself is not.',
      },
      requireOneSlicingArgument: {
        type: GraphQLBoolean,
        defaultValue: true,
        description: 'Whether exactly one of the slicing arguments must be given.',
      },
    },
  }),
];

/** As `@graphql-tools/utils` prints directives: by name, with their arguments. */
export interface CostDirectives {
  readonly cost?: { readonly weight: number };
  readonly listSize?: {
    readonly assumedSize?: number;
    readonly slicingArguments?: readonly string[];
    readonly sizedFields?: readonly string[];
    readonly requireOneSlicingArgument?: boolean;
  };
}

interface Part {
  readonly extensions: Readonly<Record<string, unknown>>;
}

/** For the `extensions` of a field, an argument or a type. */
export function costs(weight: number): { readonly directives: CostDirectives } {
  return { directives: { cost: { weight } } };
}

/** Null if none is declared. */
export function weightOf({ extensions }: Part): number | null {
  return directivesOf(extensions).cost?.weight ?? null;
}

function directivesOf(extensions: Part['extensions']): CostDirectives {
  return (extensions['directives'] as CostDirectives | undefined) ?? {};
}

/** The field that contains the items of a page. */
export const EDGES = 'edges';

/** By Relay's conventions: it has `edges`, and `first` and `last` say how many. */
export function isPage({ args, type }: GraphQLField<unknown, unknown>): boolean {
  const named = getNamedType(type);
  const names = new Set(args.map(({ name }) => name));
  if (!names.has('first') || !names.has('last')) return false;
  return isObjectType(named) && named.getFields()[EDGES] !== undefined;
}

/** Sized by its arguments alone: of gateways that read an assumed size as well, one prefers it to them. */
const SIZE_OF_PAGE = {
  listSize: {
    slicingArguments: ['first', 'last'],
    sizedFields: [EDGES],
    requireOneSlicingArgument: false,
  },
} as const satisfies CostDirectives;

/**
 * The schema with the costs that follow from conventions: nodes are read by their keys, pages have the size that their
 * arguments say, and mutations write. What is declared takes precedence.
 */
export function withCosts(schema: GraphQLSchema): GraphQLSchema {
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) || type.name.startsWith('__')) continue;
    if (type.getInterfaces().some(({ name }) => name === 'Node')) declare(type, costs(BY_KEY));
    for (const field of Object.values(type.getFields())) {
      if (type === schema.getMutationType()) declare(field, costs(WRITE));
      if (isPage(field)) declarePage(field);
    }
  }
  return schema;
}

function declarePage(field: GraphQLField<unknown, unknown>): void {
  declare(field, { directives: SIZE_OF_PAGE });
  const connection = getNamedType(field.type);
  if (!isObjectType(connection)) return;
  declare(connection, costs(PAGE));
  const { pageInfo, [EDGES]: edges } = connection.getFields();
  const info = pageInfo && getNamedType(pageInfo.type);
  if (isObjectType(info)) declare(info, costs(AT_HAND));
  const edge = edges && getNamedType(edges.type);
  const node = isObjectType(edge) ? edge.getFields()['node'] : undefined;
  // The edge stands for the row.
  if (node !== undefined) declare(node, costs(AT_HAND));
}

function declare(
  part: { extensions: Part['extensions'] },
  { directives }: { readonly directives: CostDirectives },
): void {
  const declared = directivesOf(part.extensions);
  part.extensions = {
    ...part.extensions,
    // Those that are declared come first, and count.
    directives: { ...declared, ...directives, ...declared },
  };
}
