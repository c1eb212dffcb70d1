/** What errors quote is not logged. */
import { describe, expect, it } from 'vitest';
import { cleaned, errorFacts } from '../../src/platform/log/clean.js';

describe('a text from an error', () => {
  it.each([
    ['connect ECONNREFUSED 127.0.0.1:5432', 'connect ECONNREFUSED 127.0.0.1:5432'],
    ['new row violates check constraint "lucky"', 'new row violates check constraint "lucky"'],
    ['postgresql://me:hunter2@db:5432/usage is down', 'postgresql://… is down'],
    ['a key tg_sk_AbC-d_9, revoked', 'a key (key), revoked'],
    ['token: eyJhbGci.eyJzdWIi.c2ln', 'token: …'],
    ['for jane.doe+x@example.com, twice', 'for (e-mail), twice'],
    ['the token is too long for its secret', 'the token is too long for its secret'],
    ['password=hunter2 host=db', 'password=… host=db'],
    ['Authorization: Bearer abcdef', 'Authorization: … …'],
    ['Failing row contains (7, jane, {"a": 1}).', 'Failing row contains (…).'],
    [
      'Key (customer_id, email)=(7, jane) already exists',
      'Key (customer_id, email)= (…) already exists',
    ],
    ['invalid input syntax for type json: "Jane Doe"', 'invalid input syntax for type json: "…"'],
    ['invalid value: "Jane D', 'invalid value: "…"'],
    ['Failing row contains (7, jane', 'Failing row contains (…)'],
    [`Unexpected token 'j', "{"name": jane}" is not valid JSON`, `Unexpected token 'j', "…"`],
    ['one\ntwo\u001b[2J\u2028three\u202e', 'one two [2J three'],
    ['x'.repeat(3_000), `${'x'.repeat(500)}…`],
  ])('%j is shown as %j', (text, shown) => {
    expect(cleaned(text)).toBe(shown);
  });
});

describe('an error', () => {
  it('is shown with its type, code, message, places and causes, and nothing else of it', () => {
    const row = { detail: 'Failing row contains (canary)', where: 'canary', query: 'canary' };
    const cause = Object.assign(new Error('for jane@example.com'), row, { code: '23514' });
    const facts = errorFacts(Object.assign(new TypeError('It failed.', { cause }), row));
    expect(facts).toEqual({
      type: 'TypeError',
      message: 'It failed.',
      stack: expect.stringMatching(/^at .*log-clean\.test\.ts:\d+/),
      cause: { type: 'Error', code: '23514', message: 'for (e-mail)', stack: expect.any(String) },
    });
    expect(JSON.stringify(facts)).not.toContain('canary');
  });

  it('whose message looks like a part of its stack is shown without that', () => {
    const { stack } = errorFacts(new Error('x\n    at canary (canary:1:1)'));
    expect(stack).not.toContain('canary');
  });

  it('with itself as its cause is shown', () => {
    const error = new Error('round');
    error.cause = error;
    expect(JSON.stringify(errorFacts(error)).length).toBeLessThan(16_000);
  });

  it.each([[undefined], [null], ['a text'], [{ secret: 'canary' }]])('%j is shown', (thrown) => {
    expect(JSON.stringify(errorFacts(thrown))).not.toContain('canary');
  });
});
