/** What somebody is told whose Tollgate does not start. */

import { expect } from 'vitest';
import { open } from '../../../src/commands/open.js';
import { explanationOf } from '../../../src/commands/run.js';
import { loadServerConfig } from '../../../src/config.js';
import { connect } from '../database/connections.js';

/** A start as far as the open database, with these settings; nothing where it succeeds. */
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
      say: (sentence) => said.push(sentence),
      warn: () => undefined,
      onIdleError: () => undefined,
      onFatal: () => undefined,
    });
    await opened.store.ping();
    await opened.close();
    return said;
  } catch (error) {
    return [...said, explanationOf(error) ?? `a riddle: ${error}`];
  }
}

/** Of every role: it must not be told to anybody. */
export const SECRET = 'hunter2';

/** The one line that is told instead of a start. */
export async function sentenceOf(environment: Readonly<Record<string, string>>): Promise<string> {
  const [sentence = 'it started', ...more] = await refusalsOf(environment);
  expect(more).toEqual([]);
  expect(sentence).not.toContain(SECRET);
  expect(sentence).not.toContain('\n');
  expect(sentence).not.toMatch(/^a riddle/);
  return sentence;
}

export async function run(url: string, ...statements: readonly string[]): Promise<void> {
  const client = await connect(url);
  try {
    for (const statement of statements) await client.query(statement);
  } finally {
    await client.end();
  }
}
