import type pg from 'pg';
import type { Database } from './database.js';
import { failures } from './failure-figures.js';

export interface PoolFigures {
  readonly name: 'write' | 'read';
  readonly used: number;
  readonly idle: number;
  readonly max: number;
  /** Calls that wait for a connection. */
  readonly waiting: number;
}

export interface StoreFigures {
  readonly pools: readonly PoolFigures[];
  /** By class, how often calls to the database have failed. */
  readonly failures: readonly (readonly [string, number])[];
}

export function storeFigures({
  pool,
  readPool,
}: Pick<Database, 'pool' | 'readPool'>): StoreFigures {
  const write = figuresOf('write', pool);
  // The embedded engine has one connection for everything.
  const pools = pool === readPool ? [write] : [write, figuresOf('read', readPool)];
  return { pools, failures: failures.entries() };
}

function figuresOf(name: PoolFigures['name'], pool: pg.Pool): PoolFigures {
  const { totalCount, idleCount, waitingCount, options } = pool;
  return {
    name,
    used: totalCount - idleCount,
    idle: idleCount,
    max: options.max,
    waiting: waitingCount,
  };
}
