/** What becomes of an error of the server while places are made. */
import pg from 'pg';
import { expect, it } from 'vitest';
import { keepPlaces } from '../../src/store/places/make-places.js';

/** A database of one place without customers, whose server refuses to make a schema. */
function refusing(code: string): pg.Client {
  const error = Object.assign(new pg.DatabaseError('no', 2, 'error'), { severity: 'ERROR', code });
  const query = async (query: string | { readonly text: string }) => {
    const text = typeof query === 'string' ? query : query.text;
    if (text.startsWith('CREATE SCHEMA')) throw error;
    return { rows: text.includes('pg_try_advisory') ? [{ locked: true }] : [] };
  };
  return { query } as unknown as pg.Client;
}

const keep = (code: string) =>
  keepPlaces(refusing(code), { places: 2, isHome: true, tellOnce: () => undefined });

it('a server that is shut down meanwhile is waited for, as with any migration', async () => {
  await expect(keep('57P01')).rejects.toBeInstanceOf(pg.DatabaseError);
});

it('a right that is missing is named, with what to do', async () => {
  await expect(keep('42501')).rejects.toThrow(
    /^The places could not be made: no\. Each place is a schema: .* CREATE ON DATABASE/,
  );
});
