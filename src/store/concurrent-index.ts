import { setTimeout as wait } from 'node:timers/promises';
import type pg from 'pg';
import { monotonicMs } from '../platform/clock.js';
import { MigrationError } from './check-server.js';
import { connectOnce, type DatabaseAddress } from './database.js';
import { failureOf, mayAnswerLater, sqlStateOf } from './failure.js';
import { IndexProgress, LOOK_MS } from './index-progress.js';
import { busyWith, readState } from './index-state.js';
import { adviceOn } from './migration-advice.js';
import type { ConcurrentIndex } from './migration-files.js';

/** Between two looks at whether a build has begun. */
const BEGUN_MS = 20;

/** Longer than a server takes to begin a statement. */
const BEGUN_MAX_MS = 10_000;

/** Builds that other sessions may foil, by a deadlock or by being faster. */
const ATTEMPTS_MAX = 5;

/** A table, or an index, of that name has been created meanwhile. */
const CREATED_ELSEWHERE = new Set(['42P07', '23505']);

/** Limits that a role or a database may have, and that a build must not. */
const LIMITS = `SELECT name FROM pg_settings WHERE reset_val <> '0'
  AND name IN ('statement_timeout', 'lock_timeout', 'transaction_timeout')`;

export interface IndexOptions {
  /** The session that takes the lock of migrations. */
  readonly client: pg.Client;
  readonly address: DatabaseAddress;
  readonly connectTimeoutMs: number;
  readonly say: (sentence: string) => void;
}

/**
 * Builds the indexes of migrations while gateways are running. Who builds is decided under the lock of migrations, and nothing
 * waits while that is held: once the build has begun, other processes see it by its lock on the table.
 */
export class ConcurrentIndexes {
  readonly #options: IndexOptions;
  #builder: pg.Client | undefined;
  #attempts = 0;
  #isEnded = false;

  constructor(options: IndexOptions) {
    this.#options = options;
  }

  /**
   * Called under the lock of migrations. Returns null if the index is there, so that its migration can be recorded. Otherwise,
   * what to wait for once the lock has been released; then this is called again.
   */
  async begin(name: string, index: ConcurrentIndex): Promise<(() => Promise<void>) | null> {
    const { client, say } = this.#options;
    const state = await readState(client, index);
    if (state === 'VALID') return null;
    const other = await busyWith(client, index);
    if (other !== null) {
      const { pid, application } = other;
      const session = `the session with pid ${pid} (${application || 'without application_name'})`;
      return () => this.#untilFree(index, `The migration ${name} waits for ${session}, which `);
    }
    say(state === 'MISSING' ? building(name, index) : leftOver(index));
    const statement =
      state === 'MISSING'
        ? index.statement
        : `DROP INDEX CONCURRENTLY IF EXISTS public.${index.name}`;
    const work = this.#run(name, index, statement);
    await this.#untilBegun(index, work.isOver);
    return () => this.#untilOver(index, work);
  }

  /** A build in progress is left to the server, which carries it to its end. */
  async end(): Promise<void> {
    this.#isEnded = true;
    await this.#builder?.end();
  }

  #run(migration: string, index: ConcurrentIndex, statement: string): Work {
    let isOver = false;
    const done = this.#execute(statement)
      .catch((cause: unknown) => this.#judge(migration, index, cause))
      .finally(() => {
        isOver = true;
      });
    // It may fail before anything awaits it.
    done.catch(() => undefined);
    return { done, isOver: () => isOver };
  }

  /** A connection of its own, without the settings that begin a transaction. */
  async #execute(statement: string): Promise<void> {
    const { client, address, connectTimeoutMs } = this.#options;
    this.#builder ??= await connectOnce(address, connectTimeoutMs, { isPinned: false });
    const builder = this.#builder;
    if (this.#isEnded) return builder.end();
    const { rows } = await client.query<{ name: string }>(LIMITS);
    // For the session, because a transaction has to consist of the statement alone.
    for (const { name } of rows) await builder.query(`SET ${name} = 0`);
    await builder.query(statement);
    // A pooler may give the connection to others.
    for (const { name } of rows) await builder.query(`RESET ${name}`);
  }

  #judge(migration: string, { name }: ConcurrentIndex, cause: unknown): void {
    this.#attempts += 1;
    const state = sqlStateOf(cause) ?? '';
    const isFoiled = failureOf(cause) === 'SERIALIZATION' || CREATED_ELSEWHERE.has(state);
    if (isFoiled && this.#attempts < ATTEMPTS_MAX) return;
    if (mayAnswerLater(cause)) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new MigrationError(
      `The index ${name} of the migration ${migration} could not be built: ${reason}.${adviceOn(cause)} ` +
        'The next start builds it anew.',
      { cause },
    );
  }

  /**
   * Until others can see it. A pooler with a single connection sends the statement only once the transaction that waits here has
   * ended; others that begin a build by then foil one of the two, which is tried again.
   */
  async #untilBegun(index: ConcurrentIndex, isOver: () => boolean): Promise<void> {
    const { client } = this.#options;
    const start = monotonicMs();
    while (!isOver() && (await busyWith(client, index)) === null) {
      if (monotonicMs() - start >= BEGUN_MAX_MS) return;
      await wait(BEGUN_MS);
    }
  }

  async #untilOver(index: ConcurrentIndex, { done, isOver }: Work): Promise<void> {
    const { client, say } = this.#options;
    const progress = new IndexProgress(index, say);
    const over = done.catch(() => undefined);
    while (!isOver()) {
      await Promise.race([over, wait(LOOK_MS)]);
      if (!isOver()) await progress.look(client);
    }
    await done;
  }

  async #untilFree(index: ConcurrentIndex, begun: string): Promise<void> {
    const { client, say } = this.#options;
    say(`${begun}has locked ${index.table}.`);
    const progress = new IndexProgress(index, say);
    while ((await busyWith(client, index)) !== null) {
      await progress.look(client);
      await wait(LOOK_MS);
    }
  }
}

const building = (migration: string, { name }: ConcurrentIndex) =>
  `Building the index ${name} for the migration ${migration}. This start goes on when it is there; gateways that ` +
  'are running are not held up.';

const leftOver = ({ name }: ConcurrentIndex) =>
  `The index ${name} was left incomplete by a build that was interrupted, so it is built anew.`;

interface Work {
  readonly done: Promise<void>;
  readonly isOver: () => boolean;
}
