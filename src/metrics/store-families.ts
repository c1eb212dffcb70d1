import type { PoolFigures, StoreFigures } from '../store/store-figures.js';
import { byLabel, counter, type Family, gauge } from './family.js';

export function storeFamilies(figures: () => StoreFigures): Family[] {
  const byPool = (figureOf: (pool: PoolFigures) => number) => () =>
    figures().pools.map((pool) => ({ labels: { pool: pool.name }, value: figureOf(pool) }));
  return [
    gauge(
      'tollgate_database_connections_used',
      'Connections in use.',
      byPool(({ used }) => used),
    ),
    gauge(
      'tollgate_database_connections_idle',
      'Open connections that are not in use.',
      byPool(({ idle }) => idle),
    ),
    gauge(
      'tollgate_database_connections_max',
      'The connections that may be open.',
      byPool(({ max }) => max),
    ),
    gauge(
      'tollgate_database_connections_waiting',
      'Calls that wait for a connection.',
      byPool(({ waiting }) => waiting),
    ),
    counter(
      'tollgate_database_errors_total',
      'Failed calls to the database by class, those that were retried included.',
      () =>
        byLabel(
          'class',
          figures().failures.map(([name, n]) => [name.toLowerCase(), n] as const),
        ),
    ),
  ];
}
