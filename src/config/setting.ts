import { z } from 'zod';

/** What people are told of a setting: docs/configuration.md lists all, and a test compares. */
export interface About {
  readonly default: string;
  readonly allowed: string;
  readonly meaning: string;
}

/** What is told of each setting, by its schema. */
export const about = z.registry<About>();

export function aboutOf(schema: z.core.$ZodType): About {
  return about.get(schema) ?? { default: '', allowed: '', meaning: '' };
}

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
