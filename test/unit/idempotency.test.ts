import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson, firstDifference } from '../../src/domain/idempotency.js';
import { units } from '../../src/domain/quantity.js';
import {
  idempotencyConflict,
  insufficientBalance,
  invalidInput,
  notFound,
  REFUSAL_CODES,
} from '../../src/domain/refusal.js';
import { trackFingerprint } from '../../src/domain/track.js';
import { quantityOf } from '../support/cases/domain-requests.js';
import { always } from '../support/random/always.js';
import { at, trackRequestOf } from './given.js';

describe('R17: two calls with one key', () => {
  const first = trackFingerprint(
    trackRequestOf({ timestamp: at('2026-01-01T00:00:00Z') }),
    'digest',
  );
  const other: [string, ReturnType<typeof trackFingerprint>][] = [
    ['featureId', trackFingerprint(trackRequestOf({ featureId: 'words' }), null)],
    ['featureId', trackFingerprint(trackRequestOf({ featureId: null, eventName: 'e' }), null)],
    ['value', { ...first, value: '2', properties: 'other', overageBehavior: 'REJECT' }],
    ['properties', { ...first, properties: null, entityId: 'seat1', timestamp: null }],
    ['entityId', { ...first, entityId: 'seat1', timestamp: null }],
    ['timestamp', { ...first, timestamp: '2026-01-01T00:00:00.001Z', overageBehavior: 'REJECT' }],
    ['overageBehavior', { ...first, overageBehavior: 'OVERFLOW' }],
    ['operation', { operation: 'checkBalance', featureId: 'words' }],
  ];

  it.each(other)('differ first in %s', (field, second) => {
    expect(firstDifference(first, second)).toBe(field);
    expect(firstDifference(second, first)).toBe(field);
  });

  it('differ in eventName if both have one', () => {
    const named = (eventName: string) =>
      trackFingerprint(trackRequestOf({ featureId: null, eventName }), null);
    expect(firstDifference(named('a'), named('b'))).toBe('eventName');
  });

  it('are the same if every field is', () => {
    expect(firstDifference(first, { ...first })).toBeNull();
  });

  it('are the same if one lacks a field that is null in the other', () => {
    const { entityId: _, ...older } = first;
    expect(firstDifference(older, first)).toBeNull();
    expect(firstDifference(first, older)).toBeNull();
    expect(firstDifference({ ...older, entityId: 'seat1' }, older)).toBe('entityId');
  });

  it('are the same however their input was written', () => {
    const one = trackRequestOf({ value: units(1), timestamp: at('2026-01-01T01:00:00+01:00') });
    expect(trackFingerprint(one, null)).toEqual({
      operation: 'trackBalance',
      featureId: 'messages',
      eventName: null,
      value: '1',
      properties: null,
      entityId: null,
      timestamp: '2026-01-01T00:00:00.000Z',
      overageBehavior: 'CAP',
    });
    expect(trackFingerprint(trackRequestOf({ value: quantityOf(1.5) }), null)['value']).toBe('1.5');
  });

  it('are compared field by field in the order in which they are named', () => {
    expect(Object.keys(first)).toEqual([
      'operation',
      'featureId',
      'eventName',
      'value',
      'properties',
      'entityId',
      'timestamp',
      'overageBehavior',
    ]);
  });
});

describe('R17: properties', () => {
  it.each<[unknown, string]>([
    [
      { b: 1, a: { d: [2, { f: 3, e: 4 }], c: null } },
      '{"a":{"c":null,"d":[2,{"e":4,"f":3}]},"b":1}',
    ],
    [{ b: 1, c: null, a: 'x' }, '{"a":"x","b":1,"c":null}'],
    [{}, '{}'],
    [[], '[]'],
    [null, 'null'],
    ['text', '"text"'],
    [
      JSON.parse('{"__proto__":{"b":1,"a":2},"constructor":3}'),
      '{"__proto__":{"a":2,"b":1},"constructor":3}',
    ],
    [{ 10: 'a', 9: 'b' }, '{"9":"b","10":"a"}'],
  ])('%j have the same text whatever the order of their keys', (value, text) => {
    expect(canonicalJson(value)).toBe(text);
  });

  it('have equal texts exactly if they are equal', () =>
    always(1000, fc.tuple(fc.jsonValue(), fc.jsonValue()), ([a, b]) => {
      const mirrored: unknown = JSON.parse(JSON.stringify(a), (_key, part: unknown) =>
        part !== null && typeof part === 'object' && !Array.isArray(part)
          ? Object.fromEntries(Object.entries(part).toReversed())
          : part,
      );
      expect(canonicalJson(mirrored)).toBe(canonicalJson(a));
      expect(JSON.parse(canonicalJson(a))).toEqual(JSON.parse(JSON.stringify(a)));
      const same =
        fc.stringify(JSON.parse(canonicalJson(a))) === fc.stringify(JSON.parse(canonicalJson(b)));
      expect(canonicalJson(a) === canonicalJson(b)).toBe(same);
    }));

  const key = fc.oneof(fc.string(), fc.constantFrom('10', '9', '9a', '-1', '__proto__', 'toJSON'));
  const part = fc.oneof(fc.string(), fc.double(), fc.integer(), fc.boolean(), fc.constant(null));

  it('have the text that earlier releases stored the digest of', () =>
    always(1000, fc.uniqueArray(fc.tuple(key, part), { selector: ([name]) => name }), (members) => {
      const properties = Object.fromEntries(members);
      const sorted = members.toSorted(([a], [b]) => (a < b ? -1 : 1));
      expect(canonicalJson(properties)).toBe(JSON.stringify(Object.fromEntries(sorted)));
    }));
});

describe('refusals', () => {
  it('are listed in the order of their precedence', () => {
    const order = [
      'INVALID_INPUT',
      'CUSTOMER_NOT_FOUND',
      'ENTITY_NOT_FOUND',
      'FEATURE_NOT_FOUND',
      'EVENT_NAME_NOT_FOUND',
      'IDEMPOTENCY_CONFLICT',
      'INSUFFICIENT_BALANCE',
    ];
    expect(REFUSAL_CODES.filter((code) => order.includes(code))).toEqual(order);
  });

  it('say what was wrong and what to do', () => {
    const issue = { path: 'value', value: 'NaN', rule: 'finite', message: 'must be finite' };
    expect(invalidInput([issue]).message).toBe('value: must be finite');
    expect(invalidInput([issue, issue, issue]).message).toBe('value: must be finite (and 2 more)');
    expect(invalidInput([]).message).toBe('The input is invalid.');
    expect(notFound('ENTITY_NOT_FOUND', 'seat1').message).toContain('"seat1"');
    expect(idempotencyConflict('k1', 'value')).toMatchObject({
      idempotencyKey: 'k1',
      field: 'value',
      message:
        'The idempotency key "k1" was first used with different input. The first field that differs is ' +
        'value. To get its result again, repeat the first call unchanged; for a new call, use a new key.',
    });
    expect(idempotencyConflict('k1', 'operation').message).toMatch(
      /^The idempotency key "k1" was first used for a different operation\. /,
    );
    const missing = [
      { featureId: 'credits', chargedFeatureId: 'action1', amount: quantityOf(0.4) },
      { featureId: 'words', chargedFeatureId: 'words', amount: units(3) },
    ];
    expect(insufficientBalance(missing, 'track', null, true)).toMatchObject({
      missing,
      replayed: true,
      message: expect.stringContaining('Missing 0.4 of "credits". Missing 3 of "words".') as string,
    });
    for (const verb of ['track', 'reserve', 'capture', 'amend'] as const) {
      expect(insufficientBalance(missing, verb).message).toContain(
        `Grant more, or ${verb} with overageBehavior CAP or OVERFLOW.`,
      );
    }
  });
});
