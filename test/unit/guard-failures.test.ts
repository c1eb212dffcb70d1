import { describe, expect, it } from 'vitest';
import { noteGuardFailures } from '../../src/meter/write/guard-failures.js';
import { type GuardCause, WriteFigures } from '../../src/meter/write/write-figures.js';
import type { AccountChange, Loaded } from '../../src/meter/write/write-path.js';

const CHANGE: AccountChange = {
  projectId: 'p',
  customerKey: 'c',
  version: 7,
  catalogVersion: 3,
  validFrom: 100,
  validUntil: 200,
  writes: true,
  rows: {},
  keysUnused: ['k'],
};

const ACCOUNT = {
  customerKey: 'c',
  customerId: 'c',
  version: 7,
  balances: [],
  holds: [],
  ended: new Map(),
  entities: new Map<string, boolean>(),
};

const UNCHANGED: Loaded = {
  now: 150,
  accounts: new Map([['c', ACCOUNT]]),
  lockedElsewhere: new Set(),
  storedResults: new Map(),
  catalogVersions: new Map([['p', 3]]),
};

const STORED = new Map([['k', { fingerprint: null, result: null, recordedAt: 0 }]]);

describe('the cause of a guard failure', () => {
  it.each<[what: string, loaded: Partial<Loaded>, cause: GuardCause]>([
    ['nothing has changed since', {}, 'customer_locked'],
    ['it is locked now', { lockedElsewhere: new Set(['c']) }, 'customer_locked'],
    [
      'the customer has another version',
      { accounts: new Map([['c', { ...ACCOUNT, version: 8 }]]) },
      'customer_changed',
    ],
    ['the customer is gone', { accounts: new Map() }, 'customer_changed'],
    [
      'the catalogue has another version',
      { catalogVersions: new Map([['p', 4]]) },
      'catalog_changed',
    ],
    ['its key has a result', { storedResults: new Map([['c', STORED]]) }, 'key_used'],
    [
      'another customer has a result',
      { storedResults: new Map([['d', STORED]]) },
      'customer_locked',
    ],
    ['the window has ended', { now: 200 }, 'clock'],
    ['the window has not begun', { now: 99 }, 'clock'],
  ])('if %s', (_, loaded, cause) => {
    const figures = new WriteFigures();
    noteGuardFailures([{ failed: CHANGE }, {}], { ...UNCHANGED, ...loaded }, figures);
    const noted = figures.guardFailures.entries().filter(([, count]) => count > 0);
    expect(noted).toEqual([[cause, 1]]);
  });
});
