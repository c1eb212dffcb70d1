import { availableParallelism } from 'node:os';
import { z } from 'zod';
import { WORKERS_MAX } from './arguments.js';
import { about, listenHost, whole } from './setting.js';

/** Where requests arrive. */
export interface ListenConfig {
  readonly host: string;
  readonly port: number;
  /** How long a connection may be idle. */
  readonly keepAliveMs: number;
  /** Processes that share the port. */
  readonly workers: number;
}

export const listenSettings = {
  HOST: listenHost('The address to listen on. `0.0.0.0` accepts connections from other machines.'),
  PORT: whole({
    default: 4000,
    min: 0,
    max: 65_535,
    meaning: 'The port to listen on; 0 for any free port.',
  }),
  KEEP_ALIVE_MS: whole({
    default: 620_000,
    min: 1_000,
    max: 86_400_000,
    meaning:
      'How long a connection may be idle before the gateway closes it. Longer than a load balancer in front of ' +
      'it keeps one, because a call that is sent just as the gateway closes its connection fails.',
  }),
  WORKERS: z
    .string()
    .regex(/^(auto|\d{1,15})$/)
    .transform((value) =>
      value === 'auto' ? Math.min(availableParallelism(), WORKERS_MAX) : Number(value),
    )
    .refine((value) => value >= 1 && value <= WORKERS_MAX)
    .prefault('1')
    .register(about, {
      default: '1',
      allowed: `1 to ${WORKERS_MAX}, or \`auto\``,
      meaning:
        'Processes that share the port; `auto` for one per core. More than one needs ' +
        '`DATABASE_URL`. `--workers N` on the command line wins.',
    }),
};

export function listenConfigOf(environment: {
  readonly HOST: string;
  readonly PORT: number;
  readonly KEEP_ALIVE_MS: number;
  readonly WORKERS: number;
}): ListenConfig {
  return {
    host: environment.HOST,
    port: environment.PORT,
    keepAliveMs: environment.KEEP_ALIVE_MS,
    workers: environment.WORKERS,
  };
}
