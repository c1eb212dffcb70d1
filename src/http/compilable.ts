import {
  type DocumentNode,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql';

/**
 * Fields of an operation that is compiled, fragments written out wherever they are spread. Each takes up to 0.3 ms of the
 * event loop and 16 KiB, and a short document can spread its way to thousands.
 */
export const COMPILED_FIELDS_MAX = 100;

/** A compiled operation builds plain objects, in which this key would set the prototype instead. */
const UNFIT_KEY = '__proto__';

/** Whether an operation of a valid document may be compiled. */
export function isCompilable(document: DocumentNode, operation: OperationDefinitionNode): boolean {
  const fragments = new Map<string, SelectionSetNode>();
  for (const definition of document.definitions) {
    if (definition.kind !== Kind.FRAGMENT_DEFINITION) continue;
    fragments.set(definition.name.value, definition.selectionSet);
  }
  let left = COMPILED_FIELDS_MAX;
  const fits = (selectionSet: SelectionSetNode | undefined): boolean =>
    selectionSet === undefined ||
    selectionSet.selections.every((selection) => {
      // Spreads count too: fragments may be nested without a field of their own.
      left -= 1;
      if (left < 0) return false;
      if (selection.kind === Kind.FRAGMENT_SPREAD) return fits(fragments.get(selection.name.value));
      const key = selection.kind === Kind.FIELD ? (selection.alias ?? selection.name).value : '';
      return key !== UNFIT_KEY && fits(selection.selectionSet);
    });
  return fits(operation.selectionSet);
}
