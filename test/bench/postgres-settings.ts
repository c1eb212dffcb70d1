/**
 * The PostgreSQL settings of the benchmark, the same for all workloads: those that docs/operations.md recommends, with its
 * reasons. All writes are durable.
 */
import type { Settings } from '../support/postgres/postgres.js';

export const POSTGRES_SETTINGS: Settings = {
  fsync: 'on',
  synchronous_commit: 'on',
  full_page_writes: 'on',
  shared_buffers: '2GB',
  max_wal_size: '8GB',
  min_wal_size: '1GB',
  checkpoint_timeout: '15min',
  wal_compression: 'pglz',
  max_connections: '200',
  autovacuum_vacuum_scale_factor: '0.05',
  autovacuum_vacuum_insert_scale_factor: '0.05',
  vacuum_freeze_min_age: '1000000',
};
