import type pg from 'pg';
import { HOME } from '../domain/place.js';
import { failures } from './failure-figures.js';
import type { Server } from './servers/servers.js';

export interface PoolFigures {
  /** `write` or `read`; those of another server than home have its name as well. */
  readonly name: string;
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

export function storeFigures(servers: readonly Server[]): StoreFigures {
  return { pools: servers.flatMap(poolsOf), failures: failures.entries() };
}

function poolsOf({ name, pool, readPool }: Server): PoolFigures[] {
  const of = (kind: string) => (name === HOME ? kind : `${kind}_${name}`);
  const write = figuresOf(of('write'), pool);
  // The embedded engine has one connection for everything.
  return pool === readPool ? [write] : [write, figuresOf(of('read'), readPool)];
}

function figuresOf(name: string, pool: pg.Pool): PoolFigures {
  const { totalCount, idleCount, waitingCount, options } = pool;
  return {
    name,
    used: totalCount - idleCount,
    idle: idleCount,
    max: options.max,
    waiting: waitingCount,
  };
}
