import SchemaBuilder from '@pothos/core';
import ErrorsPlugin from '@pothos/plugin-errors';
import RelayPlugin from '@pothos/plugin-relay';
import ZodPlugin from '@pothos/plugin-zod';
import type { Instant } from '../domain/interval.js';
import type { Quantity } from '../domain/quantity.js';
import { checkScopes } from '../meter/access/forbidden.js';
import type { Context } from './context.js';
import { decodeGlobalId, encodeGlobalId } from './global-id.js';
import { ARGUMENT_RULES } from './input/argument-rules.js';
import type { Amount } from './input/exact-number.js';
import { fromZod } from './input/invalid-input.js';
import { PAGE_SIZE_DEFAULT, PAGE_SIZE_MAX } from './input/limits.js';
import { pageSize } from './input/rules.js';
import { SCOPES_PLUGIN, scopesOfType } from './scopes.js';
import { SHAREABLE } from './subgraph/directives.js';

const PAGE_SIZE =
  `at most ${PAGE_SIZE_MAX}; ${PAGE_SIZE_DEFAULT} if no size is given. With 0, \`pageInfo\` only tells whether there are ` +
  'any';

/** Setup only: no type is declared here. */
export const builder = new SchemaBuilder<{
  Context: Context;
  Scalars: {
    DateTime: { Input: string; Output: Instant };
    Float: { Input: Amount; Output: Quantity | number };
    JSON: { Input: unknown; Output: unknown };
  };
  DefaultFieldNullability: false;
  DefaultEdgesNullability: false;
  DefaultNodeNullability: false;
}>({
  // The first plugin is the outermost: what zod throws, further in, is caught by errors and
  // becomes a member of the field's union.
  // Inputs go through them from the last to the first.
  plugins: [ErrorsPlugin, RelayPlugin, ARGUMENT_RULES, SCOPES_PLUGIN, ZodPlugin],
  defaultFieldNullability: false,
  errors: { defaultTypes: [], directResult: true, unsafelyHandleInputErrors: false },
  zod: { validationError: (error, args) => fromZod(error, args) },
  relay: {
    encodeGlobalID: encodeGlobalId,
    decodeGlobalID: decodeGlobalId,
    cursorType: 'String',
    clientMutationId: 'omit',
    brandLoadedObjects: true,
    edgesFieldOptions: {
      nullable: false,
      description: 'The items of this page, each with its cursor.',
    },
    nodeFieldOptions: { nullable: false, description: 'The item.' },
    cursorFieldOptions: {
      description:
        'The position of the item in the list. Treat it as opaque; pass it to `after` or ' +
        '`before`.',
    },
    pageInfoFieldOptions: {
      description: 'Whether there are more items before and after this page.',
    },
    pageInfoTypeOptions: { description: 'Where a page is in its list.', extensions: SHAREABLE },
    hasNextPageFieldOptions: { description: 'Whether there are more items after this page.' },
    hasPreviousPageFieldOptions: { description: 'Whether there are more items before this page.' },
    startCursorFieldOptions: {
      description: 'The cursor of the first item, or null if the page is empty.',
    },
    endCursorFieldOptions: {
      description: 'The cursor of the last item, or null if the page is empty.',
    },
    idFieldOptions: {
      description:
        'A global id, unique across all types. Treat it as opaque; pass it to `node` to fetch ' +
        'the object again.',
    },
    nodeTypeOptions: { description: 'An object with a global id.' },
    nodeQueryOptions: {
      scopes: [],
      description:
        'An object by its global id, or null if it does not exist. Needs the scopes of its type.',
      args: { id: { description: 'A global id: the `id` of any object.' } },
      // What a node needs depends on its type, which only its id says.
      resolve: (_root, { id }, { caller }, info, find) => {
        checkScopes(caller, [scopesOfType(info.schema, id.typename)]);
        return find(id);
      },
    },
    nodesQueryOptions: false,
    firstArgOptions: {
      description: `How many items to return from the start, ${PAGE_SIZE}.`,
      validate: pageSize,
    },
    lastArgOptions: {
      description: `How many items to return from the end, ${PAGE_SIZE}.`,
      validate: pageSize,
    },
    afterArgOptions: { description: 'Return items after this cursor.' },
    beforeArgOptions: { description: 'Return items before this cursor.' },
  },
});

builder.queryType({ description: 'Reads from the project of the key that is sent.' });
builder.mutationType({
  description:
    'Writes to the project of the key that is sent. Several mutations in one operation run ' +
    'one after the other.',
});
