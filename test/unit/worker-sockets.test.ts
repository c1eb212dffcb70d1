/** Workers send each other calls on sockets in a folder. Where there cannot be any, they start all the same. */
import { expect, it, onTestFinished, vi } from 'vitest';
import { sideBySide } from '../../src/commands/neighbours.js';
import { folderOfWorkers } from '../../src/commands/worker-folder.js';
import { createLogger } from '../../src/platform/logger.js';

const NOWHERE = '/nonexistent/tollgate';

function loggerWith(warn: (facts: object, message: string) => void) {
  return { ...createLogger({ level: 'silent', readable: false }), warn };
}

const told = { reason: expect.stringContaining('ENOENT') };
const MESSAGE = 'Workers cannot send each other calls: each decides its own.';

it('without a folder for temporary files', () => {
  vi.stubEnv('TMPDIR', NOWHERE);
  onTestFinished(() => void vi.unstubAllEnvs());
  const warn = vi.fn();
  expect(folderOfWorkers(loggerWith(warn) as never)).toBeNull();
  expect(warn.mock.calls).toEqual([[told, MESSAGE]]);
});

it('without a socket', async () => {
  const warn = vi.fn();
  const beside = sideBySide('1', `${NOWHERE}/1-2`, loggerWith(warn) as never);
  expect(await beside.listen({ take: () => undefined } as never)).toBeNull();
  await beside.close();
  expect(warn.mock.calls).toEqual([[{ reason: expect.any(String) }, MESSAGE]]);
});
