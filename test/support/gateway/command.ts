/** Runs a command of Tollgate in a separate process. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { settings } from '../../../src/config.js';
import { compiledFile } from '../compiled/compiled-file.js';

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

/** Nothing waits for a load balancer to notice, unless the test says so. */
const AT_ONCE = { DRAIN_DELAY_MS: '0' };

/** `file` is relative to src. The command gets no settings from the environment of the tests. */
export function startCommand(
  file: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
  input: Input = { text: '', ends: true },
): Running {
  const names = new Set(settings().map(({ name }) => name));
  const kept = Object.entries(process.env).filter(([name]) => !names.has(name));
  const child = spawn(process.execPath, [compiledFile(`src/${file}`), ...args], {
    env: { ...Object.fromEntries(kept), ...AT_ONCE, ...environment },
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

export function runCommand(
  file: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
  input?: Input,
): Promise<Ended> {
  return startCommand(file, args, environment, input).ended;
}
