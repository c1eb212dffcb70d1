/** Writes that are not commands: how many are in flight, for whom, and how many wait. */
import { expect, it } from 'vitest';
import { tooManyWaiting } from '../../src/domain/unavailable.js';
import { createGate, type GateOptions } from '../../src/meter/gate.js';
import { createGates } from '../../src/meter/write/gates.js';

/** A gate with visitors whose work the test ends. */
function heldGate(options: Partial<GateOptions> = {}) {
  const gate = createGate({
    inFlightMax: 2,
    inFlightPerProjectMax: 1,
    waitingMax: 100,
    waitingPerProjectMax: 10,
    patience: null,
    refusal: tooManyWaiting,
    ...options,
  });
  const begun: string[] = [];
  const ends = new Map<string, (error?: Error) => void>();
  const refused: string[] = [];
  /** The project's visitor with this number, such as `a1`. */
  const visit = (name: string, asker?: { stopped: Error | null }) => {
    const result = gate.pass({ projectId: name.slice(0, 1), asker }, () => {
      begun.push(name);
      return new Promise<string>((resolve, reject) => {
        ends.set(name, (error) => (error === undefined ? resolve(name) : reject(error)));
      });
    });
    result.catch(({ code, message }) => refused.push(`${name} ${code ?? message}`));
    return { result };
  };
  const end = async (name: string, error?: Error) => {
    ends.get(name)?.(error);
    await aTurn();
  };
  return { visit, begun, refused, end };
}

const aTurn = () => new Promise((resolve) => setImmediate(resolve));

it('a project has one in flight and all together two; projects take turns', async () => {
  const { visit, begun, end } = heldGate();
  for (const name of ['a1', 'a2', 'a3', 'b1', 'b2', 'c1']) visit(name);
  expect(begun).toEqual(['a1', 'b1']);
  await end('a1');
  expect(begun).toEqual(['a1', 'b1', 'c1']);
  await end('c1');
  await end('b1');
  expect(begun).toEqual(['a1', 'b1', 'c1', 'a2', 'b2']);
  await end('a2');
  await end('b2');
  expect(begun.slice(5)).toEqual(['a3']);
});

it('the result and the error of the work are passed on, and both make room', async () => {
  const { visit, begun, end } = heldGate();
  const [first, second, third] = [visit('a1'), visit('a2'), visit('a3')];
  await end('a1');
  await expect(first.result).resolves.toBe('a1');
  await end('a2', new Error('broken'));
  await expect(second.result).rejects.toThrow('broken');
  await end('a3');
  await expect(third.result).resolves.toBe('a3');
  expect(begun).toEqual(['a1', 'a2', 'a3']);
});

it('work that fails before it has begun makes room', async () => {
  const gate = createGate({
    inFlightMax: 1,
    inFlightPerProjectMax: 1,
    waitingMax: 1,
    waitingPerProjectMax: 1,
    patience: null,
    refusal: tooManyWaiting,
  });
  const visitor = { projectId: 'a', asker: undefined };
  const failing = () => {
    throw new Error('broken');
  };
  await expect(gate.pass(visitor, failing)).rejects.toThrow('broken');
  await expect(gate.pass({ ...visitor }, async () => 'next')).resolves.toBe('next');
});

it('more of a project than may wait are refused at once, and others are not', async () => {
  const { visit, begun, refused } = heldGate({ waitingPerProjectMax: 2 });
  for (const name of ['a1', 'a2', 'a3', 'a4', 'b1', 'c1']) visit(name);
  await aTurn();
  expect([begun, refused]).toEqual([['a1', 'b1'], ['a4 OVERLOADED']]);
});

it('more of all projects than may wait are refused at once, unless they need not wait', async () => {
  const { visit, begun, refused } = heldGate({ waitingMax: 2 });
  for (const name of ['a1', 'a2', 'a3', 'a4', 'b1', 'c1']) visit(name);
  await aTurn();
  expect([begun, refused]).toEqual([
    ['a1', 'b1'],
    ['a4 OVERLOADED', 'c1 OVERLOADED'],
  ]);
});

it('one that was stopped while it waited does not begin', async () => {
  const { visit, begun, refused, end } = heldGate();
  const asker = { stopped: null as Error | null };
  for (const name of ['a1', 'a2', 'a3']) visit(name, name === 'a2' ? asker : undefined);
  asker.stopped = new Error('left');
  await end('a1');
  expect([begun, refused]).toEqual([['a1', 'a3'], ['a2 left']]);
});

it.each([
  ['a project', { waitingPerProjectMax: 1 }, 'a3'],
  ['all projects', { waitingMax: 1, inFlightMax: 1 }, 'b1'],
])('those that were stopped make room in the queue of %s', async (_whose, options, next) => {
  const { visit, begun, refused, end } = heldGate(options);
  const asker = { stopped: null as Error | null };
  visit('a1');
  visit('a2', asker);
  asker.stopped = new Error('left');
  visit(next);
  await aTurn();
  expect(refused).toEqual(['a2 left']);
  await end('a1');
  expect(begun).toEqual(['a1', next]);
});

it('customers that a server keeps waiting take nothing from those of others', async () => {
  const gates = createGates(8, (customerKey) => customerKey);
  const begun: string[] = [];
  const never = new Promise<never>(() => undefined);
  for (const server of ['east', 'east', 'east', 'home', 'west', 'home']) {
    void gates.customers(server).pass({ projectId: 'p', asker: undefined }, () => {
      begun.push(server);
      return never;
    });
  }
  await aTurn();
  expect(begun).toEqual(['east', 'east', 'home', 'west', 'home']);
});

it.each([
  [1, 1, 1],
  [4, 1, 2],
  [8, 2, 4],
])(
  'of %i connections, %i are for management and %i for customers at most',
  async (connections, management, customers) => {
    const gates = createGates(connections);
    const inFlight = { management: 0, customers: 0 };
    for (const name of ['management', 'customers'] as const) {
      for (let project = 0; project < 10; project += 1) {
        const gate = name === 'management' ? gates.management : gates.customers('any');
        void gate.pass({ projectId: `p${project}`, asker: undefined }, () => {
          inFlight[name] += 1;
          return new Promise(() => undefined);
        });
      }
    }
    expect(inFlight).toEqual({ management, customers });
  },
);
