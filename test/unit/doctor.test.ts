/** What the doctor says about what no test can do to a server, and how it says all it says. */
import { describe, expect, it } from 'vitest';
import { asJson, asText, failedAsJson } from '../../src/commands/doctor/report.js';
import { refuse, warningsOf } from '../../src/store/check-server.js';
import { CHECKS } from '../../src/store/checks/all.js';
import type { CheckContext } from '../../src/store/checks/check.js';
import { note, ok, problem, worstOf } from '../../src/store/checks/finding.js';
import { LIMITS } from '../../src/store/checks/limits.js';
import { type Facts, serverFindings } from '../../src/store/checks/server.js';
import { settingOf } from '../../src/store/checks/server-settings.js';

const FACTS: Facts = {
  version: '17.2',
  number: 170_002,
  encoding: 'UTF8',
  isStandby: false,
  isReadOnly: false,
  readOnlyBy: 'default',
  role: 'r',
  database: 'd',
  isSuperuser: false,
  mayUse: true,
  mayCreate: false,
  fsync: 'on',
  fullPageWrites: 'on',
  replicationRole: 'origin',
  replicationRoleBy: 'default',
};

describe('a server', () => {
  it('is well', () => {
    expect(worstOf(serverFindings(FACTS))).toBe('OK');
  });

  it.each<[code: string, facts: Partial<Facts>, found: RegExp]>([
    ['server_version', { number: 140_011, version: '14.11' }, /needs PostgreSQL 15 .* is 14\.11/],
    ['encoding', { encoding: 'LATIN1' }, /this one has LATIN1/],
    ['standby', { isStandby: true }, /is a standby/],
    ['read_only', { isReadOnly: true }, /does not accept writes/],
    ['schema', { mayUse: null }, /has no schema public/],
    ['triggers_of_sessions', { replicationRole: 'replica' }, /foreign keys do not apply/],
  ])('is refused, and only for that: %s', (code, changed, found) => {
    const bad = serverFindings({ ...FACTS, ...changed }).filter(({ level }) => level !== 'OK');
    expect(bad).toEqual([
      expect.objectContaining({
        code,
        level: 'PROBLEM',
        refuses: true,
        found: expect.stringMatching(found),
      }),
    ]);
  });

  it('is not refused for fsync and full_page_writes, of which the start warns', () => {
    const careless = { ...FACTS, fsync: 'off', fullPageWrites: 'off' };
    expect(() => refuse(serverFindings(careless))).not.toThrow();
    expect(warningsOf(careless)).toEqual([
      expect.stringMatching(/^The server runs with fsync off\. .* SET fsync = on; SELECT/),
      expect.stringMatching(/^The server runs with full_page_writes off\. /),
    ]);
    expect(() => refuse(serverFindings({ ...careless, isStandby: true }))).toThrow(/is a standby/);
    expect(warningsOf(FACTS)).toEqual([]);
  });

  it.each([
    ['on', 'OK'],
    ['off', 'NOTE'],
  ])('with data_checksums = %s is %s', async (value, level) => {
    const setting = { value, unit: null, source: 'server', pendingRestart: false };
    const settings = new Map([['data_checksums', setting]]);
    const check = CHECKS.find(({ codes }) => codes.includes('data_checksums'));
    // It needs nothing else.
    const context = { settings } as unknown as CheckContext;
    expect(await check?.run(context)).toMatchObject([{ code: 'data_checksums', level }]);
  });

  it('may not have a setting', () => {
    expect(settingOf(new Map(), 'transaction_timeout')).toBe('');
  });
});

/** What a check finds if the server answers with that row, and this machine's clock stands at `NOW_MS`. */
async function findings(code: string, row: object, limits: Partial<typeof LIMITS> = {}) {
  const check = CHECKS.find(({ codes }) => codes.some((one) => one === code));
  const context = {
    client: { query: async () => ({ rows: [row] }) },
    wallClockMs: () => NOW_MS,
    limits: { ...LIMITS, ...limits },
  };
  // These checks need nothing else.
  const found = await check?.run(context as unknown as CheckContext);
  return found?.filter((one) => one.code === code);
}

const NOW_MS = Date.UTC(2026, 0, 1);

describe('what no test can wait for', () => {
  it.each([
    [40_000, 'PROBLEM', /clock is [\d.]+ s .* ahead of this machine/],
    [-40_000, 'PROBLEM', /clock is [\d.]+ s .* behind this machine/],
    [10_000, 'WARNING', /[\d.]+ s .* ahead of/],
    [-10_000, 'WARNING', /[\d.]+ s .* behind/],
    [1_000, 'OK', /[\d.]+ s .* ahead of/],
  ])('a clock of the server that differs by %s ms is %s', async (skewMs, level, found) => {
    expect(await findings('clock', { now: NOW_MS + skewMs })).toEqual([
      expect.objectContaining({ level, found: expect.stringMatching(found) }),
    ]);
  });

  it.each([
    [-1, 'NOTE'],
    [60_000, 'OK'],
  ])('an answer that takes longer than %s ms is not OK', async (roundTripMs, level) => {
    const found = await findings('round_trip', { now: NOW_MS }, { roundTripMs });
    expect(found).toMatchObject([{ code: 'round_trip', level }]);
  });

  it.each([
    [499_999_999, 'OK'],
    [500_000_000, 'WARNING'],
    [1_499_999_999, 'WARNING'],
    [1_500_000_000, 'PROBLEM'],
  ])('transaction ids of the age %s are %s', async (age, level) => {
    const found = await findings('wraparound', { age, oldest: 'public.events' });
    expect(found).toMatchObject([{ code: 'wraparound', level }]);
    if (level !== 'OK') expect(found?.[0]?.advice).toContain('public.events');
  });
});

describe('ranges', () => {
  const DAY_MS = 86_400_000;
  const day = (month: number, date = 1) => Date.UTC(2026, month - 1, date);

  /** What is found at a time in June, if the last range begins on a day or has no beginning. */
  async function foundAt(now: number, lastStart: number | null, more: object = {}) {
    const {
      eventsDays = 35,
      recent = false,
      closingAt = null,
    } = more as {
      eventsDays?: number | null;
      recent?: boolean;
      closingAt?: number | null;
    };
    const bound = (ms: number | null) =>
      ms === null
        ? 'MINVALUE'
        : `'${new Date(ms).toISOString().replace('T', ' ').replace('.000Z', '+00')}'`;
    const row = {
      name: 'the_last',
      bound: `FOR VALUES FROM (${bound(lastStart)}) TO (MAXVALUE)`,
      isValid: false,
      closing: closingAt === null ? null : `CHECK ((recorded_at < ${bound(closingAt)}))`,
    };
    const query = async (asked: string | { text: string }) => {
      const sql = typeof asked === 'string' ? asked : asked.text;
      if (sql.includes('_prisma_migrations')) return { rows: [{ recent }] };
      return { rows: [sql.includes('pg_inherits') ? row : { now }] };
    };
    const check = CHECKS.find(({ codes }) => codes.includes('ranges'));
    const gateway = { eventsDays, ledgerDays: null };
    // It needs nothing else.
    const context = { client: { query }, gateway, places: ['public'] } as unknown as CheckContext;
    return (await check?.run(context))?.map(({ level, found }) => ({ level, found })) ?? [];
  }

  it.each([
    ['the coming months have theirs', day(6, 10), day(8), {}, 'OK'],
    ['a month has just begun', day(6, 2), day(7), {}, 'OK'],
    [
      'a month began days ago, and one is being closed',
      day(6, 4),
      day(7),
      { closingAt: day(8) },
      'OK',
    ],
    ['a month began days ago', day(6, 4), day(7), {}, 'WARNING'],
    ['a month began days ago, but nothing is to go', day(6, 4), day(7), { eventsDays: null }, 'OK'],
    ['there is one, since just now', day(6, 10), null, { recent: true }, 'OK'],
    ['there is one, since long ago', day(6, 10), null, {}, 'WARNING'],
    ['one refuses rows from soon on', day(6, 10), day(8), { closingAt: day(6, 24) - 1 }, 'PROBLEM'],
    [
      'one refuses rows now',
      day(6, 10),
      null,
      { closingAt: day(6, 9), eventsDays: null },
      'PROBLEM',
    ],
    ['one is being closed', day(6, 10), null, { closingAt: day(6, 24), eventsDays: null }, 'OK'],
  ] as const)('%s', async (_what, now, lastStart, more, level) => {
    const found = await foundAt(now, lastStart, more);
    expect(new Set(found.map((one) => one.level))).toEqual(new Set([level]));
  });

  it('names the settings and the day', async () => {
    expect(await foundAt(day(6, 3) + DAY_MS, day(7))).toContainEqual({
      level: 'WARNING',
      found: 'The last range of events begins on 2026-07-01, and EVENTS_DAYS is 35.',
    });
  });
});

describe('a report', () => {
  const findings = [
    ok('encoding', 'The encoding is right.'),
    note('sizing', { found: 'Small.', advice: 'Run:', commands: ['A;', 'B;'] }),
    problem('fsync', { found: 'Off.', meaning: 'Bad.' }),
  ];
  const report = { place: 'PostgreSQL at h:1/d', level: worstOf(findings), findings };

  it('begins with the worst, and omits what is well', () => {
    expect(asText(report, { all: false })).toBe(
      [
        'PROBLEM  fsync\n  Off. Bad.',
        'NOTE  sizing\n  Small.\n  Run:\n    A;\n    B;',
        'Examined PostgreSQL at h:1/d: 1 problem, 1 note, 1 thing that is well.',
      ].join('\n\n'),
    );
  });

  it('shows what is well if that is wanted', () => {
    expect(asText(report, { all: true })).toContain('ok  encoding\n  The encoding is right.');
  });

  it('has everything in JSON', () => {
    expect(JSON.parse(asJson(report))).toMatchObject({
      level: 'PROBLEM',
      place: 'PostgreSQL at h:1/d',
      findings: [
        { code: 'encoding', level: 'OK' },
        { code: 'sizing', level: 'NOTE', commands: ['A;', 'B;'], preventsStart: false },
        { code: 'fsync', found: 'Off.', meaning: 'Bad.', advice: '' },
      ],
    });
    expect(JSON.parse(failedAsJson('Why.'))).toEqual({ level: 'UNKNOWN', reason: 'Why.' });
  });
});
