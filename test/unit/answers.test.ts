/** Answers that are reused for a while. The test asks. */
import { expect, it } from 'vitest';
import { createAnswers } from '../../src/meter/access/answers.js';

const given = () => createAnswers<number>({ ttlMs: 1, entriesMax: 2, monotonicMs: () => 0 });

it('a question that throws at once displaces no answer, and is asked again', async () => {
  const answers = given();
  let asked = 0;
  const ask = async () => {
    asked += 1;
    return asked;
  };
  await answers.get('a', ask);
  await answers.get('b', ask);
  for (let n = 0; n < 10; n += 1) {
    const refuse = () => {
      throw new Error(`${n}`);
    };
    expect(() => answers.get('forged', refuse)).toThrow(`${n}`);
  }
  expect([await answers.get('a', ask), await answers.get('b', ask)]).toEqual([1, 2]);
});

it('an answer beyond the maximum displaces the oldest', async () => {
  const answers = given();
  for (const key of ['a', 'b', 'c']) await answers.get(key, async () => 1);
  expect(await answers.get('b', async () => 2)).toBe(1);
  expect(await answers.get('a', async () => 2)).toBe(2);
});
