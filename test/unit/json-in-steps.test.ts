/** A large result is written in steps, with exactly the bytes that JSON.stringify would write. */
import { Buffer } from 'node:buffer';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { jsonInSteps } from '../../src/http/json-in-steps.js';
import { JsonText } from '../../src/platform/json-text.js';

function written(value: object, bytesMax = Number.POSITIVE_INFINITY) {
  const steps = jsonInSteps(value, bytesMax);
  for (let count = 1; ; count += 1) {
    const step = steps.next();
    if (step.done === true) return { json: step.value?.toString() ?? null, steps: count };
  }
}

/** Values that JSON.stringify treats specially. */
const odd = fc.constantFrom<unknown>(
  undefined,
  Number.NaN,
  -0,
  1e21,
  () => 1,
  Symbol('s'),
  new Date(0),
  { toJSON: () => undefined },
  { toJSON: 'text' },
  Object.create(null, { __proto__: { value: 1, enumerable: true } }),
  '\ud800 \u2028 "\\ ❤',
);

const anything = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'medium', withCrossShrink: true },
    fc.jsonValue(),
    odd,
    fc.array(tie('value'), { maxLength: 5 }),
    fc.dictionary(fc.oneof(fc.string(), fc.constantFrom('__proto__', '2', '10')), tie('value')),
  ),
})).value;

describe('JSON in steps', () => {
  it('equals that of JSON.stringify', () => {
    fc.assert(
      fc.property(anything, (data) => {
        expect(written({ data }).json).toBe(JSON.stringify({ data }));
        expect(written([data]).json).toBe(JSON.stringify([data]));
        const text = JsonText.of({ data });
        expect(written({ text, list: [text] }).json).toBe(JSON.stringify({ text, list: [text] }));
      }),
      { numRuns: 500 },
    );
  });

  it('of a long text takes a step for it', () => {
    const json = JSON.stringify({ member: 'text'.repeat(1_000) });
    const texts = Array.from({ length: 40 }, () => new JsonText(json));
    expect(written(texts)).toEqual({ json: `[${Array(40).fill(json).join()}]`, steps: 41 });
    const data = { a: texts[0], b: [texts[1], { c: texts[2] }], d: undefined };
    expect(written(data).json).toBe(JSON.stringify(data));
    expect(written(texts, 40 * json.length + 41).json).not.toBeNull();
    expect(written(texts, 40 * json.length + 40).json).toBeNull();
  });

  it('has steps of a limited size, wherever the result is long', () => {
    const texts = Array.from({ length: 100 }, (_, n) => `${n}`.padEnd(8 * 1024, '❤'));
    const lists = texts.flatMap((_, n) => (n % 20 === 0 ? [texts.slice(n, n + 20)] : []));
    const shapes = [
      texts,
      Object.fromEntries(texts.entries()),
      texts.map((text) => [{ text }]),
      lists,
    ];
    for (const data of shapes) {
      const { json, steps } = written({ data });
      expect(json).toBe(JSON.stringify({ data }));
      expect(steps).toBeGreaterThanOrEqual(20);
    }
  });

  it('has steps of a limited size if a member is called toJSON, unless it is a function', () => {
    const rows = Array.from({ length: 10_000 }, (_, n) => ({ toJSON: `row ${n}` }));
    const data = { toJSON: rows };
    expect(JSON.stringify({ data }).length).toBeGreaterThan(5 * 32 * 1024);
    const { json, steps } = written({ data });
    expect(json).toBe(JSON.stringify({ data }));
    expect(steps).toBeGreaterThanOrEqual(5);
    expect(written([{ rows, toJSON: () => 1 }])).toEqual({ json: '[1]', steps: 1 });
  });

  it.each([0, 1_000, 400_000, 1_600_000])(
    'takes little more memory than it has bytes, of which %i were expected',
    (expected) => {
      for (const text of ['a', '❤', '1, ']) {
        const data = Array.from({ length: 10 }, () => JsonText.of([text.repeat(64 * 1024)]));
        const steps = jsonInSteps(data, Number.POSITIVE_INFINITY, expected);
        let step = steps.next();
        while (step.done !== true) step = steps.next();
        expect(step.value?.toString()).toBe(JSON.stringify(data));
        const memory = step.value?.buffer.byteLength ?? 0;
        expect(memory / (step.value?.length ?? 0)).toBeLessThanOrEqual(1.13);
      }
    },
  );

  it('is written up to the limit and no further', () => {
    const data = Array.from({ length: 10 }, () => '❤'.repeat(32 * 1024));
    const bytes = Buffer.byteLength(JSON.stringify({ data }));
    expect(written({ data }, bytes).json).toBe(JSON.stringify({ data }));
    expect(written({ data }, bytes - 1).json).toBeNull();
    expect(written({ data }, 1)).toEqual({ json: null, steps: 1 });
  });
});
