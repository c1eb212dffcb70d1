import type { LedgerKind as Kind } from '../domain/balance.js';
import { readEvent } from '../meter/read/event.js';
import { readLedgerEntry } from '../meter/read/ledger-entry.js';
import type { RecordedEntry } from '../meter/store.js';
import { builder } from './builder.js';
import type { Cursors } from './connection.js';
import { partsOf } from './global-id.js';
import { pattern, SEQ } from './input/patterns.js';
import { EventRef, eventNode, LedgerEntryRef, ownerOf } from './nouns.js';

const LedgerKind = builder.enumType('LedgerKind', {
  description: 'Says why a balance changed.',
  values: {
    GRANT: { description: 'The balance was created.' },
    TRACK: { description: 'An event took from it or gave back to it.' },
    VOID: { description: 'An event was voided.' },
    RESET: { description: 'A new period began.' },
    ROLLOVER: { description: 'What was unused at a reset was carried over.' },
    EXPIRE: { description: 'The balance, or an amount carried over, came to its end.' },
    ADJUST: { description: 'Somebody corrected it.' },
    RESERVE: { description: 'An amount was set aside for a use to come.' },
    CAPTURE: { description: 'An amount set aside was used.' },
    RELEASE: { description: 'An amount set aside was let go.' },
  } satisfies Record<Kind, { description: string }>,
});

builder.node(LedgerEntryRef, {
  description: "One change of one balance; the amounts of a balance's entries sum to it.",
  id: {
    resolve: ({ customerKey, balanceId, seq }) => `${customerKey}:${balanceId}:${seq}`,
    parse: (id) => partsOf('LedgerEntry', id),
  },
  loadOne: ([customerKey = '', balanceId = '', seq], context) =>
    readLedgerEntry(context, { customerKey, balanceId, seq: Number(seq) }),
  fields: (t) => ({
    kind: t.expose('kind', { type: LedgerKind, description: 'Why the balance changed.' }),
    amount: t.exposeFloat('amount', {
      description: 'By how much it changed: granted less used.',
    }),
    grantedAfter: t.exposeFloat('grantedAfter', {
      description: 'What was granted afterwards, rolled-over amounts included.',
    }),
    usedAfter: t.exposeFloat('usedAfter', {
      description: 'What was used afterwards, of rolled-over amounts too.',
    }),
    effectiveAt: t.expose('effectiveAt', {
      type: 'DateTime',
      description: 'When the change took effect, such as the boundary of a period.',
    }),
    recordedAt: t.expose('recordedAt', {
      type: 'DateTime',
      description: 'When the change was written.',
    }),
    event: t.field({
      type: EventRef,
      nullable: true,
      description: 'The event that caused it, null for changes without one.',
      resolve: async (entry, _args, context) => {
        const { customerKey, eventId } = entry;
        if (eventId === null) return null;
        const event = await readEvent(context, { customerKey, eventId });
        return event && eventNode(event, ownerOf(entry));
      },
    }),
  }),
});

export const LedgerEntryConnection = builder.connectionObject(
  {
    type: LedgerEntryRef,
    name: 'LedgerEntryConnection',
    description: 'A page of ledger entries.',
  },
  { name: 'LedgerEntryEdge', description: 'A ledger entry and its place in the list.' },
);

export const ledgerCursors: Cursors<RecordedEntry> = {
  list: 'LedgerEntry',
  keyForm: pattern(SEQ),
  keyOf: ({ seq }) => String(seq),
};
