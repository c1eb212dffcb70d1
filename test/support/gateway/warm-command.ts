/** Runs a command in a process that has loaded the program for the ones before it. */
import { type ChildProcess, fork } from 'node:child_process';
import { compiledFile } from '../compiled/compiled-file.js';
import type { CommandAsked, CommandDone } from './command-host.js';

let host: ChildProcess | undefined;
/** Settles with the last one asked for. */
let last: Promise<unknown> = Promise.resolve();

/** Only for commands that end by themselves. They run one at a time, in the order in which they come. */
export function runWarm(asked: CommandAsked): Promise<CommandDone> {
  const done = last.then(() => answerOf(hostProcess(), asked));
  last = done.catch(() => undefined);
  return done;
}

function hostProcess(): ChildProcess {
  if (host !== undefined) return host;
  const started = fork(compiledFile('test/support/gateway/command-host.ts'));
  started.once('exit', () => {
    if (host === started) host = undefined;
  });
  // A test run must leave nothing behind, nor wait for it.
  process.once('exit', () => started.kill('SIGKILL'));
  started.unref();
  started.channel?.unref();
  host = started;
  return started;
}

function answerOf(child: ChildProcess, asked: CommandAsked): Promise<CommandDone> {
  return new Promise((resolve, reject) => {
    const onExit = (code: number | null) => {
      child.off('message', onMessage);
      reject(new Error(`the host of commands ended with ${code}`));
    };
    const onMessage = (done: CommandDone) => {
      child.off('exit', onExit);
      child.channel?.unref();
      resolve(done);
    };
    child.channel?.ref();
    child.once('exit', onExit).once('message', onMessage);
    child.send(asked);
  });
}
