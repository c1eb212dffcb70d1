/** Which mutations an operation carries out: their response keys. */
import type { DocumentNode, OperationDefinitionNode } from 'graphql';
import { givenBy, inclusion, type Variables } from './field-count/variables.js';
import { createCollector } from './merged-fields.js';

/** The response keys of the mutations that are carried out with these variables. */
export type MutationKeys = (variables: Variables) => readonly string[];

export function mutationKeysOf(
  document: DocumentNode,
  operation: OperationDefinitionNode,
): MutationKeys {
  const given = givenBy(operation);
  return (variables) => {
    const collect = createCollector(document, inclusion(given, variables));
    // Each fragment at the root is on the only type that has mutations.
    const groups = collect([operation.selectionSet], () => true);
    return [...groups]
      .filter(([, [{ name }]]) => name.value !== '__typename')
      .map(([responseKey]) => responseKey);
  };
}
