/** What PgBouncer says about itself, told from what it passes on. */
import { expect, it } from 'vitest';
import { failureOf, mayAnswerLater } from '../../src/store/failure.js';

const said = (message: string) =>
  Object.assign(new Error(message), { severity: 'FATAL', code: '08P01' });

it.each([
  'query_wait_timeout',
  'server login has been failing, cached error: connect failed (server_login_retry)',
  'pgbouncer cannot connect to server',
])('%s: nothing was sent, and it may find a server later', (message) => {
  expect(failureOf(said(message))).toBe('UNREACHABLE');
  const byPrisma = new Error(`Raw query failed. Code: \`08P01\`. Message: \`${message}\``);
  const meta = { driverAdapterError: { cause: { originalCode: '08P01' } } };
  expect(failureOf(Object.assign(byPrisma, { meta }))).toBe('UNREACHABLE');
  expect(mayAnswerLater(said(message))).toBe(true);
});

it.each(['server conn crashed?', 'client_idle_timeout', 'invalid message format'])(
  '%s: the outcome is unknown',
  (message) => {
    expect(failureOf(said(message))).toBe('CONNECTION_LOST');
    expect(mayAnswerLater(said(message))).toBe(false);
  },
);
