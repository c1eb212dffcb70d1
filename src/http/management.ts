/** Whether an operation does nothing but manage projects and keys, which is all that an admin key may run. */
import {
  type DocumentNode,
  type GraphQLObjectType,
  type GraphQLSchema,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql';
import { ADMIN, scopeSet } from '../meter/access/scopes.js';
import { scopesOf } from '../schema/scopes.js';
import { fragmentsOf } from './merged-fields.js';

const MANAGEMENT = scopeSet([ADMIN, 'keys:write']);

/** What a node needs depends on its type, which only its id says. */
const NODE_FIELD = 'node';

/** Every root field counts, also one that a directive may skip. The schema can be read with every key. */
export function isManagement(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
): boolean {
  const root = schema.getRootType(operation.operation);
  const fragments = fragmentsOf(document);

  function isSet({ selections }: SelectionSetNode): boolean {
    return selections.every((selection) => {
      if (selection.kind === Kind.FIELD) return isField(root, selection.name.value);
      if (selection.kind === Kind.INLINE_FRAGMENT) return isSet(selection.selectionSet);
      const fragment = fragments.get(selection.name.value);
      // Once, wherever it is spread.
      fragments.delete(selection.name.value);
      return fragment === undefined || isSet(fragment.selectionSet);
    });
  }

  return isSet(operation.selectionSet);
}

function isField(root: GraphQLObjectType | null | undefined, name: string): boolean {
  if (name === NODE_FIELD || name.startsWith('__')) return true;
  const field = root?.getFields()[name];
  return field !== undefined && (scopesOf(field) & MANAGEMENT) !== 0;
}
