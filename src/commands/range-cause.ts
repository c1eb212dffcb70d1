import type { RangeCause } from '../metrics/upkeep-figures.js';
import { failureOf, sqlStateOf } from '../store/failure.js';

/** Where the class of an error says too little. */
const BY_STATE: Readonly<Record<string, RangeCause>> = {
  // Tables are changed by their owner alone.
  '42501': 'not_allowed',
  // The constraint that closes a range.
  '23514': 'future_rows',
};

/** Why a step of the daily work on ranges has failed. */
export function rangeCauseOf(error: unknown): RangeCause {
  const byState = BY_STATE[sqlStateOf(error) ?? ''];
  if (byState !== undefined) return byState;
  switch (failureOf(error)) {
    case 'LOCK_TIMEOUT':
    case 'SERIALIZATION':
      return 'locked';
    case 'UNREACHABLE':
    case 'BUSY':
    case 'CONNECTION_LOST':
    case 'NOT_BEGUN':
    case 'TIMEOUT':
    case 'REFUSED':
    case 'CLOSED':
      return 'database';
    default:
      return 'other';
  }
}
