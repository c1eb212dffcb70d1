/** The log of operations is limited, however often the same happens. */

import type { GraphQLError } from 'graphql';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { OPERATION_LOG, type OperationLogConfig } from '../../src/config/log-settings.js';
import { UnavailableError } from '../../src/domain/unavailable.js';
import { maskError } from '../../src/http/errors.js';
import type { EndedOperation } from '../../src/http/operation-line.js';
import { createOperationLog, type OperationLog, REASONS_MAX } from '../../src/http/request-log.js';
import { RunningOperation } from '../../src/http/running.js';
import { CustomerTokenError } from '../../src/meter/access/customer-tokens.js';
import { EVERY_SCOPE } from '../../src/meter/access/scopes.js';
import { logFigures } from '../../src/platform/log/log-figures.js';
import { createLog, type TestLog } from '../support/gateway/log.js';

let log: TestLog;
let operations: OperationLog;

const start = (config: Partial<OperationLogConfig> = {}) => {
  log = createLog('PASSES');
  operations = createOperationLog(log.logger, { ...OPERATION_LOG, ...config }, () =>
    performance.now(),
  );
};

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance', 'setTimeout', 'clearTimeout'] });
  start();
});
afterEach(() => {
  vi.useRealTimers();
});

const failed = (errors: readonly GraphQLError[], requestId = 'request-1') =>
  operations.causes(errors, requestId);

const at = (level: string) => log.lines().filter((line) => line['level'] === level);

describe('calls that are shed', () => {
  it('are counted in one line a second, the last ones too', () => {
    for (let call = 0; call < 100; call += 1) operations.shed('id');
    expect(at('warn')).toMatchObject([{ code: 'OVERLOADED', requestId: 'id' }]);
    vi.advanceTimersByTime(999);
    operations.shed('last');
    expect(at('warn')).toHaveLength(1);
    vi.advanceTimersByTime(1);
    const sum = { code: 'OVERLOADED', times: 100, requestId: 'last' };
    expect(at('warn').slice(1)).toMatchObject([sum]);
    vi.advanceTimersByTime(60_000);
    expect(at('warn')).toHaveLength(2);
  });

  it('do not hide calls that fail because the database is unavailable', () => {
    operations.shed('id');
    failed([maskError(new UnavailableError('DATABASE_UNAVAILABLE'))]);
    expect(at('warn')).toMatchObject([{ code: 'OVERLOADED' }, { code: 'DATABASE_UNAVAILABLE' }]);
  });
});

it.each([
  'DATABASE_UNAVAILABLE',
  'DATABASE_TIMEOUT',
  'CUSTOMER_LOCKED',
  'OUTCOME_UNKNOWN',
] as const)(
  'calls that end as %s are counted in one short line a second, without a stack',
  (code) => {
    const cause = new Error('\nInvalid `prisma.query()` invocation:\n\nconnect ECONNREFUSED');
    for (let call = 0; call < 74; call += 1) {
      failed([maskError(new UnavailableError(code, cause))]);
      operations.ended({ ...ENDED, outcome: code, errorCount: 1 }, 503, 1);
    }
    vi.advanceTimersByTime(1_000);
    const lines = log.lines();
    expect(lines).toMatchObject([
      { level: 'warn', code, reason: 'connect ECONNREFUSED' },
      { level: 'warn', code, times: 73, reason: 'connect ECONNREFUSED' },
    ]);
    for (const line of lines) expect(JSON.stringify(line).length).toBeLessThan(500);
  },
);

it('operations that exceed their time are counted in one line a second', () => {
  const operation = { ...ENDED, outcome: 'OPERATION_TIMEOUT', errorCount: 1 };
  for (let call = 0; call < 9; call += 1) operations.ended(operation, 504, 30_000);
  vi.advanceTimersByTime(1_000);
  expect(log.lines()).toMatchObject([
    { level: 'warn', requestId: 'r', operation: 'Q' },
    { level: 'warn', times: 8 },
  ]);
});

describe('refused customer tokens', () => {
  const refused = (reason: string) =>
    failed([maskError(new CustomerTokenError(reason, { projectId: 'p' }))], 'id');

  it('are counted in one line a second for each reason', () => {
    for (let call = 0; call < 100; call += 1) refused('it has expired');
    refused('it is too long');
    vi.advanceTimersByTime(1_000);
    const line = { requestId: 'id', projectId: 'p' };
    expect(at('warn')).toMatchObject([
      { ...line, reason: 'it has expired' },
      { ...line, reason: 'it is too long' },
      { ...line, reason: 'it has expired', times: 99 },
    ]);
    expect(at('error')).toEqual([]);
  });

  it('have one answer, without an id', () => {
    const errors = ['it has expired', 'it is too long'].map((reason) =>
      maskError(new CustomerTokenError(reason, { projectId: 'p' })),
    );
    for (const error of errors) failed([error]);
    expect(JSON.stringify(errors[0])).toBe(JSON.stringify(errors[1]));
    expect(JSON.stringify(errors)).not.toContain('requestId');
  });
});

it('slow operations are counted in one line a second, which shows one of them', () => {
  const caller = { projectId: 'p', keyId: 'k', scopes: EVERY_SCOPE };
  const slow = (name: string) => {
    const requestId = `of ${name}`;
    const facts = { name, requestId, caller, startedAt: 0, giveUp: () => {} };
    operations.slow(new RunningOperation(facts), 1_234.5);
  };
  for (let n = 0; n < 700; n += 1) slow(`Q${n}`);
  vi.advanceTimersByTime(1_000);
  expect(at('warn')).toMatchObject([
    { operation: 'Q0', requestId: 'of Q0', projectId: 'p', keyId: 'k', runningMs: 1_235 },
    { operation: 'Q699', times: 699 },
  ]);
});

describe('an unexpected error', () => {
  it('is logged with its reasons, up to the maximum for one operation', () => {
    const reasons = Array.from({ length: REASONS_MAX + 3 }, (_, index) => new Error(`${index}`));
    failed(reasons.map(maskError), 'trace-1');
    expect(at('error').filter((line) => 'err' in line)).toHaveLength(REASONS_MAX);
    expect(at('error').at(-1)).toMatchObject({ requestId: 'trace-1', reasons: REASONS_MAX + 3 });
  });

  it('is logged once for a thousand items that fail for the same reason', () => {
    const reason = new Error('one');
    failed(Array.from({ length: 1_000 }, () => maskError(reason)));
    expect(at('error')).toMatchObject([{ times: 1_000, err: { message: 'one' } }]);
  });

  it('is logged once a second for a thousand operations', () => {
    for (let call = 0; call < 1_000; call += 1) failed([maskError(new Error('one'))]);
    vi.advanceTimersByTime(1_000);
    expect(at('error')).toMatchObject([{ err: { message: 'one' } }, { times: 999 }]);
  });
});

const ENDED: EndedOperation = {
  requestId: 'r',
  caller: { projectId: 'p', keyId: 'k' },
  operation: { name: 'Q', isMutation: false },
  costOf: () => ({ requested: 7 }),
  outcome: undefined,
  errorCount: 0,
  batches: [],
};
const FAILED = { ...ENDED, outcome: 'FORBIDDEN', errorCount: 1 };
const UNKNOWN = { ...ENDED, outcome: 'UNAUTHENTICATED', errorCount: 1, caller: null };
const SLOW_MS = OPERATION_LOG.slowOperationMs;

describe('the operations that have a line', () => {
  it.each([
    ['all', ['OK', 'OK slow', 'FORBIDDEN', 'FORBIDDEN slow']],
    ['slow', ['OK slow', 'FORBIDDEN', 'FORBIDDEN slow']],
    ['failed', ['FORBIDDEN', 'FORBIDDEN slow']],
    ['none', []],
  ] as const)('LOG_OPERATIONS=%s: %j', (logOperations, lines) => {
    start({ logOperations });
    for (const operation of [ENDED, FAILED]) {
      for (const durationMs of [SLOW_MS - 1, SLOW_MS]) operations.ended(operation, 200, durationMs);
    }
    const told = at('info').map(
      ({ outcome, durationMs }) => `${outcome}${Number(durationMs) >= SLOW_MS ? ' slow' : ''}`,
    );
    expect(told).toEqual(lines);
  });

  it('are limited a second, and failures and requests without a key take no places of others', () => {
    start({ logOperationsPerSecond: 3 });
    const omitted = () => new Map(logFigures.omitted.entries()).get('over_limit') ?? 0;
    const before = omitted();
    const tell = () => {
      for (const operation of [UNKNOWN, FAILED, ENDED]) {
        for (let call = 0; call < 5; call += 1) operations.ended(operation, 200, 1);
      }
    };
    const outcomes = () => at('info').map(({ outcome }) => outcome);
    const three = [UNKNOWN, FAILED, ENDED].flatMap(({ outcome }) => Array(3).fill(outcome ?? 'OK'));
    tell();
    expect(outcomes()).toEqual(three);
    vi.advanceTimersByTime(999);
    tell();
    expect(outcomes()).toEqual(three);
    vi.advanceTimersByTime(1);
    expect(at('warn')).toMatchObject([{ times: 6 + 15 }]);
    expect(omitted() - before).toBe(6 + 15);
    tell();
    expect(outcomes()).toEqual([...three, ...three]);
  });

  it('cost nothing that is not logged', () => {
    const costOf = () => {
      throw new Error('it was counted');
    };
    start({ logOperations: 'failed' });
    operations.ended({ ...ENDED, costOf }, 200, 1);
    log.logger.level = 'warn';
    operations.ended({ ...FAILED, costOf }, 400, 1);
    expect(log.lines()).toEqual([]);
  });
});

describe('the line of an operation', () => {
  it.each([
    ['Q'.repeat(200), 'Q'.repeat(100)],
    ['tg_sk_AbCdEf', '(may be a secret)'],
    [undefined, null],
  ])('called %j has the name %j', (name, told) => {
    operations.ended({ ...ENDED, operation: { name, isMutation: false } }, 200, 1);
    expect(log.lines()).toMatchObject([{ operation: told }]);
  });

  it('has a cost that JSON can represent', () => {
    operations.ended({ ...ENDED, costOf: () => ({ requested: Number.POSITIVE_INFINITY }) }, 200, 1);
    expect(log.lines()).toMatchObject([{ cost: Number.MAX_SAFE_INTEGER }]);
  });
});
