/**
 * What is stored is read by plain functions. zod's schemas of the same say what they must take, what they must refuse and what
 * comes of it: the JSON is made from the schemas, so that it has whatever they know.
 */
import { isDeepStrictEqual } from 'node:util';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readStored } from '../../src/domain/stored.js';
import { UnavailableError } from '../../src/domain/unavailable.js';
import { always } from '../support/random/always.js';
import { changed } from '../support/stored/changed-json.js';
import { jsonOf } from '../support/stored/json-of-schema.js';
import { STORED_KINDS, type StoredKind } from '../support/stored/stored-kinds.js';

const RUNS = 12;

/** The random values that are changed in every place; those of a union may be of either form. */
const WHOLE = 3;

/** Of what is changed in random JSON, one in so many is tried. */
const TRIED = 61;

/** What becomes of it; null if it is refused. */
function readBy(read: () => unknown): { readonly value: unknown } | null {
  try {
    return { value: read() };
  } catch (error) {
    if (error instanceof UnavailableError && error.code === 'RESULT_UNREADABLE') return null;
    throw error;
  }
}

function readByZod({ schemas, shown }: StoredKind, json: unknown) {
  const { v = 0 } = Object(json);
  const parsed = typeof v === 'number' ? schemas[v]?.safeParse(json) : schemas[0]?.safeParse(json);
  if (!parsed?.success) return null;
  return { value: shown === undefined ? parsed.data : shown(parsed.data as never) };
}

/** Whether it is read, after the same is made of it. */
function compare(kind: StoredKind, json: unknown): boolean {
  const mine = readBy(() => kind.read(json));
  const zods = readByZod(kind, json);
  if (!isDeepStrictEqual(mine, zods)) expect({ json, read: mine }).toEqual({ json, read: zods });
  return mine !== null;
}

const VERSIONS = Object.entries(STORED_KINDS).flatMap(([name, kind]) =>
  kind.schemas.map((schema, version) => ({ name, version, kind, schema })),
);

describe.each(VERSIONS)('JSON of $name in version $version', ({ version, kind, schema }) => {
  const versioned = (whole: boolean) =>
    jsonOf(schema, whole).map((json) => (version === 0 ? json : { v: version, ...Object(json) }));

  it('is read, with any of what may be omitted', () =>
    always(RUNS, versioned(false), (json) => {
      expect(compare(kind, json)).toBe(true);
    }));

  it('is read or refused alike whatever is changed in it', () => {
    const whole = fc.sample(versioned(true), { numRuns: WHOLE });
    const results = whole.flatMap((json) =>
      [...changed(json)].map((other) => compare(kind, other)),
    );
    expect(new Set(results)).toEqual(new Set([true, false]));
  });

  it('is read or refused alike whatever is changed in any of it', () =>
    always(RUNS, fc.tuple(versioned(false), fc.nat(TRIED - 1)), ([json, first]) => {
      let place = 0;
      for (const other of changed(json)) {
        if (place % TRIED === first) compare(kind, other);
        place += 1;
      }
    }));
});

it('the reason says where it is, and nothing of what is stored', () => {
  const json = {
    v: 1,
    event: '7000800000000000000f',
    deductions: [
      [0, '1'],
      [0, 'secret'],
    ],
  };
  const read = () => STORED_KINDS['trackBalance']?.read(json);
  expect(read).toThrow(
    expect.objectContaining({
      cause: expect.objectContaining({ message: 'deductions: 1: 1: not an amount' }),
    }),
  );
});

it.each([2, 1.5, -1, Number.NaN])('version %d, of which nothing is known, is refused', (v) => {
  expect(readBy(() => readStored({ v }, [(json) => json, (json) => json]))).toBeNull();
});
