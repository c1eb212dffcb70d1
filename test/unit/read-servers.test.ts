/** Reads with several servers: one that does not answer costs the reads of the others nothing. */
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ReadKind } from '../../src/meter/read/read-kind.js';
import { ReadStatements, turns } from '../support/meter/read-statements.js';

const SERVERS = ['home', 'east', 'west'];

let reads: ReadStatements;

beforeEach(() => {
  reads = new ReadStatements();
});
afterEach(() => {
  vi.useRealTimers();
});

/** A queue in which a text such as `east:1` is of a customer of that server, `*:1` a list, and `:1` of no customer. */
function createQueue(statements: ReadStatements, changes = {}) {
  const kindOf = (rows = 1) => statements.kindOf(rows, ownerOf);
  const queue = statements.createQueue({ serverOf: (customerKey) => customerKey, ...changes });
  const kind = kindOf();
  return {
    ...queue,
    kindOf,
    read: (text: string, project = 'p', of: ReadKind<string, string> = kind) =>
      queue.read(of, project, text),
  };
}

function ownerOf(text: string): string | null | undefined {
  const server = serverOf(text);
  if (server === '') return undefined;
  return server === '*' ? null : server;
}

function serverOf(text: string): string {
  return text.slice(0, text.indexOf(':'));
}

describe('a statement', () => {
  it('is for one server, for lists, or for what is of no customer', async () => {
    const queue = createQueue(reads);
    const texts = ['east:1', '*:1', 'west:1', ':1', 'east:2', '*:2', 'home:1'];
    const answers = texts.map((text) => queue.read(text));
    await turns(2);
    expect(reads.wanted()).toEqual([
      ['east:1', 'east:2'],
      ['*:1', '*:2'],
      ['west:1'],
      [':1', 'home:1'],
    ]);
    await reads.answerAll();
    expect(await Promise.all(answers)).toEqual(texts.map((text) => `p:${text}`));
  });

  it('is for all of them if there is one server', async () => {
    const queue = reads.createQueue();
    const kind = reads.kindOf(1, ownerOf);
    const answers = ['east:1', '*:1', ':1'].map((text) => queue.read(kind, 'p', text));
    await turns(2);
    expect(reads.wanted()).toEqual([['east:1', '*:1', ':1']]);
    await reads.answerAll();
    await Promise.all(answers);
  });
});

describe.each(['east', '*', 'home'])('if %s does not answer', (hung) => {
  const others = [...SERVERS, '*'].filter((server) => server !== hung);

  it.each([
    ['all projects', { inFlightMax: 2, inFlightPerProjectMax: 2 }, ['q', 'r']],
    ['the project', { inFlightPerProjectMax: 1 }, ['p']],
    ['the project in the queue', { inFlightPerProjectMax: 1, waitingPerProjectMax: 2 }, ['p']],
  ])('the others have the whole room of %s', async (_whose, limits, projects) => {
    const queue = createQueue(reads, limits);
    for (const project of projects) {
      for (const n of [1, 2, 3]) {
        queue.read(`${hung}:${n}`, project, queue.kindOf(5_000)).catch(() => undefined);
        await turns(2);
      }
    }
    reads.inProgress = [];
    expect(queue.isOverloaded('p')).toBe(false);
    const answers = others.map((server) => queue.read(`${server}:1`));
    await reads.answerAll();
    expect(await Promise.all(answers)).toEqual(others.map((server) => `p:${server}:1`));
  });
});

it('reads that wait for a server that does not answer are refused in time, and only those', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const queue = createQueue(reads, { inFlightPerProjectMax: 1 });
  void queue.read('east:1');
  await turns(2);
  const second = queue.read('east:2').catch((error: unknown) => error);
  reads.now = 501;
  const overloaded = { code: 'READS_OVERLOADED' };
  await expect(queue.read('east:3')).rejects.toMatchObject(overloaded);
  const other = queue.read('west:1');
  vi.advanceTimersByTime(500);
  expect(await second).toMatchObject(overloaded);
  await turns(2);
  reads.inProgress.shift();
  await reads.answerAll();
  await expect(other).resolves.toBe('p:west:1');
});

/** What happens next: a read, the answer to the statement that has been in progress for longest, or time that passes. */
const steps = fc.array(
  fc.oneof(
    fc.record({
      read: fc.constantFrom('east', 'east', 'west', 'home', '*', ''),
      project: fc.constantFrom('p', 'q', 'r'),
      kind: fc.constantFrom(0, 1),
    }),
    fc.record({ passes: fc.constantFrom<number[]>(1, 10, 200) }),
    fc.constant({ answers: true as const }),
  ),
  { minLength: 5, maxLength: 25 },
);

type Step = typeof steps extends fc.Arbitrary<readonly (infer One)[]> ? One : never;

/** What the servers but the one that never answers are asked and callers of theirs are told, step by step. */
async function play(script: readonly Step[], hung: string): Promise<string[]> {
  const statements = new ReadStatements();
  const limits = { inFlightMax: 2, inFlightPerProjectMax: 1, waitingPerProjectMax: 3 };
  const queue = createQueue(statements, limits);
  const kinds = [queue.kindOf(), queue.kindOf(5_000)];
  const seen: string[] = [];
  for (const [n, step] of script.entries()) {
    if ('read' in step) {
      const told = (what: unknown) => {
        if (step.read !== hung) seen.push(`${n} ${String(what)}`);
      };
      queue.read(`${step.read}:${n}`, step.project, kinds[step.kind]).then(told, told);
    } else if ('passes' in step) {
      statements.now += step.passes;
      vi.advanceTimersByTime(step.passes);
    } else {
      statements.inProgress.shift()?.answer();
    }
    await turns(4);
    const isHung = ({ wanted: [text = ''] }: { readonly wanted: readonly string[] }) =>
      serverOf(text) === hung;
    statements.inProgress = statements.inProgress.filter((statement) => !isHung(statement));
    seen.push(`${n} ${JSON.stringify(statements.wanted())}`);
  }
  return seen;
}

it('whatever is read of a server that never answers, the others are read as if it were not there', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  await fc.assert(
    fc.asyncProperty(steps, async (script) => {
      const without = script.map((step) =>
        'read' in step && step.read === 'east' ? { passes: 0 } : step,
      );
      expect(await play(script, 'east')).toEqual(await play(without, 'east'));
    }),
    { numRuns: 40 },
  );
});
