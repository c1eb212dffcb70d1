import { z } from 'zod';
import { about } from './setting.js';

const ORIGINS_MAX = 100;

/** `*`, or origins as browsers send them: a scheme, a host, and a port unless it is the default. */
function originsOf(text: string): readonly string[] | null {
  const origins = text.split(',').map((origin) => origin.trim());
  if (origins.length === 1 && origins[0] === '*') return ['*'];
  return origins.length <= ORIGINS_MAX && origins.every(isOrigin) ? origins : null;
}

function isOrigin(text: string): boolean {
  return URL.canParse(text) && /^https?:/.test(text) && new URL(text).origin === text;
}

/** The settings for browsers. */
export const browserSettings = {
  GRAPHIQL: z
    .enum(['on', 'off'])
    .optional()
    .register(about, {
      default: '',
      allowed: '`on` or `off`',
      meaning:
        'Whether GraphiQL is served. By default, only with the embedded database, and not if ' +
        '`TRUSTED_DOCUMENTS` is `enforce`.',
    }),
  CORS_ORIGINS: z
    .string()
    .transform((text, context) => {
      const origins = originsOf(text);
      if (origins !== null) return origins;
      context.issues.push({ code: 'custom', input: text, message: 'must be origins' });
      return z.NEVER;
    })
    .optional()
    .register(about, {
      default: '',
      allowed: '`*`, or origins such as `https://app.example.com`, separated by commas',
      meaning:
        'The origins whose pages may call `/graphql` from a browser (CORS). Without it, only the ' +
        'gateway itself.',
    }),
};
