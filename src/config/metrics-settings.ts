import { z } from 'zod';
import { about, listenHost } from './setting.js';

export interface MetricsConfig {
  /** Where metrics are served; null if they are not. */
  readonly metrics: MetricsListenConfig | null;
  /** The names of operations that are counted by themselves although their documents are not trusted. */
  readonly metricsOperations: readonly string[];
}

export interface MetricsListenConfig {
  readonly host: string;
  readonly port: number;
  /** What a scrape has to send; null for nothing. */
  readonly token: string | null;
}

/** Each is a few time series, for each result that it has. */
const OPERATIONS_MAX = 50;

const NAMES = /^[_A-Za-z]\w{0,99}(\s*,\s*[_A-Za-z]\w{0,99})*$/;

export const metricsSettings = {
  METRICS_PORT: z
    .string()
    .regex(/^\d{1,5}$/)
    .transform(Number)
    .refine((port) => port <= 65_535)
    .optional()
    .register(about, {
      default: '',
      allowed: '0 to 65535',
      meaning:
        'The port of `/metrics`, for Prometheus; 0 for any free port. By default, there are no metrics.',
    }),
  METRICS_HOST: listenHost(
    'The address on which `METRICS_PORT` listens. `0.0.0.0` accepts scrapes from other machines.',
  ),
  METRICS_TOKEN: z
    .string()
    .regex(/^[!-~]{16,256}$/)
    .optional()
    .register(about, {
      default: '',
      allowed: '16 to 256 printable ASCII characters without spaces',
      meaning:
        'What a scrape must send as `Authorization: Bearer ...`. By default, everything that reaches `METRICS_PORT` may scrape.',
      isSecret: true,
    }),
  METRICS_OPERATIONS: z
    .string()
    .regex(NAMES)
    .transform((text) => [...new Set(text.split(',').map((name) => name.trim()))])
    .refine((names) => names.length <= OPERATIONS_MAX)
    .optional()
    .register(about, {
      default: '',
      allowed: `up to ${OPERATIONS_MAX} names of operations, separated by commas`,
      meaning:
        'The operations that metrics count by name although their documents are not trusted. Those of ' +
        '`TRUSTED_DOCUMENTS_FILE` are in any case, up to 100 names in all; the others are counted together.',
    }),
};

interface Environment {
  readonly METRICS_PORT?: number | undefined;
  readonly METRICS_HOST: string;
  readonly METRICS_TOKEN?: string | undefined;
  readonly METRICS_OPERATIONS?: readonly string[] | undefined;
}

export function metricsConfigOf(environment: Environment): MetricsConfig {
  const { METRICS_PORT: port, METRICS_HOST: host, METRICS_TOKEN: token } = environment;
  return {
    metrics: port === undefined ? null : { host, port, token: token ?? null },
    metricsOperations: environment.METRICS_OPERATIONS ?? [],
  };
}
