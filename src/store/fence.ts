/**
 * The fence keeps everything from being written to what belongs to customers (docs/adr/0070-places.md). It is a trigger of their
 * tables, so it applies to every gateway of every release, and costs nothing while it is not there.
 */
import { CUSTOMER_TABLES } from './customer-tables.js';
import { CLOSED_STATE, failureOf } from './failure.js';
import {
  inTransaction,
  LOCKED,
  type RangeClient,
  type RangeSessions,
  underLock,
} from './ranges/range-session.js';
import { retrying } from './retry.js';

export interface Fence {
  /**
   * From when it resolves, nothing is written until the fence is opened, and what was in progress has been. Returns since when the
   * fence has been closed.
   */
  close(): Promise<string>;
  /** Everything can be written as soon as it resolves. */
  open(): Promise<Opened>;
  /** Since when it has been closed, in ISO 8601; null if it is open. */
  closedSince(): Promise<string | null>;
}

export interface Opened {
  readonly wasClosed: boolean;
  /** Whether the triggers are gone. Those that are left refuse nothing, and go when it is opened again. */
  readonly isRemoved: boolean;
}

const FUNCTION = 'public.tollgate_refuse_closed()';
const TRIGGER = 'tollgate_closed';

/** Beside the keys of migrations, sweepers and ranges. Those who open or close take turns. */
const TAKE_TURNS = 'SELECT pg_advisory_xact_lock(72707372)';

/** Commands and the doctor know by the comment, which changes together with the body, whether the function refuses. */
export const CLOSED_SINCE = `SELECT obj_description(p.oid, 'pg_proc') AS since FROM pg_proc AS p
  WHERE p.pronamespace = 'public'::regnamespace AND p.proname = 'tollgate_refuse_closed'
    AND EXISTS (SELECT FROM pg_trigger AS t WHERE t.tgfoid = p.oid)`;

/** Earlier releases know the class of the state, and answer that nothing was written. */
const REFUSES = `RAISE EXCEPTION USING ERRCODE = '${CLOSED_STATE}',
  MESSAGE = 'customers are closed to writes', HINT = 'npm run places -- open';`;

export function fenceOf(sessions: Omit<RangeSessions, 'ending'>): Fence {
  const ending = new AbortController().signal;
  const inTurn = <Result>(work: (client: RangeClient) => Promise<Result>) =>
    retrying(
      () =>
        inTransaction({ ...sessions, ending }, async (client) => {
          await client.query(TAKE_TURNS);
          return work(client);
        }),
      () => true,
    );
  return {
    close: () =>
      inTurn(async (client) => {
        const already = await readClosedSince(client);
        if (already !== null) return already;
        const since = await readTime(client);
        const names = CUSTOMER_TABLES.map((table) => `public.${table}`);
        await underLock(client, names, () => raise(client, since), ending);
        return since;
      }),
    async open() {
      const wasClosed = await inTurn(async (client) => {
        if ((await readClosedSince(client)) === null) return false;
        // It needs no lock, for which a backup could have to be waited for.
        await define(client, 'RETURN NULL;', 'NULL');
        return true;
      });
      return { wasClosed, isRemoved: await inTurn(remove) };
    },
    closedSince: () => inTurn(readClosedSince),
  };
}

/**
 * Making a trigger waits for those who are writing to its table, and those who come then wait for it (`SHARE ROW EXCLUSIVE`): a statement that
 * has waited sees the trigger, and those that were let in before have ended.
 */
async function raise(client: RangeClient, since: string): Promise<void> {
  await define(client, REFUSES, `'${since}'`);
  for (const table of CUSTOMER_TABLES) {
    await client.query(`CREATE OR REPLACE TRIGGER ${TRIGGER} BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE
      ON public.${table} FOR EACH STATEMENT EXECUTE FUNCTION ${FUNCTION}`);
  }
}

async function define(client: RangeClient, body: string, comment: string): Promise<void> {
  await client.query(
    `CREATE OR REPLACE FUNCTION ${FUNCTION} RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN ${body} END $$`,
  );
  await client.query(`COMMENT ON FUNCTION ${FUNCTION} IS ${comment}`);
}

/** It gives way to whatever reads the tables, as often as it is tried. Another session may have closed them meanwhile: then nothing is left over. */
async function remove(client: RangeClient): Promise<boolean> {
  if ((await readClosedSince(client)) !== null) return true;
  await client.query('SAVEPOINT present');
  try {
    await client.query("SET LOCAL lock_timeout = '200ms'");
    await client.query(`DROP FUNCTION IF EXISTS ${FUNCTION} CASCADE`);
    return true;
  } catch (error) {
    if (!LOCKED.has(failureOf(error))) throw error;
    await client.query('ROLLBACK TO present');
    return false;
  }
}

async function readClosedSince(client: RangeClient): Promise<string | null> {
  const { rows } = await client.query<{ since: string | null }>(CLOSED_SINCE);
  return rows[0]?.since ?? null;
}

async function readTime(client: RangeClient): Promise<string> {
  const { rows } = await client.query<{ now: Date }>(
    "SELECT date_trunc('milliseconds', clock_timestamp()) AS now",
  );
  return (rows[0]?.now ?? new Date(Number.NaN)).toISOString();
}
