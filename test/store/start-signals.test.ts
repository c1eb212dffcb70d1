/** A start that is told to end before it serves. */
import { expect, it } from 'vitest';
import { startCommand } from '../support/gateway/command.js';

it.each([
  ['SIGTERM', 143],
  ['SIGINT', 130],
] as const)('start that waits for a database is ended by %s', async (signal, code) => {
  const environment = { DATABASE_URL: 'postgresql://me@127.0.0.1:1/usage' };
  const starting = startCommand('main.ts', [], environment);
  await starting.complains('cannot be reached');
  starting.signal(signal);
  // An exit code, not a death by the signal: that a first process of a container would survive.
  await expect(starting.ended).resolves.toMatchObject({ code, stdout: '' });
});
