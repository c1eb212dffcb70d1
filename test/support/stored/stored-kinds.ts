/** Everything that is stored as JSON and read again: how it is read, and the zod schemas that say what reading it must give. */
import type { z } from 'zod';
import type { FeatureBalance } from '../../../src/domain/account.js';
import { ZERO } from '../../../src/domain/quantity.js';
import { theOne } from '../../../src/domain/track.js';
import { createBalanceFromJson } from '../../../src/meter/stored/create-balance.js';
import { deleteBalanceFromJson } from '../../../src/meter/stored/delete-balance.js';
import { fingerprintFromJson } from '../../../src/meter/stored/fingerprint.js';
import { grantedResetFromJson } from '../../../src/meter/stored/grant-input.js';
import { reservationFromJson } from '../../../src/meter/stored/reservation.js';
import { trackBalanceFromJson } from '../../../src/meter/stored/track-balance.js';
import { updateBalanceFromJson } from '../../../src/meter/stored/update-balance.js';
import { creditCostsOf } from '../../../src/store/credit-costs.js';
import { eventOutcomeFromJson } from '../../../src/store/event-outcome.js';
import { reversalFromJson } from '../../../src/store/event-void.js';
import { chargesFromJson } from '../../../src/store/holds.js';
import { rolloversFromJson } from '../../../src/store/rollovers.js';
import { CHARGES, CREDIT_COSTS, EVENT_OUTCOME, REVERSAL, ROLLOVER } from './zod-columns.js';
import {
  CREATE_BALANCE,
  DELETE_BALANCE,
  FINGERPRINT,
  GRANTED_RESET,
  RESERVATION,
  TRACK_BALANCE,
  UPDATE_BALANCE,
} from './zod-results.js';

export interface StoredKind {
  readonly read: (json: unknown) => unknown;
  /** In the order of the versions. */
  readonly schemas: readonly z.ZodType[];
  /** What reading makes of what a schema has given; the same, unless it says. */
  readonly shown?: (value: never) => unknown;
}

const CALL = { featureId: 'messages' };

type Tracked =
  | { readonly missing: unknown }
  | { readonly event: string; readonly balances: readonly FeatureBalance[] };

export const STORED_KINDS: Record<string, StoredKind> = {
  trackBalance: {
    read: (json) => trackBalanceFromJson(json, CALL),
    schemas: TRACK_BALANCE,
    shown: (stored: Tracked) => {
      if ('missing' in stored) return stored;
      const { event, ...tracked } = stored;
      return { event, tracked: { ...tracked, balance: theOne(tracked.balances, CALL) } };
    },
  },
  reservation: { read: reservationFromJson, schemas: RESERVATION },
  createBalance: { read: createBalanceFromJson, schemas: CREATE_BALANCE },
  updateBalance: { read: updateBalanceFromJson, schemas: UPDATE_BALANCE },
  deleteBalance: { read: deleteBalanceFromJson, schemas: DELETE_BALANCE },
  fingerprint: { read: fingerprintFromJson, schemas: FINGERPRINT },
  'reset in a fingerprint': { read: grantedResetFromJson, schemas: GRANTED_RESET },
  'outcome of an event': { read: eventOutcomeFromJson, schemas: EVENT_OUTCOME },
  'reversal of an event': { read: reversalFromJson, schemas: REVERSAL },
  'credit costs': {
    read: (json) => creditCostsOf('messages', null, json),
    schemas: CREDIT_COSTS,
    shown: (costs: readonly object[]) => costs.map((cost) => ({ featureId: 'messages', ...cost })),
  },
  'charges of a reservation': { read: chargesFromJson, schemas: CHARGES },
  'rolled-over amount': {
    read: (json) => rolloversFromJson([json]),
    schemas: ROLLOVER,
    shown: (part: { readonly reserved?: bigint; readonly granted?: bigint }) =>
      part.granted === undefined
        ? { rollovers: [], reserved: part.reserved }
        : { rollovers: [part], reserved: ZERO },
  },
};
