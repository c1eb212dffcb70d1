/** What an earlier schema serves of a document. */
import {
  buildASTSchema,
  isInputObjectType,
  Kind,
  parse,
  print,
  type SelectionSetNode,
  TypeInfo,
  visit,
  visitWithTypeInfo,
} from 'graphql';
import type { Client } from '../client/client.js';

export interface OlderSchema {
  /** Without the fields and types that it does not have. Throws if nothing is left. */
  prune(document: string): string;
  /** Whether it has all fields at the root of the document. */
  serves(document: string): boolean;
  /** Whether that input has the field. */
  takes(input: string, field: string): boolean;
}

export function olderSchema(sdl: string): OlderSchema {
  const schema = buildASTSchema(parse(sdl), { assumeValidSDL: true });
  const prune = (document: string) => {
    const types = new TypeInfo(schema);
    const bare = visit(
      parse(document),
      visitWithTypeInfo(types, {
        Field: { enter: () => (types.getFieldDef() ? undefined : null), leave: withoutEmpty },
        InlineFragment: {
          enter: ({ typeCondition }) =>
            typeCondition && !schema.getType(typeCondition.name.value) ? null : undefined,
          leave: withoutEmpty,
        },
      }),
    );
    return print(bare);
  };
  const serves = (document: string) => {
    const [operation] = parse(document).definitions;
    if (operation?.kind !== Kind.OPERATION_DEFINITION) return false;
    const fields = schema.getRootType(operation.operation)?.getFields() ?? {};
    return operation.selectionSet.selections.every(
      (selection) => selection.kind === Kind.FIELD && selection.name.value in fields,
    );
  };
  const takes = (input: string, field: string) => {
    const type = schema.getType(input);
    return isInputObjectType(type) && field in type.getFields();
  };
  return { prune, serves, takes };
}

/** Takes out what has no fields left. */
function withoutEmpty(node: { readonly selectionSet?: SelectionSetNode | undefined }) {
  return node.selectionSet?.selections.length === 0 ? null : undefined;
}

/** Sends documents without what that schema lacks. */
export function olderClient(client: Client, schema: OlderSchema): Client {
  return { ...client, run: (document, variables) => client.run(schema.prune(document), variables) };
}
