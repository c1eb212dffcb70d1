/** The items of a batch are read in several turns of the event loop, and none is submitted once the operation is stopped. */
import { parse } from 'graphql';
import { expect, it } from 'vitest';
import { UnavailableError } from '../../src/domain/unavailable.js';
import { executeOperation } from '../../src/http/execute.js';
import { Execution } from '../../src/schema/execution.js';
import { schema } from '../../src/schema/index.js';

const batch = (name: string, type: string) =>
  parse(`mutation ($inputs: [${type}!]!) { ${name}(inputs: $inputs) { __typename } }`);

const TRACK = {
  name: 'trackBalances',
  document: batch('trackBalances', 'BalancesTrackInput'),
  item: { customerId: 'c', featureId: 'f' },
};

const CAPTURE = {
  name: 'captureReservations',
  document: batch('captureReservations', 'ReservationsCaptureInput'),
  item: { customerId: 'c', reservationId: 'r' },
};

/** Runs a batch; `onTurn` is called in each turn until its items are submitted. */
async function run(
  { document, item }: typeof TRACK | typeof CAPTURE,
  items: number,
  onTurn: (execution: Execution) => void,
) {
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
    document,
    variableValues: {
      inputs: Array.from({ length: items }, () => item),
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
  { items: 1_000, turnsMin: 15, kind: TRACK },
  { items: 50, turnsMin: 0, kind: TRACK },
  { items: 1_000, turnsMin: 15, kind: CAPTURE },
])('$items items of $kind.name leave others at least $turnsMin turns', async (row) => {
  const { items, turnsMin, kind } = row;
  let turns = 0;
  const submitted = await run(kind, items, () => {
    turns += 1;
  });
  expect(submitted).toBe(items);
  expect(turns).toBeGreaterThanOrEqual(turnsMin);
});

it.each([TRACK, CAPTURE])('a stopped operation submits none of $name', async (kind) => {
  const submitted = await run(kind, 1_000, (execution) => execution.stop(new Error('stopped')));
  expect(submitted).toBe(0);
});
