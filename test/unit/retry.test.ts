/** Only work that certainly had no effect is repeated. */
import { expect, it } from 'vitest';
import { retrying } from '../../src/store/retry.js';

/** What pg throws for a SQLSTATE. */
const failure = (code: string) => Object.assign(new Error(code), { severity: 'ERROR', code });

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
  ['53100', true, 1, 'DATABASE_UNAVAILABLE'],
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
