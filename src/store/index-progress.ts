import type pg from 'pg';
import { monotonicMs } from '../platform/clock.js';
import type { ConcurrentIndex } from './migration-files.js';

/** Between two looks. */
export const LOOK_MS = 250;

/** A transaction is named once it has been waited for this long: all of a busy server's are, for a moment each. */
const LOOKS_TO_NAME = 4;

/** Between two sentences, unless there is another transaction to name. */
const SAY_MS = 30_000;

interface Progress {
  readonly phase: string;
  /** Of what the phase goes through; null if it does not say. */
  readonly percent: number | null;
  /** The session whose transaction is waited for. */
  readonly pid: number | null;
  readonly application: string;
}

/** A session of another role is shown only to those who may read statistics, and its progress is null to others. */
const progressOf = ({ table }: ConcurrentIndex) => `SELECT build.phase,
    floor(100.0 * CASE WHEN blocks_total > 0 THEN blocks_done ELSE tuples_done END
      / nullif(CASE WHEN blocks_total > 0 THEN blocks_total ELSE tuples_total END, 0))::int AS percent,
    nullif(build.current_locker_pid, 0)::int AS pid, coalesce(session.application_name, '') AS application
  FROM pg_stat_progress_create_index AS build
    LEFT JOIN pg_stat_activity AS session ON session.pid = build.current_locker_pid
  WHERE build.relid = 'public.${table}'::regclass
    AND build.datid = (SELECT oid FROM pg_database WHERE datname = current_database())`;

/** Tells how far a build has come, now and then, and for whose transaction it waits. */
export class IndexProgress {
  readonly #index: ConcurrentIndex;
  readonly #say: (sentence: string) => void;
  #saidAt = monotonicMs();
  #namedPid: number | null = null;
  #waiting = { pid: 0, looks: 0 };

  constructor(index: ConcurrentIndex, say: (sentence: string) => void) {
    this.#index = index;
    this.#say = say;
  }

  async look(client: pg.Client): Promise<void> {
    const { rows } = await client.query<Progress>(progressOf(this.#index));
    const [progress] = rows;
    if (progress === undefined) return;
    const { pid, application } = progress;
    if (pid !== null) {
      const looks = pid === this.#waiting.pid ? this.#waiting.looks + 1 : 1;
      this.#waiting = { pid, looks };
      const isNew = looks >= LOOKS_TO_NAME && pid !== this.#namedPid;
      if (!isNew && !(pid === this.#namedPid && this.#isDue())) return;
      this.#namedPid = pid;
      this.#tell(
        `waits for the transaction of the session with pid ${pid} (${application || 'without application_name'}).`,
      );
      return;
    }
    if (this.#isDue()) this.#tell(`is being built: ${progress.phase}${percentOf(progress)}.`);
  }

  #isDue(): boolean {
    return monotonicMs() - this.#saidAt >= SAY_MS;
  }

  #tell(what: string): void {
    this.#saidAt = monotonicMs();
    this.#say(`The index ${this.#index.name} ${what}`);
  }
}

function percentOf({ percent }: Progress): string {
  return percent === null ? '' : `, ${percent} %`;
}
