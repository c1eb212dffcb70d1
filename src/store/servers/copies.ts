/**
 * The catalogue is changed on the home server, and each other one has a copy, against which everything is checked that is written there
 * (docs/adr/0070-places.md).
 */
import { setTimeout as wait } from 'node:timers/promises';
import type pg from 'pg';
import { copyBehind } from '../../domain/unavailable.js';
import { monotonicMs } from '../../platform/clock.js';
import { retryingRead } from '../retry.js';
import { readServers } from './place-map.js';

export interface Copies {
  /** Resolves once each server has the catalogue of a project as it is now; throws an `UnavailableError` if one does not have it in time. */
  settle(projectId: string): Promise<void>;
  /** Waits for a while until each server has this version of it, or a later one. */
  awaitVersion(projectId: string, version: number): Promise<void>;
}

/** Of who has one server. */
export const NO_COPIES: Copies = {
  settle: () => Promise.resolve(),
  awaitVersion: () => Promise.resolve(),
};

type Client = Pick<pg.Pool, 'query'>;

export interface CopiesOptions {
  readonly home: Client;
  /** Besides the home server, by name. */
  readonly others: ReadonlyMap<string, Client>;
  /** How long a change waits for the copies. */
  readonly settleMaxMs: number;
}

/** Between two looks at a copy. A change takes a few milliseconds to arrive. */
const PAUSE_MS = 5;

/** How long a decision waits for copies of its catalogue, and for how long after that it does not wait for one that has been behind. */
const WAIT_MAX_MS = 1_000;

export function copiesOn({ home, others, settleMaxMs }: CopiesOptions): Copies {
  const behindUntil = new Map<string, number>();

  const arrives = async (name: string, projectId: string, version: number, until: number) => {
    const copy = others.get(name);
    if (copy === undefined) return false;
    // A server that hangs is not waited for any longer.
    const ended = new AbortController();
    const late = wait(Math.max(0, until - monotonicMs()), false, { signal: ended.signal });
    try {
      for (;;) {
        if (await Promise.race([hasVersion(copy, projectId, version), late])) return true;
        if (monotonicMs() >= until) return false;
        await wait(PAUSE_MS);
      }
    } finally {
      late.catch(() => undefined);
      ended.abort();
    }
  };

  return {
    async settle(projectId) {
      const [version, names] = await Promise.all([
        retryingRead(() => readVersion(home, projectId)),
        retryingRead(() => readServers(home)),
      ]);
      const until = monotonicMs() + settleMaxMs;
      const all = names.map(async (name) => {
        if (!(await arrives(name, projectId, version, until))) throw copyBehind(name);
      });
      await Promise.all(all);
    },
    async awaitVersion(projectId, version) {
      const names = await retryingRead(() => readServers(home));
      const now = monotonicMs();
      const waitedFor = names.filter((name) => (behindUntil.get(name) ?? 0) <= now);
      await Promise.all(
        waitedFor.map(async (name) => {
          if (await arrives(name, projectId, version, now + WAIT_MAX_MS)) return;
          behindUntil.set(name, monotonicMs() + WAIT_MAX_MS);
        }),
      );
    },
  };
}

const VERSION =
  'SELECT catalog_version::float8 AS version FROM public.projects WHERE id = $1::uuid';

/** -1 if there is no such project, which any catalogue is newer than. */
async function readVersion(client: Client, projectId: string): Promise<number> {
  const { rows } = await client.query<{ version: number }>(VERSION, [projectId]);
  return rows[0]?.version ?? -1;
}

/** False of a server that cannot be reached. */
async function hasVersion(copy: Client, projectId: string, version: number): Promise<boolean> {
  try {
    return (await readVersion(copy, projectId)) >= version;
  } catch {
    return false;
  }
}
