import type { Mutant } from '../mutant.js';

/** What is kept of people: customers and their entities, changed and erased. */
export const PEOPLE: readonly Mutant[] = [
  {
    guarantee: 'a deleted entity is not changed',
    file: 'src/store/entities.ts',
    find: 'AND deleted_at IS NULL\n          RETURNING',
    replace: 'RETURNING',
    tests: ['graphql/nouns.test.ts'],
  },
  {
    guarantee: 'what is not given of an entity stays',
    file: 'src/store/entities.ts',
    find: '...(name === undefined ? [] : [Prisma.sql`name = ${name}`]),',
    replace: 'Prisma.sql`name = ${name ?? null}`,',
    tests: ['graphql/nouns.test.ts'],
  },
];
