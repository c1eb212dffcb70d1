/** The messages of a Tollgate that does not start. */

import { expect } from 'vitest';
import { open } from '../../../src/commands/open.js';
import { explanationOf } from '../../../src/commands/run.js';
import { loadServerConfig } from '../../../src/config.js';
import { connect } from '../database/connections.js';

/** The messages of a start with these settings up to the open database; none if it succeeds. */
export async function refusalsOf(
  environment: Readonly<Record<string, string>>,
  args: readonly string[] = [],
): Promise<readonly string[]> {
  const loaded = loadServerConfig(args, { DATABASE_WAIT_MS: '0', ...environment });
  if ('usage' in loaded) return [];
  if (!loaded.ok) return loaded.problems;
  const said: string[] = [];
  try {
    const opened = await open(loaded.config, {
      migrates: true,
      say: (message) => said.push(message),
      warn: () => undefined,
      onIdleError: () => undefined,
      onFatal: () => undefined,
    });
    await opened.store.ping();
    await opened.close();
    return said;
  } catch (error) {
    return [...said, explanationOf(error) ?? `unexplained: ${error}`];
  }
}

/** The password of every role, which must not be shown. */
export const SECRET = 'hunter2';

/** The only message of a start that fails. */
export async function messageOf(environment: Readonly<Record<string, string>>): Promise<string> {
  const [message = 'it started', ...more] = await refusalsOf(environment);
  expect(more).toEqual([]);
  expect(message).not.toContain(SECRET);
  expect(message).not.toContain('\n');
  expect(message).not.toMatch(/^unexplained/);
  return message;
}

export async function run(url: string, ...statements: readonly string[]): Promise<void> {
  const client = await connect(url);
  try {
    for (const statement of statements) await client.query(statement);
  } finally {
    await client.end();
  }
}
