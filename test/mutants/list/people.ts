import type { Mutant } from '../mutant.js';

/** What is kept of people: customers and their entities, changed and erased. */
export const PEOPLE: readonly Mutant[] = [
  {
    guarantee: 'a deleted entity is not changed',
    file: 'src/store/entities.ts',
    find: 'AND deleted_at IS NULL AND EXISTS',
    replace: 'AND EXISTS',
    tests: ['graphql/nouns.test.ts'],
  },
  {
    guarantee: 'what is not given of an entity stays',
    file: 'src/store/entities.ts',
    find: '...(name === undefined ? [] : [Prisma.sql`name = ${name}`]),',
    replace: 'Prisma.sql`name = ${name ?? null}`,',
    tests: ['graphql/nouns.test.ts'],
  },
  {
    guarantee: 'a deleted customer is found by no write',
    file: 'src/store/load.ts',
    find: 'AND c.deleted_at IS NULL OFFSET 0',
    replace: 'OFFSET 0',
    tests: ['graphql/delete-customer.test.ts'],
  },
  {
    guarantee: 'a deletion is decided on what is stored',
    file: 'src/meter/delete-customer.ts',
    find: 'if (!customerKeys.has(customerKey)) throw new StaleDeletionError();',
    replace: '',
    tests: ['graphql/delete-customer-two-gateways.test.ts'],
  },
  {
    guarantee: 'of two deletions at once, both are done',
    file: 'src/meter/delete-customer.ts',
    find: '// Another call may have been first.\n    erased = await erase();',
    replace: 'return refuse(notFound("CUSTOMER_NOT_FOUND", customerId));',
    tests: ['graphql/delete-customer.test.ts'],
  },
  {
    guarantee: 'what one call erases is limited',
    file: 'src/meter/delete-customer.ts',
    find: '!erased.complete && parts < ERASED_PARTS_MAX',
    replace: '!erased.complete',
    tests: ['graphql/delete-customer.test.ts'],
  },
  {
    guarantee: 'an erasure goes on after the last page',
    file: 'src/store/erasure.ts',
    find: 'return { ...progress, after: last };',
    replace: "return { salt, stage: 'events', after: '' };",
    tests: ['graphql/delete-customer.test.ts'],
  },
  {
    guarantee: 'idempotency keys of events are erased',
    file: 'src/store/erasure.ts',
    find: 'properties = NULL, idempotency_key = NULL,',
    replace: 'properties = NULL,',
    tests: ['graphql/delete-customer.test.ts'],
  },
  {
    guarantee: 'only properties of events that are old enough are erased',
    file: 'src/store/prune-properties.ts',
    find: ' AND id < $3::uuid',
    replace: ' AND $3::uuid IS NOT NULL',
    tests: ['store/prune-properties.test.ts'],
  },
  {
    guarantee: 'properties of events are erased daily if that is set',
    file: 'src/commands/serve.ts',
    find: 'primary === null ? config.eventPropertiesDays : null',
    replace: 'null',
    tests: ['store/prune-properties.test.ts'],
  },
  {
    guarantee: 'tokens of a deleted customer stop working',
    file: 'src/store/token-secrets.ts',
    find: 'return deleted.length > 0;',
    replace: 'return false;',
    tests: ['graphql/delete-customer.test.ts'],
  },
];
