/** The log of operations is limited, however often the same happens and whatever request ids clients send. */

import type { GraphQLError } from 'graphql';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { UnavailableError } from '../../src/domain/unavailable.js';
import { maskError } from '../../src/http/errors.js';
import {
  createOperationLog,
  type OperationLog,
  REASONS_MAX,
  SLOW_TOLD_MAX,
} from '../../src/http/request-log.js';
import { RunningOperation } from '../../src/http/running.js';
import { CustomerTokenError } from '../../src/meter/access/customer-tokens.js';
import { EVERY_SCOPE } from '../../src/meter/access/scopes.js';
import { createLog, type TestLog } from '../support/gateway/log.js';

let log: TestLog;
let operations: OperationLog;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance'] });
  log = createLog();
  operations = createOperationLog(log.logger);
});
afterEach(() => {
  vi.useRealTimers();
});

const ended = (errors: readonly GraphQLError[], requestId = 'request-1') =>
  operations.causes(errors, requestId);

const at = (level: string) => log.lines().filter((line) => line['level'] === level);

describe('calls that are shed', () => {
  it('are counted in one line a second', () => {
    for (let call = 0; call < 100; call += 1) operations.shed('id');
    vi.advanceTimersByTime(999);
    operations.shed('id');
    expect(at('warn')).toMatchObject([{ code: 'OVERLOADED', shed: 1 }]);
    vi.advanceTimersByTime(1);
    operations.shed('id');
    expect(at('warn').slice(1)).toMatchObject([{ code: 'OVERLOADED', shed: 101 }]);
  });

  it('do not hide calls that fail because the database is unavailable', () => {
    operations.shed('id');
    ended([maskError(new UnavailableError('DATABASE_UNAVAILABLE'))]);
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
    for (let call = 0; call < 74; call += 1) ended([maskError(new UnavailableError(code, cause))]);
    vi.advanceTimersByTime(1_000);
    ended([maskError(new UnavailableError(code, cause))]);
    const lines = at('warn');
    expect(lines).toMatchObject([
      { code, calls: 1, reason: 'connect ECONNREFUSED' },
      { code, calls: 74, reason: 'connect ECONNREFUSED' },
    ]);
    for (const line of lines) expect(JSON.stringify(line).length).toBeLessThan(500);
    expect(at('error')).toEqual([]);
  },
);

describe('refused customer tokens', () => {
  const refused = (reason: string) =>
    ended([maskError(new CustomerTokenError(reason, { projectId: 'p' }))], 'id');

  it('are counted in one line a second for each reason', () => {
    for (let call = 0; call < 100; call += 1) refused('it has expired');
    refused('it is too long');
    vi.advanceTimersByTime(1_000);
    refused('it has expired');
    const line = { requestId: 'id', projectId: 'p', msg: 'customer token refused' };
    expect(at('warn')).toMatchObject([
      { ...line, reason: 'it has expired', calls: 1 },
      { ...line, reason: 'it is too long', calls: 1 },
      { ...line, reason: 'it has expired', calls: 100 },
    ]);
    expect(at('error')).toEqual([]);
  });

  it('have one answer, without an id', () => {
    const errors = ['it has expired', 'it is too long'].map((reason) =>
      maskError(new CustomerTokenError(reason, { projectId: 'p' })),
    );
    for (const error of errors) ended([error]);
    expect(JSON.stringify(errors[0])).toBe(JSON.stringify(errors[1]));
    expect(JSON.stringify(errors)).not.toContain('requestId');
  });
});

describe('slow operations', () => {
  it('are logged individually up to a number a second, and the others are counted', () => {
    const caller = { projectId: 'p', keyId: 'k', scopes: EVERY_SCOPE };
    const slow = (name: string) => {
      const operation = new RunningOperation({
        name,
        requestId: `of ${name}`,
        caller,
        startedAt: 0,
        giveUp: () => {},
      });
      operations.slow(operation, 1_234.5);
    };
    const names = Array.from({ length: SLOW_TOLD_MAX + 700 }, (_, index) => `Q${index}`);
    for (const name of names) slow(name);
    expect(at('warn').map(({ operation }) => operation)).toEqual(names.slice(0, SLOW_TOLD_MAX));
    expect(at('warn')[0]).toMatchObject({
      requestId: 'of Q0',
      projectId: 'p',
      keyId: 'k',
      runningMs: 1_235,
    });
    vi.advanceTimersByTime(1_000);
    slow('next');
    expect(at('warn').at(-1)).toMatchObject({ operation: 'next', untold: 700 });
    slow('last');
    expect(at('warn').at(-1)).not.toHaveProperty('untold');
  });
});

describe('an unexpected error', () => {
  it('is logged with its reasons, up to the maximum for one operation', () => {
    const reasons = Array.from({ length: REASONS_MAX + 3 }, (_, index) => new Error(`${index}`));
    ended(reasons.map(maskError), 'trace-1');
    const unexpected = log.lines().filter(({ msg }) => msg === 'unexpected error');
    expect(unexpected).toHaveLength(REASONS_MAX);
    expect(at('error').at(-1)).toMatchObject({ requestId: 'trace-1', reasons: REASONS_MAX + 3 });
  });

  it('is logged once for a thousand items that fail for the same reason', () => {
    const reason = new Error('one');
    ended(Array.from({ length: 1_000 }, () => maskError(reason)));
    expect(at('error')).toMatchObject([{ times: 1_000, err: { message: 'one' } }]);
  });
});
