/** The work of collecting the fields of an operation is limited, however its fragments are combined. */
import { Kind, type OperationDefinitionNode, parse } from 'graphql';
import { expect, it } from 'vitest';
import { createCollector, SELECTIONS_COLLECTED_MAX } from '../../src/http/merged-fields.js';

const PART = 1_000;

/** Collects a selection of a thousand fields at each call. */
function collector() {
  const fields = Array.from({ length: PART }, (_, index) => `f${index}`).join(' ');
  const document = parse(`{ ${fields} }`);
  const isOperation = (node: { kind: Kind }): node is OperationDefinitionNode =>
    node.kind === Kind.OPERATION_DEFINITION;
  const sets = document.definitions.filter(isOperation).map(({ selectionSet }) => selectionSet);
  const collect = createCollector(document, () => true);
  return () => collect(sets, () => true).size;
}

it('selections are collected up to the limit and no further', () => {
  const collect = collector();
  for (let done = 0; done < SELECTIONS_COLLECTED_MAX; done += PART) expect(collect()).toBe(PART);
  expect(collect).toThrow(
    expect.objectContaining({ extensions: expect.objectContaining({ code: 'QUERY_TOO_COMPLEX' }) }),
  );
});

it('the count starts at 0 for each operation', () => {
  for (let run = 0; run < 2; run += 1) {
    const collect = collector();
    for (let done = 0; done < SELECTIONS_COLLECTED_MAX; done += PART) collect();
  }
});
