/** The connection on which a gateway sends commands to a neighbour, and what becomes of them if that goes away. */
import { type Duplex, duplexPair } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { FrameReader, frameOf } from '../../src/neighbours/frames.js';
import { Link, SILENT_MAX_MS, SUSPECT_AFTER_MS } from '../../src/neighbours/link.js';

/** A neighbour at the other end of a link, which says what the test has it say. */
function linked() {
  const clock = { now: 0 };
  const lost: string[] = [];
  const outcomes: unknown[] = [];
  let far: Duplex | null = null;
  const link = new Link({
    connect: () => {
      const [near, other] = duplexPair();
      far = other;
      return near;
    },
    monotonicMs: () => clock.now,
    onLost: (reason) => lost.push(reason),
  });
  const asked = (name: string) => ({
    answered: (answer: readonly unknown[]) => outcomes.push([name, ...answer]),
    lost: () => outcomes.push([name, 'lost']),
  });
  link.tick();
  return {
    link,
    clock,
    lost,
    outcomes,
    send: (name: string) => link.send(JSON.stringify(name), asked(name)),
    say: async (message: unknown) => {
      const text = typeof message === 'string' ? message : JSON.stringify(message);
      if (far === null) throw new Error('the link is open');
      far.write(frameOf(text));
      await turn();
    },
    heard: () => {
      const bytes: Buffer | null = far?.read() ?? null;
      return bytes === null ? [] : [...new FrameReader().read(bytes)];
    },
    /** Time passes, with a tick four times a second. */
    pass: (ms: number) => {
      for (const end = clock.now + ms; clock.now < end; ) {
        clock.now = Math.min(clock.now + 250, end);
        link.tick();
      }
    },
    hangUp: async () => {
      far?.end();
      await turn();
    },
  };
}

/** Streams pass on what is written within a few of them. */
async function turn(): Promise<void> {
  for (let turns = 0; turns < 5; turns += 1) await new Promise((resolve) => setImmediate(resolve));
}

const HELLO = ['hello', 2];

describe('a link', () => {
  it('takes nothing before the neighbour has said hello', async () => {
    const { link, send, say } = linked();
    expect(send('early')).toBe(false);
    await say(HELLO);
    expect(link.isReady).toBe(true);
    expect(send('a')).toBe(true);
  });

  it('sends what is asked in one turn in one frame, and gives each its answer', async () => {
    const { send, say, heard, outcomes } = linked();
    await say(HELLO);
    expect(heard()).toEqual([HELLO]);
    send('a');
    send('b');
    await turn();
    expect(heard()).toEqual([
      [
        'ask',
        [
          [1, 'a'],
          [2, 'b'],
        ],
      ],
    ]);
    await say([
      'answer',
      [
        [2, 'yes'],
        [1, 'no'],
      ],
    ]);
    expect(outcomes).toEqual([
      ['b', 'yes'],
      ['a', 'no'],
    ]);
  });

  it('takes nothing from a neighbour of another protocol', async () => {
    const { send, say, lost } = linked();
    await say(['hello', 1]);
    expect(send('a')).toBe(false);
    expect(lost).toEqual(['it speaks another protocol, as another release may']);
  });

  it('loses what was asked if the connection is, in order, and opens another', async () => {
    const { link, send, say, hangUp, outcomes, lost } = linked();
    await say(HELLO);
    send('a');
    send('b');
    await hangUp();
    expect(outcomes).toEqual([
      ['a', 'lost'],
      ['b', 'lost'],
    ]);
    expect(lost.length).toBe(1);
    expect(send('c')).toBe(false);
    link.tick();
    await say(HELLO);
    expect(send('c')).toBe(true);
  });

  it('waits for a neighbour as long as it shows that it is there', async () => {
    const { link, pass, send, say, heard, outcomes } = linked();
    await say(HELLO);
    send('slow');
    await turn();
    heard();
    for (let seconds = 0; seconds < 30; seconds += 1) {
      pass(1_000);
      await turn();
      expect(heard()).toEqual([['ping']]);
      await say(['pong']);
      expect(link.isReady).toBe(true);
    }
    expect(outcomes).toEqual([]);
  });

  it('sends nothing more to a neighbour that is silent until it answers', async () => {
    const { link, pass, send, say, outcomes } = linked();
    await say(HELLO);
    pass(60_000);
    expect(send('a')).toBe(true);
    pass(SUSPECT_AFTER_MS - 1);
    expect(link.isReady).toBe(true);
    pass(1);
    expect(send('b')).toBe(false);
    await say(['answer', [[1, 'yes']]]);
    expect(send('c')).toBe(true);
    expect(outcomes).toEqual([['a', 'yes']]);
  });

  it('gives up a neighbour that accepts and never answers, and one that never says hello', async () => {
    const { link, pass, send, say, outcomes } = linked();
    await say(HELLO);
    send('a');
    pass(SILENT_MAX_MS - 1);
    expect(outcomes).toEqual([]);
    pass(1);
    expect(outcomes).toEqual([['a', 'lost']]);
    link.tick();
    expect(link.isOpen).toBe(true);
    pass(SILENT_MAX_MS);
    expect(link.isOpen).toBe(false);
  });

  it('is not given up because this gateway was blocked and has not read what has arrived', async () => {
    const { link, clock, send, say, outcomes } = linked();
    await say(HELLO);
    send('a');
    clock.now += 60_000;
    link.tick();
    await say(['answer', [[1, 'yes']]]);
    expect(outcomes).toEqual([['a', 'yes']]);
  });

  it('sends no more to a neighbour that leaves, and hangs up once all is answered', async () => {
    const { link, send, say, outcomes, lost } = linked();
    await say(HELLO);
    send('a');
    await say(['leave']);
    expect(send('b')).toBe(false);
    expect(link.isOpen).toBe(true);
    await say(['answer', [[1, 'yes']]]);
    expect(link.isOpen).toBe(false);
    expect({ outcomes, lost }).toEqual({ outcomes: [['a', 'yes']], lost: [] });
  });

  it('does not tell that a neighbour which has left cannot be reached, unless it has been back since', async () => {
    const { link, say, hangUp, lost } = linked();
    await say(HELLO);
    await say(['leave']);
    for (const hello of [[], [HELLO]]) {
      expect(lost).toEqual([]);
      link.tick();
      for (const message of hello) await say(message);
      await hangUp();
    }
    expect(lost).toEqual(['it has closed the connection']);
  });

  it.each([
    ['not JSON', '["answer"'],
    ['an answer to what was not asked', ['answer', [[7, 'yes']]]],
    [
      'an answer that was given before',
      [
        'answer',
        [
          [1, 'yes'],
          [1, 'yes'],
        ],
      ],
    ],
  ])('is given up if what arrives is %s', async (_what, message) => {
    const { link, send, say, outcomes } = linked();
    await say(HELLO);
    send('a');
    send('b');
    await say(message);
    expect(link.isOpen).toBe(false);
    expect(outcomes.at(-1)).toEqual(['b', 'lost']);
    expect(outcomes.length).toBe(2);
  });

  it('has a bound on what waits to be sent', async () => {
    const { send, say, outcomes } = linked();
    await say(HELLO);
    const long = 'x'.repeat(1024 * 1024 - 10);
    let taken = 0;
    while (send(long)) taken += 1;
    expect(taken).toBeLessThan(12);
    expect(send('x'.repeat(2 * 1024 * 1024))).toBe(false);
    expect(outcomes).toEqual([]);
  });
});
