/** How `Accept` is evaluated: headers that clients send, and random ones against a reference for RFC 9110. */
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { type MediaType, mediaTypeOf } from '../../src/http/accept.js';

const JSON_TYPE = 'application/json';
const GRAPHQL = 'application/graphql-response+json';

describe('an Accept header', () => {
  it.each<[string | undefined, MediaType | null]>([
    [undefined, JSON_TYPE],
    ['', JSON_TYPE],
    [' , ', JSON_TYPE],
    ['*/*', JSON_TYPE],
    ['application/*', JSON_TYPE],
    ['application/json', JSON_TYPE],
    ['APPLICATION/JSON', JSON_TYPE],
    ['application/json;charset=UTF-8', JSON_TYPE],
    ['application/json; charset="utf-8"', JSON_TYPE],
    ['application/json; charset=latin1', null],
    ['application/json; charset=latin1, */*;q=0.1', JSON_TYPE],
    ['application/json;odata=verbose', JSON_TYPE],
    ['application/graphql-response+json', GRAPHQL],
    ['application/graphql-response+json, application/json', GRAPHQL],
    ['application/json, application/graphql-response+json', JSON_TYPE],
    ['application/graphql-response+json,application/json;q=0.9', GRAPHQL],
    ['application/graphql-response+json;q=0.8, application/json;q=0.9', JSON_TYPE],
    ['application/json, text/plain, */*', JSON_TYPE],
    ['*/*, application/graphql-response+json', GRAPHQL],
    ['application/json;q=0, */*', GRAPHQL],
    ['application/json;q=0', null],
    ['application/json;q=0.000', null],
    ['*/*;q=0', null],
    ['application/*;q=0, */*', null],
    ['application/json;q=0.1, application/json;charset=utf-8;q=0', null],
    ['text/html', null],
    ['text/event-stream', null],
    [
      'multipart/mixed;deferSpec=20220824,application/graphql-response+json,application/json;q=0.9',
      GRAPHQL,
    ],
    ['multipart/mixed; boundary="a,b;q=0", application/json', JSON_TYPE],
    ['text/html;v=",application/json,"', null],
    ['text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8', JSON_TYPE],
    ['application/json;q=1.0;v="q=0"', JSON_TYPE],
    ['json', JSON_TYPE],
    ['json, text/html', null],
    ['application/json;q=high, text/html', null],
    ['application/json ; q=.5', JSON_TYPE],
  ])('%j chooses %s', (accept, expected) => {
    expect(mediaTypeOf(accept)).toBe(expected);
  });

  it('is not evaluated if it is far longer than any that a client sends', () => {
    const long = (chars: number) => 'text/html,'.padEnd(chars, 'x');
    expect(mediaTypeOf(long(1_000))).toBeNull();
    expect(mediaTypeOf(long(1_001))).toBe(JSON_TYPE);
  });

  it('is evaluated again after more headers than are cached', () => {
    for (let index = 0; index < 1_000; index += 1) {
      expect(mediaTypeOf(`application/json;n=${index}`)).toBe(JSON_TYPE);
      expect(mediaTypeOf(`text/html;n=${index}`)).toBeNull();
    }
    expect(mediaTypeOf(GRAPHQL)).toBe(GRAPHQL);
  });
});

it('at most a hundred headers are cached', () => {
  const set = vi.spyOn(Map.prototype, 'set');
  for (let index = 0; index < 1_000; index += 1) mediaTypeOf(`application/json;kept=${index}`);
  const kept = set.mock.contexts.filter((_, call) =>
    /kept=/.test(String(set.mock.calls[call]?.[0])),
  );
  set.mockRestore();
  expect(kept).toHaveLength(1_000);
  for (const map of new Set(kept)) {
    expect(map).toBeInstanceOf(Map);
    expect(map instanceof Map && map.size).toBeLessThanOrEqual(100);
  }
});

interface Member {
  readonly range: string;
  readonly charset: string | null;
  readonly weight: number | null;
}

const member: fc.Arbitrary<Member> = fc.record({
  range: fc.constantFrom(
    ...[JSON_TYPE, GRAPHQL, 'application/*', '*/*', 'text/*', 'text/html', 'application/xml'],
  ),
  charset: fc.constantFrom(null, null, 'utf-8', 'UTF-8', 'iso-8859-1'),
  weight: fc.option(fc.integer({ min: 0, max: 1_000 }), { freq: 2 }),
});

/** The ways in which the same header may be written. */
const style = fc.record({
  comma: fc.constantFrom(',', ', ', ' ,\t', ',,'),
  semicolon: fc.constantFrom(';', '; ', ' ; '),
  upper: fc.boolean(),
  quoted: fc.boolean(),
});

function written(members: readonly Member[], { comma, semicolon, upper, quoted }: Style): string {
  const text = members.map(({ range, charset, weight }) =>
    [
      range,
      ...(charset === null ? [] : [`charset=${quoted ? `"${charset}"` : charset}`]),
      ...(weight === null ? [] : [`q=${weight / 1_000}`]),
    ].join(semicolon),
  );
  return upper ? text.join(comma).toUpperCase() : text.join(comma);
}

type Style = typeof style extends fc.Arbitrary<infer S> ? S : never;

/** RFC 9110, 12.5.1, to the letter: the weight of a type is that of the most specific range that matches it. */
function reference(members: readonly Member[]): MediaType | null {
  const precedence = (type: MediaType, { range, charset }: Member): number => {
    if (charset !== null && charset.toLowerCase() !== 'utf-8') return 0;
    if (range === type) return charset === null ? 3 : 4;
    if (range === 'application/*') return 2;
    return range === '*/*' ? 1 : 0;
  };
  const offers = ([JSON_TYPE, GRAPHQL] as const).map((type) => {
    const matching = members
      .map((one, place) => ({ place, level: precedence(type, one), weight: one.weight ?? 1_000 }))
      .filter(({ level }) => level > 0);
    const level = Math.max(0, ...matching.map((one) => one.level));
    const closest = matching.filter((one) => one.level === level);
    const weight = Math.max(0, ...closest.map((one) => one.weight));
    const place = closest.find((one) => one.weight === weight)?.place ?? 0;
    return { type, weight, named: level >= 3, place };
  });
  let best: (typeof offers)[number] | null = null;
  for (const offer of offers) {
    if (offer.weight === 0) continue;
    const isBetter =
      best === null ||
      offer.weight > best.weight ||
      (offer.weight === best.weight &&
        ((offer.named && !best.named) || (offer.named && best.named && offer.place < best.place)));
    if (isBetter) best = offer;
  }
  return best?.type ?? null;
}

it('a header chooses the same type as in the reference, however it is written', () => {
  fc.assert(
    fc.property(fc.array(member, { minLength: 1, maxLength: 6 }), style, (members, how) => {
      // Weights are multiples of 0.001, which JavaScript does not print as 1e-3.
      expect(mediaTypeOf(written(members, how))).toBe(reference(members));
    }),
    { numRuns: 5_000 },
  );
});

it('a header of any characters chooses a media type or none, and never throws', () => {
  const noise = fc.string({ unit: fc.constantFrom(...'aj*/;,="\\ q0.1\t+') });
  fc.assert(
    fc.property(noise, (accept) => {
      expect([JSON_TYPE, GRAPHQL, null]).toContain(mediaTypeOf(accept));
    }),
    { numRuns: 5_000 },
  );
});
