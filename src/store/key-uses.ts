import type { KeyUses } from '../meter/access/key-use.js';
import type { StoreContext } from './context.js';

/**
 * To the minute, so of several gateways that serve a key, one writes its row in a minute. A row that another session has
 * locked is left alone: that is another gateway, or the key is just being changed, and its next use is recorded again.
 */
export function keyUses({ prisma, write }: StoreContext): KeyUses {
  return {
    record: (uses) =>
      write(async () => {
        const ids = uses.map(({ keyId }) => keyId);
        const ages = uses.map(({ agoMs }) => agoMs);
        await prisma.$executeRaw`UPDATE api_keys AS k SET last_used_at = used.at
          FROM (
            SELECT api_keys.id, u.at FROM (
              SELECT id, date_trunc('minute', clock_timestamp() - ago * interval '1 millisecond', 'UTC') AS at
              FROM unnest(${ids}::uuid[], ${ages}::float8[]) AS u(id, ago)
            ) AS u JOIN api_keys ON api_keys.id = u.id
            WHERE api_keys.last_used_at IS NULL OR api_keys.last_used_at < u.at
            ORDER BY api_keys.id FOR NO KEY UPDATE OF api_keys SKIP LOCKED
          ) AS used
          WHERE k.id = used.id`;
      }),
  };
}
