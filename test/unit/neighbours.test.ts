/** What gateways say to each other, which of them a customer belongs to, and how one takes commands of others. */
import { once } from 'node:events';
import { duplexPair } from 'node:stream';
import { describe, expect, it } from 'vitest';
import type { ForNeighbours } from '../../src/meter/neighbours/for-neighbours.js';
import { FRAME_BYTES_MAX, FrameError, FrameReader, frameOf } from '../../src/neighbours/frames.js';
import { NeighbourMap } from '../../src/neighbours/neighbours.js';
import { Reception } from '../../src/neighbours/reception.js';
import { chosen, seedOf } from '../../src/neighbours/rendezvous.js';
import { uuidV5 } from '../../src/platform/id.js';

describe('frames', () => {
  it('are read whatever the pieces in which they arrive', () => {
    const messages = [['hello', 1], [], ['ask', [[1, 'ä€😀']]]];
    const bytes = Buffer.concat(messages.map((message) => frameOf(JSON.stringify(message))));
    for (const size of [1, 2, 3, 5, 7, bytes.length]) {
      const reader = new FrameReader();
      const read: unknown[] = [];
      for (let at = 0; at < bytes.length; at += size) {
        read.push(...reader.read(bytes.subarray(at, at + size)));
      }
      expect(read).toEqual(messages);
    }
  });

  it.each([
    ['longer than any', Buffer.from([0xff, 0xff, 0xff, 0xff])],
    ['one byte too long', headOf(FRAME_BYTES_MAX + 1)],
    ['not JSON', frameOf('["ask"')],
    ['not a list', frameOf('{"ask": []}')],
  ])('that are %s are refused', (_what, bytes) => {
    expect(() => [...new FrameReader().read(bytes)]).toThrow(FrameError);
  });
});

function headOf(length: number): Buffer {
  const head = Buffer.alloc(4);
  head.writeUInt32BE(length);
  return head;
}

describe('the owner of a customer', () => {
  const members = (...ids: string[]) => ids.map((id) => ({ id, seed: seedOf(id) }));
  const keys = Array.from({ length: 4_000 }, (_, n) => uuidV5(PROJECT, `customer${n}`));

  function owners(ids: readonly string[]): string[] {
    const [first, ...others] = members(...ids);
    if (first === undefined) throw new Error('there is a member');
    return keys.map((key) => chosen(key, [first, ...others]).id);
  }

  it('is the same whatever the order in which gateways are known', () => {
    expect(owners(['3', '1', '2'])).toEqual(owners(['1', '2', '3']));
  });

  it.each([[['1', '2']], [['1', '2', '3', '4']], [['a', 'b', 'c']]])(
    'is each of %j alike',
    (ids) => {
      const found = owners(ids);
      for (const id of ids) {
        const share = found.filter((owner) => owner === id).length / keys.length;
        expect(share * ids.length).toBeGreaterThan(0.9);
        expect(share * ids.length).toBeLessThan(1.1);
      }
    },
  );

  it('only changes if it is the one that goes', () => {
    const before = owners(['1', '2', '3']);
    const after = owners(['1', '2']);
    for (const [n, owner] of before.entries()) if (owner !== '3') expect(after[n]).toBe(owner);
  });
});

const PROJECT = '01890a5d-ac96-774b-bcce-b302099a8057';

/** Streams pass on what is written within a few of them. */
async function turn(): Promise<void> {
  for (let turns = 0; turns < 5; turns += 1) await new Promise((resolve) => setImmediate(resolve));
}

const HELLO = ['hello', 2];

/** A gateway that answers whatever it is asked as the test says. */
function received(decide: ForNeighbours['decide']) {
  const refused: string[] = [];
  const reception = new Reception({
    forNeighbours: { decide },
    onRefused: (reason) => refused.push(reason),
  });
  const call = () => {
    const [near, far] = duplexPair();
    reception.receive(far);
    far.on('close', () => near.destroy());
    return near;
  };
  return { reception, refused, call };
}

const echo: ForNeighbours['decide'] = (told, answer) => answer(JSON.stringify(told).slice(1, -1));

describe('a reception', () => {
  it('answers a neighbour that has said hello', async () => {
    const { call } = received(echo);
    const near = call();
    near.write(frameOf(JSON.stringify(HELLO)));
    near.write(frameOf('["ask",[[1,"a"],[2,"b"]]]'));
    await turn();
    expect([...new FrameReader().read(near.read())]).toEqual([
      HELLO,
      [
        'answer',
        [
          [1, 'a'],
          [2, 'b'],
        ],
      ],
    ]);
  });

  it.each([
    ['asks before it says hello', ['["ask",[[1,"a"]]]']],
    ['speaks another protocol', ['["hello",1]', '["ask",[[1,"a"]]]']],
    ['sends no list of commands', ['["hello",2]', '["ask",7]']],
    ['sends a command without a number', ['["hello",2]', '["ask",[["a"]]]']],
    ['sends what is no frame', ['["hello",2]', 'garbage']],
    ['says what is not in the protocol', ['["hello",2]', '["obey"]']],
  ])('turns away one that %s', async (_what, texts) => {
    const { call, refused } = received(echo);
    const near = call();
    const closed = once(near, 'close');
    near.resume();
    for (const text of texts) near.write(frameOf(text));
    await closed;
    expect(refused.length).toBe(1);
  });

  it('leaves once every neighbour has its answers', async () => {
    const answers: ((told: string) => void)[] = [];
    const { reception } = received((_told, answer) => answers.push(answer));
    const map = new NeighbourMap({
      id: '1',
      connect: () => {
        const [near, far] = duplexPair();
        reception.receive(far);
        near.on('close', () => far.destroy());
        return near;
      },
      monotonicMs: () => 0,
      onLost: () => undefined,
    });
    map.set([
      { id: '1', address: '' },
      { id: '2', address: 'two' },
    ]);
    await turn();
    expect(map.figures()).toEqual({ known: 1, reachable: 1 });
    const key = keyOf(map);
    const outcomes: unknown[] = [];
    const owner = map.ownerOf(key);
    owner?.send('"a"', {
      answered: (answer) => outcomes.push(answer),
      lost: () => outcomes.push('lost'),
    });
    await turn();
    let isLeft = false;
    const left = reception.leave(60_000).then(() => {
      isLeft = true;
    });
    await turn();
    expect(map.ownerOf(key)).toBeNull();
    expect(isLeft).toBe(false);
    for (const answer of answers) answer('"yes"');
    await left;
    expect(outcomes).toEqual([['yes']]);
  });
});

/** The key of a customer of another gateway. */
function keyOf(map: NeighbourMap): string {
  const keys = Array.from({ length: 50 }, (_, n) => uuidV5(PROJECT, `customer${n}`));
  const key = keys.find((one) => map.ownerOf(one) !== null);
  if (key === undefined) throw new Error('a neighbour has customers');
  return key;
}
