import type pg from 'pg';
import { checkEmpty } from '../check-server.js';
import type { Facts } from '../checks/server.js';
import type { Migration } from '../migration-files.js';
import { lockMigrations } from '../migration-lock.js';
import { CREATE_RECORD, isRecorded, nextOf } from '../migration-record.js';
import { endWithClient } from '../migration-session.js';
import { recordMove } from '../move-record.js';

export interface MarkOptions {
  readonly facts: Facts;
  readonly migrations: readonly Migration[];
  /** What is moved, for messages. */
  readonly from: string;
  readonly say: (sentence: string) => void;
}

/**
 * Notes in an empty database that a move into it has begun, before anything else is done to it. Throws, and leaves it as it is, if it
 * cannot be one of this release.
 */
export async function markTarget(to: pg.Client, options: MarkOptions): Promise<void> {
  const { facts, migrations, from, say } = options;
  let isTold = false;
  const tellOnce = () => {
    if (!isTold) say(MIGRATED_ELSEWHERE);
    isTold = true;
  };
  await to.query('BEGIN');
  try {
    await endWithClient(to);
    await lockMigrations(to, tellOnce);
    if (!(await isRecorded(to))) {
      await checkEmpty(to, facts);
      await to.query(CREATE_RECORD);
    }
    await nextOf(to, migrations, { isMove: true });
    await recordMove(to, from);
    await to.query('COMMIT');
  } catch (error) {
    await to.query('ROLLBACK').catch(() => undefined);
    throw error;
  }
}

const MIGRATED_ELSEWHERE =
  'Another process is migrating the target. The move goes on when that has finished.';
