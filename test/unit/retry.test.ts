/** Only work that certainly had no effect is repeated. */
import { expect, it } from 'vitest';
import { NoConnectionError, PoolBusyError } from '../../src/store/failure.js';
import { retrying } from '../../src/store/retry.js';

/** What pg throws for a SQLSTATE. */
const failure = (code: string) => Object.assign(new Error(code), { severity: 'ERROR', code });

const withCode = (code: string) => Object.assign(new Error(code), { code });

/** What adapter-pg throws for errors that it knows without a SQLSTATE. */
const byAdapter = (kind: string) => Object.assign(new Error(kind), { cause: { kind } });

it.each([
  // Serialization failures and deadlocks are rolled back.
  ['40001', false, 5, 'WRITE_CONTENTION'],
  ['40001', true, 5, 'WRITE_CONTENTION'],
  ['40P01', true, 5, 'WRITE_CONTENTION'],
  // According to the SQL standard, it is unknown whether the statement completed.
  ['40003', true, 1, 'OUTCOME_UNKNOWN'],
  ['40003', false, 1, 'DATABASE_UNAVAILABLE'],
  ['08006', true, 1, 'OUTCOME_UNKNOWN'],
  ['57P01', true, 1, 'OUTCOME_UNKNOWN'],
  ['57P01', false, 1, 'DATABASE_UNAVAILABLE'],
  // The session had ended before the statement arrived.
  ['57P05', true, 5, 'DATABASE_UNAVAILABLE'],
  ['57P05', false, 5, 'DATABASE_UNAVAILABLE'],
  // The statement_timeout of the role stopped the statement that lifts it.
  ['TG000', true, 5, 'DATABASE_UNAVAILABLE'],
  ['55P03', true, 1, 'CUSTOMER_LOCKED'],
  ['57014', true, 1, 'DATABASE_TIMEOUT'],
  ['53300', true, 1, 'DATABASE_UNAVAILABLE'],
  // A crash after the commit has been written to the log: the recovery finds it.
  ['58030', true, 1, 'OUTCOME_UNKNOWN'],
  ['58030', false, 1, 'DATABASE_UNAVAILABLE'],
  ['53000', true, 1, 'OUTCOME_UNKNOWN'],
  ['53100', true, 1, 'OUTCOME_UNKNOWN'],
  ['53100', false, 1, 'DATABASE_UNAVAILABLE'],
  ['53200', true, 1, 'OUTCOME_UNKNOWN'],
  ['XX000', true, 1, 'OUTCOME_UNKNOWN'],
  ['XX000', false, 1, 'XX000'],
  // A damaged row concerns only its own customer, so the others of the batch are tried alone.
  ['XX001', true, 1, 'XX001'],
  ['25006', true, 1, 'DATABASE_UNAVAILABLE'],
  // Integrity constraints: a repetition would fail again, and the error itself says why.
  ['40002', true, 1, '40002'],
  ['23505', true, 1, '23505'],
])(
  'SQLSTATE %s, when it may have committed: %s, is tried %i times, then %s',
  async (state, may, times, code) => {
    let tries = 0;
    const work = () => {
      tries += 1;
      return Promise.reject(failure(state));
    };
    await expect(retrying(work, () => may)).rejects.toMatchObject({ code });
    expect(tries).toBe(times);
  },
);

it.each([
  // Nothing was sent, or Prisma has rolled back.
  [new NoConnectionError('no'), 'DATABASE_UNAVAILABLE', 'DATABASE_UNAVAILABLE'],
  [new PoolBusyError('all'), 'OVERLOADED', 'OVERLOADED'],
  [withCode('P2028'), 'DATABASE_TIMEOUT', 'DATABASE_TIMEOUT'],
  [byAdapter('TlsConnectionError'), 'DATABASE_UNAVAILABLE', 'DATABASE_UNAVAILABLE'],
  // A COMMIT may have arrived.
  [byAdapter('ConnectionClosed'), 'DATABASE_UNAVAILABLE', 'OUTCOME_UNKNOWN'],
  [withCode('EHOSTUNREACH'), 'DATABASE_UNAVAILABLE', 'OUTCOME_UNKNOWN'],
  [withCode('ERR_SSL_BAD_RECORD_TYPE'), 'DATABASE_UNAVAILABLE', 'OUTCOME_UNKNOWN'],
  // Prisma or this program: nothing is known.
  [withCode('P2025'), 'P2025', 'OUTCOME_UNKNOWN'],
  [withCode('ERR_OUT_OF_RANGE'), 'ERR_OUT_OF_RANGE', 'OUTCOME_UNKNOWN'],
])('%s is %s before a commit may have been sent, and %s after', async (error, before, after) => {
  const failing = () => Promise.reject(error);
  await expect(retrying(failing, () => false)).rejects.toMatchObject({ code: before });
  await expect(retrying(failing, () => true)).rejects.toMatchObject({ code: after });
});
