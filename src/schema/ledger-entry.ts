import type { LedgerKind as Kind } from '../domain/balance.js';
import { readEvent } from '../meter/read/event.js';
import { readLedgerEntry } from '../meter/read/ledger-entry.js';
import type { RecordedEntry } from '../meter/store.js';
import { builder } from './builder.js';
import type { Cursors } from './connection.js';
import type { Context } from './context.js';
import { nodeEntity } from './entity-keys.js';
import { partsOf } from './global-id.js';
import { pattern, SEQ } from './input/patterns.js';
import { EventRef, eventNode, LedgerEntryRef, ownerOf } from './nouns.js';
import { asksForProperties } from './selected.js';

const LedgerKind = builder.enumType('LedgerKind', {
  description: 'Why a balance changed.',
  values: {
    GRANT: { description: 'The balance was created.' },
    TRACK: { description: 'A usage event took from the balance or gave back to it.' },
    VOID: { description: 'A usage event was undone: what it took was given back, or the reverse.' },
    RESET: { description: 'A new period began.' },
    ROLLOVER: { description: 'An unused amount was carried over at a reset.' },
    EXPIRE: {
      description:
        'The balance, or an amount carried over, expired, or the balance was ended: by deleteBalance, with its entity, or ' +
        'to make room for a new one once it was used up.',
    },
    ADJUST: {
      description:
        'The balance was corrected, or usage was transferred to it or from it when a balance was deleted.',
    },
    RESERVE: { description: 'A reservation set an amount aside.' },
    CAPTURE: { description: 'What was set aside was used. The amount is 0.' },
    RELEASE: { description: 'What was set aside was given back.' },
  } satisfies Record<Kind, { description: string }>,
});

const loadNode = ([customerKey = '', balanceId = '', seq]: readonly string[], context: Context) =>
  readLedgerEntry(context, { customerKey, balanceId, seq: Number(seq) });

builder.node(LedgerEntryRef, {
  extensions: nodeEntity('LedgerEntry', loadNode),
  scopes: ['balances:read'],
  description:
    'One change of one balance. The amounts of all its entries add up to what is granted ' +
    'less what is used or reserved.',
  id: {
    resolve: ({ customerKey, balanceId, seq }) => `${customerKey}:${balanceId}:${seq}`,
    parse: (id) => partsOf('LedgerEntry', id),
  },
  loadOne: loadNode,
  fields: (t) => ({
    kind: t.expose('kind', { type: LedgerKind, description: 'Why the balance changed.' }),
    amount: t.exposeFloat('amount', {
      description: 'The change of granted less used and reserved. Negative for usage.',
    }),
    reason: t.exposeString('reason', {
      nullable: true,
      description:
        'Why the balance was corrected, as the caller said it. Null for what is no correction, and where no reason was given.',
    }),
    actor: t.exposeString('actor', {
      nullable: true,
      description:
        'Who corrected the balance, as the caller said it. Null for what is no correction, and where nothing was said.',
    }),
    grantedBefore: t.exposeFloat('grantedBefore', {
      description: 'The amount granted before the change, including amounts rolled over.',
    }),
    usedBefore: t.exposeFloat('usedBefore', {
      description: 'The amount used before the change, including from amounts rolled over.',
    }),
    reservedBefore: t.exposeFloat('reservedBefore', {
      description: 'The amount that reservations held before the change.',
    }),
    grantedAfter: t.exposeFloat('grantedAfter', {
      description: 'The amount granted after the change, including amounts rolled over.',
    }),
    usedAfter: t.exposeFloat('usedAfter', {
      description: 'The amount used after the change, including from amounts rolled over.',
    }),
    reservedAfter: t.exposeFloat('reservedAfter', {
      description: 'The amount that reservations hold after the change.',
    }),
    effectiveAt: t.expose('effectiveAt', {
      type: 'DateTime',
      description: 'When the change took effect. For a reset, the boundary of the period.',
    }),
    recordedAt: t.expose('recordedAt', {
      type: 'DateTime',
      description: 'When the change was recorded.',
    }),
    event: t.field({
      type: EventRef,
      nullable: true,
      scopes: ['events:read'],
      description:
        'The usage event that caused the change, or that was undone by it. Null if there is none.',
      resolve: async (entry, _args, context, info) => {
        const { customerKey, eventId } = entry;
        if (eventId === null) return null;
        const event = await readEvent(context, {
          customerKey,
          eventId,
          withProperties: asksForProperties(info),
        });
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
  { name: 'LedgerEntryEdge', description: 'A ledger entry with its cursor.' },
);

export const ledgerCursors: Cursors<RecordedEntry> = {
  list: 'LedgerEntry',
  keyForm: pattern(SEQ),
  keyOf: ({ seq }) => String(seq),
};
