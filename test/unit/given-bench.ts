/** Figures for tests of the benchmark. */
import type { Row } from '../bench/figures.js';
import type { StoredWorkload } from '../bench/results.js';

export function row(more: Partial<Row> = {}): Row {
  return {
    id: 'tollgate-256',
    label: 'Tollgate, 256 connections',
    unit: 'requests',
    baseline: false,
    perSecond: 7_000,
    p50Ms: 30,
    p99Ms: 60,
    p999Ms: 90,
    maxMs: 120,
    gatewayUs: 150,
    postgresUs: 40,
    generatorUs: 15,
    rssBytesMax: 200e6,
    loopBlockMsMax: 12,
    refusedPerSecond: 0,
    refusedP99Ms: 0,
    unsent: 0,
    failures: 0,
    failure: null,
    rounds: [7_000],
    ...more,
  };
}

export function stored(more: Partial<StoredWorkload>): StoredWorkload {
  return {
    about: 'a workload',
    run: {
      date: '2026-01-01',
      machine: 'this one',
      node: 'v20.0.0',
      postgres: '18.4',
      settings: { fsync: 'on' },
      tollgate: '0.1.0',
      rounds: 3,
      seconds: 5,
    },
    rows: [row()],
    ratios: [],
    remarks: [],
    extra: {},
    audit: null,
    ...more,
  };
}
