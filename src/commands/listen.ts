import type { Config } from '../config.js';
import { CONNECTION_LIMITS, type Listener, type ListenOptions, listen } from '../http/listener.js';
import { CommandError } from './run.js';

/** Listens where the settings say, or reports in a sentence why it cannot. */
export function listenOrSay(handle: ListenOptions['handle'], config: Config): Promise<Listener> {
  const { host, port, keepAliveMs: keepAliveTimeout, shutdownGraceMs } = config;
  // Half of the time to send clients elsewhere, half to answer what they have sent meanwhile.
  const halfMs = shutdownGraceMs / 2;
  return listenOn(
    {
      handle,
      host,
      port,
      announceMs: halfMs,
      drainTimeoutMs: halfMs,
      limits: { ...CONNECTION_LIMITS, keepAliveTimeout },
    },
    { host: 'HOST', port: 'PORT' },
  );
}

/** The settings that have the host and the port. */
export interface SettingNames {
  readonly host: string;
  readonly port: string;
}

export async function listenOn(options: ListenOptions, names: SettingNames): Promise<Listener> {
  const { host, port } = options;
  try {
    return await listen(options);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    const sentence = SENTENCES.get(code)?.({ host, port, names });
    if (sentence !== undefined) throw new CommandError(sentence, { cause: error });
    if (!(error instanceof Error) || code === undefined) throw error;
    throw new CommandError(
      `Tollgate cannot listen on ${names.host} ${host} and ${names.port} ${port}: ${error.message}. Choose others.`,
      { cause: error },
    );
  }
}

interface Place {
  readonly host: string;
  readonly port: number;
  readonly names: SettingNames;
}

const SENTENCES = new Map<unknown, (place: Place) => string>([
  [
    'EADDRINUSE',
    ({ host, port, names }) =>
      `Port ${port} of ${host} is in use by another program. Stop it, or choose another ${names.port}.`,
  ],
  [
    'EACCES',
    ({ port, names }) => `This user may not use port ${port}. Choose a ${names.port} above 1023.`,
  ],
  [
    'EADDRNOTAVAIL',
    ({ host, names }) => `${names.host} is ${host}, which is not an address of this machine.`,
  ],
  ['ENOTFOUND', ({ host, names }) => `${names.host} is ${host}, which cannot be resolved.`],
]);
