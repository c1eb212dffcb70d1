/**
 * That a move into a database was begun: a record in it of a migration that was not finished. Every start reads these, those of earlier
 * releases and `prisma migrate` too, so nothing goes on with a database that a move has left without rows. The commit of the move
 * removes it.
 */
import type pg from 'pg';
import { uuidV7 } from '../platform/id.js';
import { type Finding, refusal } from './checks/finding.js';

/** What earlier releases show: to them, it is a migration of a newer one. */
export const MOVE_RECORD = 'move_not_completed';

/** `from`: what is moved, for messages. The record of another move that was not completed is replaced. */
export async function recordMove(client: pg.Client, from: string): Promise<void> {
  await removeMoveRecord(client);
  await client.query(
    `INSERT INTO _prisma_migrations (id, checksum, migration_name, logs) VALUES ($1, '', $2, $3)`,
    [uuidV7(), MOVE_RECORD, from],
  );
}

export async function removeMoveRecord(client: pg.Client): Promise<void> {
  await client.query('DELETE FROM _prisma_migrations WHERE migration_name = $1', [MOVE_RECORD]);
}

export function unfinishedMove(from: string | null): Finding {
  return refusal('migrations', {
    found: `A move into the database was begun and has not been completed, of ${from ?? 'an embedded database'}.`,
    meaning: 'The database has none of the rows.',
    advice:
      'If the move is not running any more, run the same `npm run move` again to complete it, or start without DATABASE_URL, where it ' +
      'was begun, to go back: what was to be moved is as it was.',
  });
}
