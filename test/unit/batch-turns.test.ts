/** The items of a batch are read in several turns of the event loop, and none is submitted once the operation is stopped. */
import { parse } from 'graphql';
import { expect, it } from 'vitest';
import { UnavailableError } from '../../src/domain/unavailable.js';
import { executeOperation } from '../../src/http/execute.js';
import { Execution } from '../../src/schema/execution.js';
import { schema } from '../../src/schema/index.js';

const BATCH = parse(
  'mutation ($inputs: [BalancesTrackInput!]!) { trackBalances(inputs: $inputs) { __typename } }',
);

/** Runs a batch; `onTurn` is called in each turn until its items are submitted. */
async function run(items: number, onTurn: (execution: Execution) => void) {
  const execution = new Execution({
    resultBytesMax: 1e9,
    tooLarge: () => new Error('too large'),
    take: () => null,
  });
  let submitted = 0;
  let isOver = false;
  const turn = () => {
    if (isOver || submitted > 0) return;
    onTurn(execution);
    setImmediate(turn);
  };
  setImmediate(turn);
  const submit = () => {
    submitted += 1;
    return Promise.reject(new UnavailableError('OVERLOADED'));
  };
  await executeOperation({
    schema,
    document: BATCH,
    variableValues: {
      inputs: Array.from({ length: items }, () => ({ customerId: 'c', featureId: 'f' })),
    },
    contextValue: {
      execution,
      caller: { projectId: 'p' },
      writeQueue: { submit },
      readQueue: { share: (_projectId: string, list: readonly unknown[]) => list },
    },
  });
  isOver = true;
  return submitted;
}

it.each([
  [1_000, 15],
  [50, 0],
])('%d items leave others at least %d turns', async (items, turnsMin) => {
  let turns = 0;
  const submitted = await run(items, () => {
    turns += 1;
  });
  expect(submitted).toBe(items);
  expect(turns).toBeGreaterThanOrEqual(turnsMin);
});

it('a stopped operation submits none', async () => {
  const submitted = await run(1_000, (execution) => execution.stop(new Error('stopped')));
  expect(submitted).toBe(0);
});
