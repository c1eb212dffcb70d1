import { z } from 'zod';

/** The documentation of a setting: docs/configuration.md lists all, and a test compares. */
export interface About {
  readonly default: string;
  readonly allowed: string;
  readonly meaning: string;
  /** Whether messages must not show its value. */
  readonly isSecret?: true;
}

/** The documentation of each setting, by its schema. */
export const about = z.registry<About>();

export function aboutOf(schema: z.core.$ZodType): About {
  return about.get(schema) ?? { default: '', allowed: '', meaning: '' };
}

/** The values of a setting that has few, as its documentation lists them. */
export function oneOf(values: readonly string[]): string {
  return EITHER.format(values.map((value) => `\`${value}\``));
}

const EITHER = new Intl.ListFormat('en', { type: 'disjunction' });

interface Whole {
  readonly default: number;
  readonly min: number;
  readonly max: number;
  readonly meaning: string;
}

/** A setting that is a whole number. */
export function whole({ default: usual, min, max, meaning }: Whole) {
  return z
    .string()
    .regex(/^\d{1,15}$/)
    .transform(Number)
    .refine((value) => value >= min && value <= max)
    .prefault(String(usual))
    .register(about, { default: String(usual), allowed: `${min} to ${max}`, meaning });
}

/** A setting that is what a server listens on: this machine alone, unless it is set. */
export function listenHost(meaning: string) {
  const usual = '127.0.0.1';
  return z
    .string()
    .regex(/^[A-Za-z0-9.:_-]{1,253}$/)
    .prefault(usual)
    .register(about, { default: usual, allowed: 'a host name or an IP address', meaning });
}

const SHOWN_CHARS_MAX = 200;

/** An address or a key may have been put into the wrong setting. */
const MAY_BE_SECRET = /[@]|:\/\/|tg_sk_/;

/** A web address with nothing but a host, which is none. */
const ORIGIN = /\bhttps?:\/\/[\w.:[\]-]+\/?(?=[\s,]|$)/g;

/** A value as messages show it: on one line, not too long, and without secrets. */
export function shown(value: string): string {
  if (MAY_BE_SECRET.test(value.replaceAll(ORIGIN, '')))
    return 'a value that is not shown because it may contain a secret';
  const start = value.slice(0, SHOWN_CHARS_MAX);
  return start.length < value.length ? `${JSON.stringify(start)}...` : JSON.stringify(value);
}
