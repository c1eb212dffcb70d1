/** The id of a request goes into headers, log lines and JSON as it is: what could do harm there is replaced. */
import { describe, expect, it } from 'vitest';
import { requestIdOf } from '../../src/http/request-id.js';

const MADE = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

describe('the id of a request', () => {
  it.each([
    'trace-1',
    'a.b:c_D-9',
    'x'.repeat(128),
    'host/AbCd012345-000001',
    'Root=1-67891233-abcdef012345678912345678',
    'q83vEjRWeJA=',
  ])('%j is used as sent', (id) => {
    expect(requestIdOf(id)).toBe(id);
  });

  it.each([
    undefined,
    '',
    'x'.repeat(129),
    'a b',
    'a\nb',
    'a\r\nSet-Cookie: b',
    'a"b',
    'a\\b',
    'a\u0000',
    'é',
    'jane@example.com',
    '$'.concat('{jndi:ldap://a}'),
    'one, two',
    'tg_sk_AbCdEfGhIjKlMnOp',
    'x-tg_ck_AbCdEfGhIjKlMnOp',
    'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhY21lIn0.c2lnbmF0dXJl',
  ])('%j is replaced', (id) => {
    expect(requestIdOf(id)).toMatch(MADE);
  });

  it('is never made twice, and sorts by time', () => {
    const ids = Array.from({ length: 3_000 }, () => requestIdOf(undefined));
    expect(new Set(ids).size).toBe(ids.length);
    const times = ids.map((id) => id.slice(0, 13));
    expect(times).toEqual(times.toSorted());
  });
});
