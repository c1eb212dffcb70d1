/** The log shows no secret, whatever is logged by mistake. */
import { afterEach, expect, it, vi } from 'vitest';
import { createLogger } from '../../src/platform/logger.js';

afterEach(() => {
  vi.restoreAllMocks();
});

const SECRET = 'tg_sk_hunter2';

it.each<[string, object]>([
  ['a header', { authorization: `Bearer ${SECRET}` }],
  ['headers', { headers: { authorization: SECRET, cookie: SECRET } }],
  ['a request', { request: { headers: { authorization: SECRET, cookie: SECRET } } }],
  ['a key', { secret: SECRET }],
  ['a password', { password: SECRET }],
  ['an address', { connectionString: `postgresql://me:${SECRET}@db/usage` }],
])('%s is not shown', (_what, facts) => {
  let written = '';
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    written += text;
    return true;
  });
  createLogger({ level: 'info', readable: true }).warn(facts, 'said');
  expect(written).toMatch(/^\d\d:\d\d:\d\d warn {2}said .*\[secret\]/);
  expect(written).not.toContain(SECRET);
});
