/** Runs a command of Tollgate in a separate process. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { settings } from '../../../src/config.js';
import { compiledFile } from '../compiled/compiled-file.js';
import { serverSettings } from '../database/servers.js';
import { runWarm } from './warm-command.js';

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Running {
  /** Resolves with all of stdout once it contains the text; rejects if the process ends before. */
  says(text: string): Promise<string>;
  /** The same for stderr. */
  complains(text: string): Promise<string>;
  signal(name: NodeJS.Signals): void;
  readonly ended: Promise<Ended>;
}

/** What a command reads from standard input, and whether that ends; nothing by default. */
export interface Input {
  readonly text: string;
  readonly ends: boolean;
}

const NO_INPUT: Input = { text: '', ends: true };

/** Nothing waits for a load balancer to notice, unless the test says so. */
const AT_ONCE = { DRAIN_DELAY_MS: '0' };

/** `file` is relative to src. The command gets no settings from the environment of the tests. */
export function startCommand(
  file: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
  input: Input = NO_INPUT,
): Running {
  const child = spawn(process.execPath, [compiledFile(`src/${file}`), ...args], {
    env: environmentOf(environment),
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  // A command that has ended does not read it.
  child.stdin.on('error', () => undefined).write(input.text);
  if (input.ends) child.stdin.end();
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const holds = (stream: Readable, output: () => string, text: string) =>
    new Promise<string>((resolve, reject) => {
      const look = () => {
        if (output().includes(text)) resolve(output());
      };
      look();
      stream.on('data', look);
      void ended.then(() => reject(new Error(`it ended without saying so: ${stdout}${stderr}`)));
    });
  const ended = once(child, 'close').then(([code]: (number | null)[]) => ({
    code: code ?? null,
    stdout,
    stderr,
  }));
  return {
    says: (text) => holds(child.stdout, () => stdout, text),
    complains: (text) => holds(child.stderr, () => stderr, text),
    signal: (name) => {
      child.kill(name);
    },
    ended,
  };
}

/** The settings of the tests are none of the command's. */
function environmentOf(environment: Readonly<Record<string, string>>): Record<string, string> {
  const names = new Set(settings().map(({ name }) => name));
  const kept = Object.entries(process.env).flatMap(([name, value]) =>
    names.has(name) || value === undefined ? [] : [[name, value] as const],
  );
  return {
    ...Object.fromEntries(kept),
    ...AT_ONCE,
    ...serverSettings(environment['DATABASE_URL']),
    ...environment,
  };
}

/**
 * What a command does, says and ends with. Several run one after the other in one process, which saves most of their time:
 * what shows only in a process of its own, such as two at once or that it ends, is for `startCommand`.
 */
export async function runCommand(
  file: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
  input: Input = NO_INPUT,
): Promise<Ended> {
  if (!input.ends || !file.startsWith('commands/') || file === 'commands/start.ts') {
    return startCommand(file, args, environment, input).ended;
  }
  const env = environmentOf(environment);
  return runWarm({ path: compiledFile(`src/${file}`), args, env, input: input.text });
}
