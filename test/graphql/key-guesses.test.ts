/**
 * A key that is guessed reveals nothing, and not by the time that its answer takes either. That is not measured: what is
 * compared are digests, of which a guess does not determine the first byte, and all guesses take the same steps.
 */
import pg from 'pg';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { storedHashes } from '../../src/meter/access/keys.js';
import { sha256Hex } from '../../src/platform/digest.js';
import { summaryOf } from '../support/attacks/answers.js';
import { post } from '../support/attacks/requests.js';
import { openSite, type Site } from '../support/attacks/site.js';
import { openRaw } from '../support/client/raw-http.js';

let site: Site;
const queries = vi.spyOn(pg.Pool.prototype, 'query');

beforeAll(async () => {
  site = await openSite();
});
afterAll(async () => {
  queries.mockRestore();
  await site.close();
});

/** Its answer, without the time and with the id that the request came with, and the texts and values of the statements that it took. */
async function guess(secret: string) {
  queries.mockClear();
  const connection = openRaw(site.origin);
  const headers = { Authorization: `Bearer ${secret}`, 'X-Request-Id': 'a-guess' };
  connection.write(post(site, { query: '{ __typename }' }, headers));
  const answer = (await connection.closed()).replace(/Date: [^\r]*\r\n/, '');
  const statements = queries.mock.calls.map(([statement]) => JSON.stringify(statement));
  return { answer, statements };
}

/** With another last character, as close to the right one as a guess can be. */
const closeTo = (secret: string) => `${secret.slice(0, -1)}${secret.endsWith('A') ? 'B' : 'A'}`;

it('every key that is not valid is answered with the same bytes, whatever it lacks', async () => {
  const guesses = [
    site.revoked,
    site.expired,
    closeTo(site.secret),
    closeTo(site.theirSecret),
    `tg_sk_${'A'.repeat(43)}`,
    `tg_sk_${'A'.repeat(42)}`,
    'tg_sk_',
    'x',
  ];
  const answers = new Set<string>();
  for (const secret of guesses) answers.add((await guess(secret)).answer);
  expect([...answers].map(summaryOf)).toEqual(['401 UNAUTHENTICATED']);
});

it('a key of the right form takes the same statement, whether it is unknown, revoked, expired or close', async () => {
  const texts = new Set<string>();
  for (const secret of [site.revoked, site.expired, closeTo(site.secret), closeTo(site.revoked)]) {
    const { statements } = await guess(secret);
    expect(statements).toHaveLength(1);
    texts.add(
      digestsIn(secret).reduce(
        (text, digest) => text.replaceAll(digest, 'DIGEST'),
        statements.join(),
      ),
    );
  }
  expect(texts.size).toBe(1);
});

it('a key of another form takes none', async () => {
  for (const secret of [`${site.secret}A`, site.secret.slice(0, -1), 'tg_sk_', 'x']) {
    expect((await guess(secret)).statements).toEqual([]);
  }
});

it('a statement contains the digests of a key, never a part of it', async () => {
  for (const secret of [site.secret, site.revoked, closeTo(site.secret)]) {
    const text = (await guess(secret)).statements.join();
    for (const digest of digestsIn(secret)) expect(text).toContain(digest);
    for (const part of [secret, secret.slice(6, 12), secret.slice(-6)])
      expect(text).not.toContain(part);
  }
});

/** As a statement's values show them. */
function digestsIn(secret: string): string[] {
  return storedHashes(sha256Hex(secret)).map((hash) => hash.toString('hex'));
}
