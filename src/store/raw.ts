import { present } from '../domain/assert.js';
import type { Place, Placed } from './placed.js';

/** The part of a Prisma client, or of its transaction, that runs SQL unchanged. */
export interface RawPrisma {
  $queryRawUnsafe<T = unknown>(query: string, ...values: unknown[]): Promise<T>;
}

type Value = string | number | null;

/** Runs statements in one place, where their texts are constant, so that each is prepared once per connection. */
export interface RawClient {
  rows<Row>(sql: Placed, ...values: readonly Value[]): Promise<readonly Row[]>;
  row<Row>(sql: Placed, ...values: readonly Value[]): Promise<Row>;
}

/** "Unsafe" is Prisma's name for a text that is not a template; ours are constants and contain no values. */
export function rawClient(prisma: RawPrisma, place: Place): RawClient {
  const rows = <Row>(sql: Placed, ...values: readonly Value[]) =>
    prisma.$queryRawUnsafe<readonly Row[]>(sql.in(place), ...values);
  return {
    rows,
    row: async <Row>(sql: Placed, ...values: readonly Value[]) =>
      present((await rows<Row>(sql, ...values))[0], 'the statement gives one row'),
  };
}
