import { z } from 'zod';
import { PLACES_MAX } from '../domain/place.js';
import { isDatabaseUrl } from './database-url.js';
import { about } from './setting.js';

const ALLOWED_PLACES = Array.from({ length: Math.log2(PLACES_MAX) + 1 }, (_, n) => String(2 ** n));

/** Where events and balances are kept. */
export const databaseSettings = {
  DATABASE_URL: z.string().refine(isDatabaseUrl).optional().register(about, {
    default: '',
    allowed: '`postgresql://user:password@host:5432/database`, in the schema `public`',
    meaning: 'The PostgreSQL to use, 15 or later. Without it, an embedded one in `DATA_DIR`.',
  }),
  DATA_DIR: z.string().prefault('./data').register(about, {
    default: './data',
    allowed: 'a folder',
    meaning: 'Where the embedded database keeps its files.',
  }),
  PLACES: z
    .string()
    .prefault('1')
    .refine((text) => ALLOWED_PLACES.includes(text))
    .transform(Number)
    .register(about, {
      default: '1',
      allowed: `${ALLOWED_PLACES.slice(0, -1).join(', ')} or ${PLACES_MAX}`,
      meaning:
        'How many places customers are divided into, so that they can be spread over several servers one day. It is decided ' +
        'when the database is new, and the same for every gateway and command.',
    }),
};
