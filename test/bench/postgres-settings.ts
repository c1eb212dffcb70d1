/**
 * How the PostgreSQL of the benchmark is set: one set for all workloads, as docs/operations.md recommends for a machine with
 * 8 GB of memory or more. Every promise about power cuts is kept.
 */
import type { Settings } from '../support/postgres.js';

export const POSTGRES_SETTINGS: Settings = {
  fsync: 'on',
  synchronous_commit: 'on',
  full_page_writes: 'on',
  shared_buffers: '2GB',
  // Checkpoints by time, not by volume: after each one, every page goes to the log whole once more.
  max_wal_size: '8GB',
  min_wal_size: '1GB',
  checkpoint_timeout: '15min',
  checkpoint_completion_target: '0.9',
  wal_compression: 'on',
  max_connections: '200',
};
