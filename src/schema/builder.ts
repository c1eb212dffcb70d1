import SchemaBuilder from '@pothos/core';
import ErrorsPlugin from '@pothos/plugin-errors';
import RelayPlugin from '@pothos/plugin-relay';
import ZodPlugin from '@pothos/plugin-zod';
import type { Instant } from '../domain/interval.js';
import type { Quantity } from '../domain/quantity.js';
import type { Context } from './context.js';
import { decodeGlobalId, encodeGlobalId } from './global-id.js';
import type { Amount } from './input/exact-number.js';
import { fromZod } from './input/invalid-input.js';
import { PAGE_SIZE_DEFAULT, PAGE_SIZE_MAX } from './input/limits.js';
import { pageSize } from './input/rules.js';

const PAGE_SIZE = `at most ${PAGE_SIZE_MAX}, and ${PAGE_SIZE_DEFAULT} where no size is given`;

/** Set-up only: no type is declared here. */
export const builder = new SchemaBuilder<{
  Context: Context;
  Scalars: {
    DateTime: { Input: string; Output: Instant };
    Float: { Input: Amount; Output: Quantity };
    JSON: { Input: unknown; Output: unknown };
  };
  DefaultFieldNullability: false;
  DefaultEdgesNullability: false;
  DefaultNodeNullability: false;
}>({
  // The first plugin is the outermost: what zod throws, further in, is caught by errors and
  // becomes a member of the field's union.
  plugins: [ErrorsPlugin, RelayPlugin, ZodPlugin],
  defaultFieldNullability: false,
  errors: { defaultTypes: [], directResult: true, unsafelyHandleInputErrors: false },
  zod: { validationError: (error, args) => fromZod(error, args) },
  relay: {
    encodeGlobalID: encodeGlobalId,
    decodeGlobalID: decodeGlobalId,
    cursorType: 'String',
    clientMutationId: 'omit',
    brandLoadedObjects: true,
    edgesFieldOptions: { nullable: false, description: 'The edges of this page, in order.' },
    nodeFieldOptions: { nullable: false, description: 'The item at the end of the edge.' },
    cursorFieldOptions: { description: 'An opaque mark of this place in the list.' },
    pageInfoFieldOptions: { description: 'Where this page is in the list.' },
    pageInfoTypeOptions: { description: 'Says where a page is in its list.' },
    hasNextPageFieldOptions: { description: 'Whether more items follow this page.' },
    hasPreviousPageFieldOptions: { description: 'Whether items come before this page.' },
    startCursorFieldOptions: {
      description: 'The cursor of the first edge, null in an empty page.',
    },
    endCursorFieldOptions: { description: 'The cursor of the last edge, null in an empty page.' },
    idFieldOptions: { description: 'An opaque id that is unique across all types.' },
    nodeTypeOptions: { description: 'Anything that can be fetched again by its global id.' },
    nodeQueryOptions: {
      description: 'Fetches anything by its global id, null where there is no such thing.',
      args: { id: { description: 'The global id, as the id field of a node gave it.' } },
    },
    nodesQueryOptions: false,
    firstArgOptions: {
      description: `Asks for this many items from the beginning, ${PAGE_SIZE}.`,
      validate: pageSize,
    },
    lastArgOptions: {
      description: `Asks for this many items from the end, ${PAGE_SIZE}.`,
      validate: pageSize,
    },
    afterArgOptions: { description: 'Asks for items after this cursor.' },
    beforeArgOptions: { description: 'Asks for items before this cursor.' },
  },
});

builder.queryType({ description: "Reads of the caller's project." });
builder.mutationType({ description: "Writes to the caller's project." });
