/** What signals do to a gateway: a deployment sends SIGTERM, a person presses Ctrl-C. */
import { expect, it } from 'vitest';
import { type Running, startCommand } from '../support/gateway/command.js';

const LONG_MS = 600_000;

async function closing(delayMs: number, special = ''): Promise<Running> {
  const file = '../test/support/gateway/closing.ts';
  const running = startCommand(file, [String(delayMs), special], {});
  await running.says('open');
  return running;
}

/** Again and again, because signals within a second of each other count as one. */
async function signalUntil(
  running: Running,
  name: NodeJS.Signals,
  done: Promise<unknown>,
): Promise<void> {
  const timer = setInterval(() => running.signal(name), 100);
  await done;
  clearInterval(timer);
}

it('SIGTERM is announced, and the process closes when the delay is over, in spite of an echo', async () => {
  const running = await closing(700);
  running.signal('SIGTERM');
  await running.says('announced');
  // As from npm: what comes within a second is the same request.
  running.signal('SIGTERM');
  const { code, stdout } = await running.ended;
  const [, ms] = /^open\nannounced\nclosing after (\d+) ms\n$/.exec(stdout) ?? [];
  // Timers of Node may be early by the fraction of a millisecond.
  expect(Number(ms)).toBeGreaterThanOrEqual(699);
  expect(code).toBe(0);
});

it.each([
  ['Ctrl-C', 'SIGINT', LONG_MS, ''],
  ['SIGTERM without a delay', 'SIGTERM', 0, ''],
] as const)(
  '%s is not announced, and the process closes at once',
  async (_what, signal, delayMs, special) => {
    const running = await closing(delayMs, special);
    running.signal(signal);
    expect(await running.ended).toMatchObject({ code: 0, stdout: 'open\nclosing after NaN ms\n' });
  },
);

it('there is no delay if announcing the end is pointless', async () => {
  const running = await closing(LONG_MS, 'POINTLESS');
  running.signal('SIGTERM');
  expect(await running.ended).toMatchObject({ code: 0 });
});

it.each(['SIGTERM', 'SIGINT'] as const)('a second signal, %s, ends the delay', async (name) => {
  const running = await closing(LONG_MS);
  running.signal('SIGTERM');
  await running.says('announced');
  await signalUntil(running, name, running.says('closing after'));
  expect(await running.ended).toMatchObject({ code: 0 });
});

it('a third signal ends the process at once', async () => {
  const running = await closing(LONG_MS, 'HANGS');
  running.signal('SIGTERM');
  await running.says('announced');
  await signalUntil(running, 'SIGTERM', running.says('closing after'));
  await signalUntil(running, 'SIGTERM', running.ended);
  expect(await running.ended).toMatchObject({ code: 1 });
});

it('an uncaught error ends the delay, with code 1', async () => {
  const running = await closing(LONG_MS, 'FAILS');
  running.signal('SIGTERM');
  const { code, stdout } = await running.ended;
  expect(stdout).toMatch(/^open\nannounced\nclosing after \d+ ms\n$/);
  expect(code).toBe(1);
});
