/** The ledger of a customer as a whole, and what an entry needs in it: the balance that it is of. */
import { listCustomerLedger } from '../meter/read/ledger-entry.js';
import type { RecordedEntry } from '../meter/store.js';
import { findBalance } from './balance.js';
import { builder } from './builder.js';
import { type Cursors, resolvePage } from './connection.js';
import { costs, FILTER } from './cost.js';
import { pattern, SEQ, UUID } from './input/patterns.js';
import * as rules from './input/rules.js';
import { LedgerEntryConnection } from './ledger-entry.js';
import { BalanceRef, CustomerRef, LedgerEntryRef, ownerOf } from './nouns.js';

builder.objectField(LedgerEntryRef, 'balance', (t) =>
  t.field({
    type: BalanceRef,
    scopes: ['balances:read'],
    description: 'The balance that changed.',
    resolve: (entry, _args, context) =>
      entry.balance ?? findBalance(context, ownerOf(entry), entry.balanceId),
  }),
);

/** Milliseconds since 1970. */
const MS = '[0-9]{1,15}';

const cursors: Cursors<RecordedEntry> = {
  list: 'CustomerLedger',
  keyForm: pattern(MS, UUID, SEQ),
  keyOf: ({ recordedAt, balanceId, seq }) => `${recordedAt}:${balanceId}:${seq}`,
};

builder.objectField(CustomerRef, 'ledger', (t) =>
  t.connection(
    {
      type: LedgerEntryRef,
      // Each of the customer's balances is examined.
      extensions: costs(FILTER),
      scopes: ['balances:read'],
      description:
        "Every recorded change of the customer's balances, those of its entities and those that have ended included, newest " +
        'first. Resets and expiries that have come due are recorded with the next write.',
      args: {
        featureId: t.arg.string({
          validate: rules.id,
          description: 'Only changes of balances of this feature.',
        }),
      },
      resolve: ({ customerKey }, { featureId = null, ...args }, context) =>
        resolvePage(args, cursors, (page) =>
          listCustomerLedger(context, { ...page, customerKey, featureId }),
        ),
    },
    LedgerEntryConnection,
  ),
);
