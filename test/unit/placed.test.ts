/** Texts of statements are made for a place, once. */
import { describe, expect, it } from 'vitest';
import { joined, PLACE_0, Placed, placed, SCHEMA, table } from '../../src/store/placed.js';

describe('a text that is placed', () => {
  it('names the tables of customers with the schema of the place', () => {
    const first = (key: string) => placed`SELECT FROM ${table('events')} WHERE ${key} LIMIT ${1}`;
    const text = placed`WITH a AS (${first('id = $1')}) SELECT '${SCHEMA}', E'\\t' FROM a, public.projects`;
    expect(text.in(PLACE_0)).toBe(
      "WITH a AS (SELECT FROM public.events WHERE id = $1 LIMIT 1) SELECT 'public', E'\\t' FROM a, public.projects",
    );
    expect(text.in('place_3')).toBe(
      "WITH a AS (SELECT FROM place_3.events WHERE id = $1 LIMIT 1) SELECT 'place_3', E'\\t' FROM a, public.projects",
    );
    expect(text.raw('place_3').sql).toBe(text.in('place_3'));
  });

  it('can be put together from several', () => {
    const list = joined([table('events'), 'x', table('entities')], ', ');
    expect(list.in('place_1')).toBe('place_1.events, x, place_1.entities');
  });

  it('is made once for each place', () => {
    const made: string[] = [];
    const part = new Placed((place) => {
      made.push(place);
      return place;
    });
    const text = placed`${part} ${part}`;
    for (const place of [PLACE_0, 'place_1', PLACE_0, 'place_1'] as const) text.in(place);
    expect(made).toEqual([PLACE_0, 'place_1']);
  });

  it('cannot become part of one that is not', () => {
    expect(() => `SELECT FROM ${table('events')}`).toThrow('depends on the place');
  });
});
