import type pg from 'pg';
import { connectOnce, type DatabaseAddress } from './database.js';

/** Beside the key of migrations. */
const LOCK_KEY = 72_707_370;

// Without parameters, hence in the simple protocol, after which the transaction has no snapshot while it waits: it holds up neither
// vacuum nor the building of indexes.
const TRY_LOCK = `SELECT pg_try_advisory_xact_lock(${LOCK_KEY}) AS locked`;

/** How long a turn may last beyond the rest that was announced, before the server ends it. */
const MARGIN_MS = 120_000;

/** So that one sweeper at a time is at work on a database. */
export interface SweepTurns {
  /** Does the work as a turn of its own; returns null, with nothing done, if another sweeper is having its turn. */
  take<Outcome>(work: (turn: SweepTurn) => Promise<Outcome>): Promise<Outcome | null>;
  close(): Promise<void>;
}

export interface SweepTurn {
  /** Announces that the turn will last so much longer, because a rest is part of it. */
  restFor(ms: number): Promise<void>;
}

export interface TurnsOptions {
  readonly address: DatabaseAddress;
  readonly connectTimeoutMs: number;
}

/** The embedded database has one process, and one connection, which a turn must not keep. */
export function createTurns(options: TurnsOptions): SweepTurns {
  return 'stream' in options.address ? ALONE : new LockTurns(options);
}

const ALONE: SweepTurns = {
  take: (work) => work({ restFor: () => Promise.resolve() }),
  close: () => Promise.resolve(),
};

/**
 * A turn is a transaction with an advisory lock, on a connection of its own: it ends with its process or its connection, whatever
 * happens to them, and a pooler that gives every transaction another connection does not matter.
 */
class LockTurns implements SweepTurns {
  readonly #options: TurnsOptions;
  #client: pg.Client | null = null;

  constructor(options: TurnsOptions) {
    this.#options = options;
  }

  async take<Outcome>(work: (turn: SweepTurn) => Promise<Outcome>): Promise<Outcome | null> {
    const { address, connectTimeoutMs } = this.#options;
    this.#client ??= await connectOnce(address, connectTimeoutMs);
    const client = this.#client;
    try {
      await client.query('BEGIN');
      await client.query(idleAtMost(0));
      const { rows } = await client.query<{ locked: boolean }>(TRY_LOCK);
      const isMine = rows[0]?.locked === true;
      const restFor = async (ms: number) => void (await client.query(idleAtMost(ms)));
      const outcome = isMine ? await work({ restFor }) : null;
      await client.query('COMMIT');
      return outcome;
    } catch (error) {
      // Without a farewell: the connection may be dead, and without it the transaction ends.
      client.connection.stream.destroy();
      this.#client = null;
      throw error;
    }
  }

  async close(): Promise<void> {
    const client = this.#client;
    this.#client = null;
    await client?.end().catch(() => undefined);
  }
}

/** A machine that has vanished from the network must not keep its turn. */
function idleAtMost(restMs: number): string {
  return `SET LOCAL idle_in_transaction_session_timeout = ${Math.ceil(restMs) + MARGIN_MS}`;
}
