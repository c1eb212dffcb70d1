/** Which scopes an operation needs: known from its document alone, before anything of it runs. */
import {
  type DocumentNode,
  type FieldNode,
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isInterfaceType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql';
import type { ScopeSet } from '../meter/access/scopes.js';
import { scopesOf } from '../schema/scopes.js';
import { fragmentsOf } from './merged-fields.js';

/**
 * Of each set, the key needs one scope. Every selected field counts, also one that a directive may skip and one
 * of a type that may not occur; of the schema, every key may read everything.
 */
export function requiredScopes(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
): readonly ScopeSet[] {
  const fragments = fragmentsOf(document);
  const found = new Set<ScopeSet>();
  const walked = new Map<SelectionSetNode, Set<GraphQLNamedType>>();

  /** Once for each type, however many lead to it. */
  function walk(selectionSet: SelectionSetNode, on: GraphQLNamedType | undefined): void {
    const types = walked.get(selectionSet) ?? new Set();
    if (on === undefined || types.has(on)) return;
    walked.set(selectionSet, types.add(on));
    for (const selection of selectionSet.selections) {
      if (selection.kind === Kind.FIELD) walkField(selection, on);
      else if (selection.kind === Kind.FRAGMENT_SPREAD) walkFragment(selection.name.value);
      else {
        const { typeCondition } = selection;
        const type = typeCondition ? schema.getType(typeCondition.name.value) : on;
        walk(selection.selectionSet, type);
      }
    }
  }

  function walkField({ name, selectionSet }: FieldNode, on: GraphQLNamedType): void {
    for (const type of typesOf(schema, on)) {
      const field = type.getFields()[name.value];
      if (field === undefined) continue;
      const scopes = scopesOf(field);
      if (scopes !== 0) found.add(scopes);
      if (selectionSet !== undefined) walk(selectionSet, getNamedType(field.type));
    }
  }

  function walkFragment(name: string): void {
    const fragment = fragments.get(name);
    if (fragment) walk(fragment.selectionSet, schema.getType(fragment.typeCondition.name.value));
  }

  walk(operation.selectionSet, schema.getRootType(operation.operation) ?? undefined);
  return fewest([...found]);
}

/** The types whose fields an object of this one may have. */
function typesOf(schema: GraphQLSchema, type: GraphQLNamedType) {
  if (isObjectType(type)) return [type];
  if (!isAbstractType(type)) return [];
  return [...(isInterfaceType(type) ? [type] : []), ...schema.getPossibleTypes(type)];
}

/** Without those that the others imply. */
function fewest(sets: readonly ScopeSet[]): readonly ScopeSet[] {
  return sets.filter((set) => !sets.some((other) => other !== set && (other & set) === other));
}
