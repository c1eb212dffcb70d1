/**
 * A process in which commands run one after the other, as often as a message asks for one. Most of what a command costs is
 * to load the program; here that is done once. Each sees its own arguments, environment, output and exit code.
 */
import { Readable } from 'node:stream';
import { pathToFileURL } from 'node:url';
import { inspect } from 'node:util';

export interface CommandAsked {
  /** The path of the compiled command. */
  readonly path: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** All of what it reads from standard input. */
  readonly input: string;
}

export interface CommandDone {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

class Exit extends Error {}

const own = { exit: process.exit, stdout: process.stdout.write, stderr: process.stderr.write };
let count = 0;

process.on('message', (asked: CommandAsked) => void run(asked));

async function run({ path, args, env, input }: CommandAsked): Promise<void> {
  const output = { stdout: '', stderr: '' };
  const collects = (name: 'stdout' | 'stderr') => (chunk: string | Uint8Array) => {
    output[name] += typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString();
    return true;
  };
  process.stdout.write = collects('stdout');
  process.stderr.write = collects('stderr');
  const stdin = Readable.from([Buffer.from(input)]);
  Object.defineProperty(process, 'stdin', { value: stdin, configurable: true });
  process.argv = [process.execPath, path, ...args];
  for (const name of Object.keys(process.env)) delete process.env[name];
  Object.assign(process.env, env);
  process.exitCode = undefined;
  const done = (code: number): CommandDone => ({ code, ...output });
  process.exit = (code) => {
    // What the command would have left to the end of its process cannot be undone: the next one gets another.
    const sent = done(Number(code ?? process.exitCode ?? 0));
    process.send?.(sent, () => own.exit(0));
    throw new Exit();
  };
  count += 1;
  let code = 1;
  try {
    await import(`${pathToFileURL(path).href}?run=${count}`);
    code = Number(process.exitCode ?? 0);
  } catch (error) {
    if (error instanceof Exit) return;
    output.stderr += inspect(error);
  }
  restore();
  process.send?.(done(code));
}

/** What belongs to the command's process. */
function restore(): void {
  process.stdout.write = own.stdout;
  process.stderr.write = own.stderr;
  process.exit = own.exit;
  process.exitCode = undefined;
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.removeAllListeners(signal);
}
