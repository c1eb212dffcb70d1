import { z } from 'zod';
import { isDatabaseUrl } from './database-url.js';
import { about } from './setting.js';

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
};
