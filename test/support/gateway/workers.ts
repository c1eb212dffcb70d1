/** Tollgate with several workers, observed by its log and its processes. */
import { setTimeout as delay } from 'node:timers/promises';
import { gone, signal } from '../postgres/postgres-process.js';
import type { Tollgate } from './gateway-process.js';
import { startTollgate } from './gateway-process.js';

export interface Workers extends Tollgate {
  /** The processes that were started so far, including those that have ended. */
  started(): number[];
  /** The processes that have served, in the order in which they started to. */
  served(): number[];
  /** The same, once there are this many. */
  servedBy(count: number): Promise<number[]>;
  /** The processes that have answered an operation of this name. */
  answeredBy(operation: string): Set<number>;
}

const WAIT_MS = 20;
const WAITS_MAX = 6_000;

/** Two workers, both of which serve, and whose log says which of them did what. */
export async function startWorkers(settings: NodeJS.ProcessEnv): Promise<Workers> {
  const tollgate = await startTollgate({ LOG_LEVEL: 'debug', ...settings }, ['--workers', '2']);
  const loggedBy = (message: string) =>
    linesOf(tollgate, message).flatMap(({ worker = [] }) => worker);
  const served = () => loggedBy('A worker is serving.');
  const workers: Workers = {
    ...tollgate,
    started: () => loggedBy('A worker starts.'),
    served,
    servedBy: async (count) => {
      await until(() => served().length >= count, tollgate);
      return served();
    },
    answeredBy: (operation) =>
      new Set(
        linesOf(tollgate, 'operation')
          .filter((line) => line.operation === operation)
          .flatMap(({ pid = [] }) => pid),
      ),
  };
  // The log may arrive after the line that Tollgate prints last.
  await workers.servedBy(2);
  return workers;
}

/** Polls until the condition holds. The limit is only reached if something is broken. */
export async function until(holds: () => boolean, { output }: Tollgate): Promise<void> {
  for (let waits = 0; waits < WAITS_MAX; waits += 1) {
    if (holds()) return;
    await delay(WAIT_MS);
  }
  throw new Error(`the condition does not hold; Tollgate printed: ${output().slice(-2_000)}`);
}

export function killAtOnce(pids: readonly number[]): void {
  for (const pid of pids) signal(pid, 'SIGKILL');
}

export async function allGone(pids: readonly number[]): Promise<void> {
  await Promise.all(pids.map((pid) => gone(pid)));
}

interface LogLine {
  readonly msg: string;
  readonly pid?: number;
  readonly worker?: number;
  readonly operation?: string;
}

function linesOf({ output }: Tollgate, message: string): LogLine[] {
  const lines = output().split('\n');
  return lines
    .filter((line) => line.startsWith('{'))
    .map((line): LogLine => JSON.parse(line))
    .filter(({ msg }) => msg === message);
}
