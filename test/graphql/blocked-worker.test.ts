/** A worker that stops responding is terminated and replaced. */
import { expect, it, vi } from 'vitest';
import { startCommand } from '../support/gateway/command.js';
import { gone, signal } from '../support/postgres/postgres-process.js';

const PATIENCE_MS = 60_000;

const pidsIn = (stdout: string) =>
  [...stdout.matchAll(/^serving (\d+)$/gm)].map(([, pid]) => Number(pid));

it('a worker that does not respond to its primary for five seconds is replaced', async () => {
  const supervised = startCommand('../test/support/gateway/supervised.ts', [], {});
  try {
    await vi.waitFor(async () => expect(pidsIn(await supervised.says('serving'))).toHaveLength(2), {
      timeout: PATIENCE_MS,
    });
    const [blocked = 0, other = 0] = pidsIn(await supervised.says('serving'));
    signal(blocked, 'SIGUSR2');
    await gone(blocked);
    await vi.waitFor(async () => expect(pidsIn(await supervised.says('serving'))).toHaveLength(3), {
      timeout: PATIENCE_MS,
    });
    // The other worker was idle all along and kept responding.
    expect(() => process.kill(other, 0)).not.toThrow();
  } finally {
    supervised.signal('SIGTERM');
    await supervised.ended;
  }
  const { stderr } = await supervised.ended;
  expect(stderr).toMatch(/"silentMs":5000,"msg":"A worker does not respond and is terminated\."/);
});
