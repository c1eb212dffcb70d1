import { Prisma } from '../generated/prisma/client.js';
import type { TokenSecretRotation, TokenSecrets } from '../meter/access/token-secrets.js';
import type { StoreContext } from './context.js';
import { CUSTOMERS, isCustomer } from './customer-row.js';

export function tokenSecrets({
  prisma,
  read,
  write,
  transaction,
}: StoreContext): Omit<TokenSecrets, 'isDeleted'> {
  return {
    replace: (projectId, secret, overlapMs) =>
      write(async () => {
        // What is on the right is as it was before.
        const [row] = await prisma.$queryRaw<{ formerUntil: Date | null }[]>`
          UPDATE projects SET token_secret = ${secret}, former_token_secret = token_secret,
            former_token_secret_until = CASE WHEN token_secret IS NOT NULL
              THEN clock_timestamp() + ${overlapMs}::float8 * interval '1 millisecond' END
          WHERE id = ${projectId}::uuid
          RETURNING former_token_secret_until AS "formerUntil"`;
        return { formerUntil: row?.formerUntil?.getTime() ?? null };
      }),
    rotate: (projectId, secret, rotation) =>
      transaction(async (tx) => {
        // Of two at once, the second waits, and then finds what the first has done.
        const [now] = await tx.$queryRaw<{ inOverlapUntil: Date | null }[]>`
          SELECT CASE WHEN former_token_secret_until > clock_timestamp()
            THEN former_token_secret_until END AS "inOverlapUntil"
          FROM projects WHERE id = ${projectId}::uuid FOR NO KEY UPDATE`;
        if (now === undefined) return 'NO_PROJECT';
        const { overlapMs, discardPresent } = rotation;
        const inOverlapUntil = now.inOverlapUntil?.getTime() ?? null;
        if (inOverlapUntil !== null && overlapMs > 0 && !discardPresent) return { inOverlapUntil };
        const [row] = await tx.$queryRaw<{ formerUntil: Date | null }[]>`
          UPDATE projects SET token_secret = ${secret}, ${formerAfter(rotation, inOverlapUntil !== null)}
          WHERE id = ${projectId}::uuid
          RETURNING former_token_secret_until AS "formerUntil"`;
        return { formerUntil: row?.formerUntil?.getTime() ?? null };
      }),
    valid: (projectId) =>
      read(async () => {
        const [row] = await prisma.$queryRaw<{ secrets: string[] }[]>`
          SELECT array_remove(ARRAY[token_secret, CASE WHEN former_token_secret_until > clock_timestamp()
            THEN former_token_secret END], NULL) AS secrets
          FROM projects WHERE id = ${projectId}::uuid`;
        return row?.secrets ?? [];
      }),
  };
}

/** Of the customers of a place. */
export function deletions({ prisma, place, read }: StoreContext): Pick<TokenSecrets, 'isDeleted'> {
  return {
    isDeleted: (scope) =>
      read(async () => {
        const deleted = await prisma.$queryRaw<unknown[]>`SELECT 1 FROM ${CUSTOMERS.raw(place)}
          WHERE ${isCustomer(scope)} AND deleted_at IS NOT NULL`;
        return deleted.length > 0;
      }),
  };
}

/** What becomes of the former secret, as it was and as it is now. */
function formerAfter({ overlapMs, discardPresent }: TokenSecretRotation, isInOverlap: boolean) {
  const until = Prisma.sql`clock_timestamp() + ${overlapMs}::float8 * interval '1 millisecond'`;
  if (!discardPresent) {
    return Prisma.sql`former_token_secret = token_secret,
      former_token_secret_until = CASE WHEN token_secret IS NOT NULL THEN ${until} END`;
  }
  return isInOverlap
    ? Prisma.sql`former_token_secret_until = ${until}`
    : Prisma.sql`former_token_secret = NULL, former_token_secret_until = NULL`;
}
