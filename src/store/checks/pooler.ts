import type pg from 'pg';
import { uuidV7 } from '../../platform/id.js';
import { sqlStateOf } from '../failure.js';
import type { Check, CheckContext } from './check.js';
import { announcedPid } from './connection.js';
import { type Finding, note, ok, warning } from './finding.js';

/** What gives connections of its own to several clients, such as PgBouncer. */
export const poolerCheck: Check = {
  codes: ['pooler', 'prepared_statements'],
  embedded: false,
  tables: false,
  run: async ({ client, connect }: CheckContext) => {
    if ((await pidOf(client)) === announcedPid(client)) {
      return [
        ok('pooler', 'There is no pooler.'),
        ok('prepared_statements', 'There is no pooler.'),
      ];
    }
    return probed(connect);
  },
};

const SEEN = 'Between the gateway and the server is a pooler';

/** The session of the server differs from the one that was announced. Which kind of pooler it is, two connections show. */
async function probed(connect: CheckContext['connect']): Promise<Finding[]> {
  const first = await connect();
  try {
    const second = await connect();
    try {
      return findingsOf(await modeOf(first, second));
    } finally {
      await second.end();
    }
  } finally {
    await first.end();
  }
}

interface Mode {
  /** Whether a session of the server was seen to serve one client, and then the other. */
  readonly isShared: boolean;
  /** Null if that could not be seen. */
  readonly keepsStatements: boolean | null;
}

/**
 * While the second connection is in a transaction, it has a session of the server to itself. If that was the first one's, or
 * if the first one now gets another, they do not each have their own.
 *
 * The first one prepares a statement, and perhaps runs it on another session next. Its name is used once: a pooler that
 * loses statements leaves them on its sessions, where one of an earlier examination would be taken for this one.
 */
async function modeOf(first: pg.Client, second: pg.Client): Promise<Mode> {
  const name = `tollgate_doctor_${uuidV7()}`;
  const before = await namedPid(first, name);
  await second.query('BEGIN READ ONLY');
  try {
    const taken = await pidOf(second);
    const after = await namedPid(first, name);
    if (before === null || after === null) return { isShared: true, keepsStatements: false };
    const isShared = taken === before || after !== before;
    return { isShared, keepsStatements: after === before ? null : true };
  } finally {
    await second.query('ROLLBACK');
  }
}

/** Null if the pooler has lost the statement. */
async function namedPid(client: pg.Client, name: string): Promise<number | null> {
  try {
    const text = 'SELECT pg_backend_pid() AS pid';
    const { rows } = await client.query<{ pid: number }>({ name, text, values: [] });
    return rows[0]?.pid ?? 0;
  } catch (error) {
    if (!LOST.has(sqlStateOf(error) ?? '')) throw error;
    return null;
  }
}

const LOST: ReadonlySet<string> = new Set(['26000', '42P05']);

async function pidOf(client: pg.Client): Promise<number> {
  const text = 'SELECT pg_backend_pid() AS pid';
  const { rows } = await client.query<{ pid: number }>({ text, values: [] });
  return rows[0]?.pid ?? 0;
}

function findingsOf({ isShared, keepsStatements }: Mode): Finding[] {
  if (!isShared) {
    const meaning =
      'It saves no connection of the server that way: every connection of the gateway has one to itself.';
    return [
      note('pooler', {
        found: `${SEEN}, in session mode as far as two connections show.`,
        meaning,
      }),
      ok('prepared_statements', 'In session mode, prepared statements are kept.'),
    ];
  }
  const found = `${SEEN}, in transaction mode.`;
  const pooler = ok('pooler', found);
  if (keepsStatements !== false) {
    return [pooler, ok('prepared_statements', 'The pooler keeps prepared statements.')];
  }
  return [
    pooler,
    warning('prepared_statements', {
      found: 'The pooler loses prepared statements.',
      meaning: 'Every statement is planned anew, which takes longer than running it.',
      advice:
        'Use PgBouncer 1.21 or later, with max_prepared_statements = 200 in its [pgbouncer] section, and reload it.',
    }),
  ];
}
