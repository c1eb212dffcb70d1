import type { Config } from '../config.js';
import { type Listener, type ListenOptions, listen } from '../http/listener.js';
import { CommandError } from './run.js';

/** Listens where the settings say, or reports in a sentence why it cannot. */
export async function listenOrSay(
  handle: ListenOptions['handle'],
  config: Config,
): Promise<Listener> {
  const { host, port, shutdownGraceMs } = config;
  try {
    // Half of the time to send clients elsewhere, half to answer what they have sent meanwhile.
    const halfMs = shutdownGraceMs / 2;
    return await listen({ handle, host, port, announceMs: halfMs, drainTimeoutMs: halfMs });
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    const sentence = SENTENCES.get(code)?.(host, port);
    if (sentence !== undefined) throw new CommandError(sentence, { cause: error });
    if (!(error instanceof Error) || code === undefined) throw error;
    throw new CommandError(
      `Tollgate cannot listen on HOST ${host} and PORT ${port}: ${error.message}. Choose others.`,
      { cause: error },
    );
  }
}

const SENTENCES = new Map<unknown, (host: string, port: number) => string>([
  [
    'EADDRINUSE',
    (host, port) =>
      `Port ${port} of ${host} is in use by another program. Stop it, or choose another PORT.`,
  ],
  ['EACCES', (_host, port) => `This user may not use port ${port}. Choose a PORT above 1023.`],
  ['EADDRNOTAVAIL', (host) => `HOST is ${host}, which is not an address of this machine.`],
  ['ENOTFOUND', (host) => `HOST is ${host}, which cannot be resolved.`],
]);
