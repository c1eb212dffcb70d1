/** Operations that run for long are reported while they run, and given up when their time is over. */

import { expect, it } from 'vitest';
import { RunningOperation, RunningOperations } from '../../src/http/running.js';
import { EVERY_SCOPE } from '../../src/meter/access/scopes.js';

const TIMEOUT_MS = 5_000;
const SLOW_MS = 1_000;

function start() {
  let now = 0;
  const reports: string[] = [];
  const running = new RunningOperations({
    timeoutMs: TIMEOUT_MS,
    slowMs: SLOW_MS,
    monotonicMs: () => now,
    onSlow: ({ name }, runningMs) => reports.push(`${name} slow after ${runningMs}`),
  });
  const begin = (name: string) => {
    const giveUp = () => reports.push(`${name} given up`);
    const caller = { projectId: 'p', scopes: EVERY_SCOPE };
    const operation = new RunningOperation({
      requestId: 'request-1',
      name,
      caller,
      startedAt: now,
      giveUp,
    });
    running.add(operation);
    return operation;
  };
  const at = (ms: number) => {
    now = ms;
    running.sweep();
    return reports.splice(0);
  };
  return { begin, at, running };
}

it('each operation is reported once and given up once', () => {
  const { begin, at } = start();
  begin('first');
  expect(at(SLOW_MS - 1)).toEqual([]);
  begin('second');
  expect(at(SLOW_MS)).toEqual([`first slow after ${SLOW_MS}`]);
  expect(at(SLOW_MS + 1)).toEqual([]);
  expect(at(TIMEOUT_MS - 1)).toEqual([`second slow after ${TIMEOUT_MS - SLOW_MS}`]);
  expect(at(TIMEOUT_MS)).toEqual(['first given up']);
  expect(at(TIMEOUT_MS * 3)).toEqual(['second given up']);
  expect(at(TIMEOUT_MS * 4)).toEqual([]);
});

it('operations that have ended are left alone', () => {
  const { begin, at, running } = start();
  const first = begin('first');
  const second = begin('second');
  running.delete(first);
  expect(at(TIMEOUT_MS)).toEqual([`second slow after ${TIMEOUT_MS}`, 'second given up']);
  running.delete(second);
  expect(at(TIMEOUT_MS * 2)).toEqual([]);
});

it.each([[[0, 1, 2]], [[2, 1, 0]], [[1, 0, 2]], [[1, 2, 0]], [[0, 2, 1]], [[2, 0, 1]]])(
  'the others are still tracked, whatever the order in which operations end: %j',
  (order) => {
    const { begin, at, running } = start();
    const begun = ['first', 'second', 'third'].map(begin);
    const left = new Set(begun);
    for (const index of order) {
      const operation = begun[index];
      if (operation === undefined) throw new Error('there are three');
      // Twice, as for an operation that is given up and then ends.
      running.delete(operation);
      running.delete(operation);
      left.delete(operation);
      const late = begin('late');
      const slow = at(SLOW_MS).filter((line) => !line.startsWith('late'));
      expect(slow).toEqual([...left].map(({ name }) => `${name} slow after ${SLOW_MS}`));
      for (const other of left) other.isReported = false;
      running.delete(late);
      at(0);
    }
    const next = begin('next');
    expect(at(TIMEOUT_MS)).toEqual([`next slow after ${TIMEOUT_MS}`, 'next given up']);
    running.delete(next);
  },
);
