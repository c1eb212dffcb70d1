import { ROLLOVERS_MAX } from '../domain/advance.js';
import { present } from '../domain/assert.js';
import {
  overage,
  type Rollover,
  type RolloverRule,
  remaining,
  totalGranted,
  totalUsed,
} from '../domain/balance.js';
import { timeZoneName } from '../domain/time-zone.js';
import { readBalance } from '../meter/read/balance.js';
import { listLedgerEntries } from '../meter/read/ledger-entry.js';
import { builder } from './builder.js';
import { resolvePage } from './connection.js';
import type { Context } from './context.js';
import { partsOf } from './global-id.js';
import { ResetInterval } from './interval.js';
import { LedgerEntryConnection, ledgerCursors } from './ledger-entry.js';
import { holds } from './list-size.js';
import {
  type BalanceNode,
  BalanceRef,
  type CustomerNode,
  CustomerRef,
  EntityRef,
  FeatureRef,
  LedgerEntryRef,
  ownerOf,
} from './nouns.js';

/** A balance as it stands now, an expired one too; null where there is none. */
async function loadBalance(
  context: Context,
  owner: CustomerNode,
  balanceId: string,
): Promise<BalanceNode | null> {
  const { customerKey } = owner;
  const balance = await readBalance(context, { customerKey, balanceId });
  return balance && { ...balance, owner };
}

/** A balance that something recorded names. */
export async function findBalance(
  context: Context,
  owner: CustomerNode,
  balanceId: string,
): Promise<BalanceNode> {
  return present(await loadBalance(context, owner, balanceId), 'a balance is never deleted');
}

const RolledOverAmount = builder.objectRef<Rollover>('RolledOverAmount').implement({
  description: 'An amount carried over from an earlier period.',
  fields: (t) => ({
    granted: t.exposeFloat('granted', { description: 'How much was carried over.' }),
    remaining: t.float({
      description: 'How much of it is left.',
      resolve: ({ granted, used }) => granted - used,
    }),
    expiresAt: t.expose('expiresAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When what is left of it is lost, null for never.',
    }),
  }),
});

const BalanceRollover = builder.objectRef<RolloverRule>('BalanceRollover').implement({
  description: 'The rule by which what is unused at a reset is carried over.',
  fields: (t) => ({
    max: t.float({
      nullable: true,
      description: 'The most that may stand carried over at once, null for no such bound.',
      resolve: ({ max }) => (max?.kind === 'AMOUNT' ? max.amount : null),
    }),
    maxPercent: t.float({
      nullable: true,
      description: 'The same bound in percent of the grant, rounded down to whole units.',
      resolve: ({ max }) => (max?.kind === 'PERCENT' ? max.percent : null),
    }),
    interval: t.field({
      type: ResetInterval,
      nullable: true,
      description: 'The unit of how long an amount is kept, null for ever.',
      resolve: ({ keep }) => keep?.unit ?? null,
    }),
    intervalCount: t.int({
      nullable: true,
      description: 'For how many of the units an amount outlives the period it was carried into.',
      resolve: ({ keep }) => keep?.count ?? null,
    }),
  }),
});

builder.node(BalanceRef, {
  description: 'A grant of one feature to a customer or to one of its entities.',
  id: {
    resolve: ({ owner, id }) => `${owner.customerKey}:${id}`,
    parse: (id) => partsOf('Balance', id),
  },
  loadOne: ([customerKey = '', balanceId = ''], context) =>
    loadBalance(context, ownerOf({ ...context.caller, customerKey }), balanceId),
  fields: (t) => ({
    feature: t.field({
      type: FeatureRef,
      description: 'What is granted.',
      resolve: ({ featureId }) => ({ id: featureId }),
    }),
    customer: t.field({
      type: CustomerRef,
      description: 'Whose it is.',
      resolve: ({ owner }) => owner,
    }),
    entity: t.field({
      type: EntityRef,
      nullable: true,
      description: 'The entity that owns it, null where the customer does.',
      resolve: ({ owner, entityId }) =>
        entityId === null ? null : { ...ownerOf(owner), id: entityId },
    }),
    granted: t.float({
      description: 'What is granted in this period, rolled-over amounts included, 0 if unlimited.',
      resolve: (balance) => totalGranted(balance),
    }),
    remaining: t.float({
      description: 'What is left, rolled-over amounts included, 0 if unlimited.',
      resolve: (balance) => remaining(balance),
    }),
    used: t.float({
      description: 'What is used in this period, of rolled-over amounts too.',
      resolve: (balance) => totalUsed(balance),
    }),
    overage: t.float({
      description: 'What is used beyond the grant.',
      resolve: (balance) => overage(balance),
    }),
    unlimited: t.exposeBoolean('unlimited', {
      description: 'Whether any use fits; uses are counted all the same.',
    }),
    rollovers: t.expose('rollovers', {
      type: [RolledOverAmount],
      extensions: holds(ROLLOVERS_MAX),
      description: 'The amounts carried over from earlier periods, oldest first.',
    }),
    createdAt: t.expose('createdAt', {
      type: 'DateTime',
      description: 'When it was granted.',
    }),
    ledger: t.connection(
      {
        type: LedgerEntryRef,
        description: 'What changed it and when, newest first, as far as it is written.',
        resolve: ({ owner: { customerKey }, id }, args, context) =>
          resolvePage(args, ledgerCursors, (page) =>
            listLedgerEntries(context, { ...page, customerKey, balanceId: id }),
          ),
      },
      LedgerEntryConnection,
    ),
  }),
});

/** What was agreed when it was granted. */
builder.objectFields(BalanceRef, (t) => ({
  priority: t.exposeInt('priority', {
    description: 'Its place among the balances of its owner: lower ones are drained first.',
  }),
  resetInterval: t.field({
    type: ResetInterval,
    nullable: true,
    description: 'The unit of its period, null where it never resets.',
    resolve: ({ reset }) => reset?.interval.unit ?? null,
  }),
  resetIntervalCount: t.int({
    nullable: true,
    description: 'How many units its period has, null where it never resets.',
    resolve: ({ reset }) => reset?.interval.count ?? null,
  }),
  resetAnchor: t.field({
    type: 'DateTime',
    nullable: true,
    description: 'What the boundaries of its periods are counted from.',
    resolve: ({ reset }) => reset?.anchor ?? null,
  }),
  resetTimeZone: t.string({
    nullable: true,
    description:
      'The IANA time zone by whose clocks its periods are counted, such as Europe/Berlin or UTC. ' +
      'Null if it never resets.',
    resolve: ({ reset }) => (reset === null ? null : timeZoneName(reset.timeZone)),
  }),
  nextResetAt: t.expose('nextResetAt', {
    type: 'DateTime',
    nullable: true,
    description: 'When its period ends, null where no reset is to come.',
  }),
  rollover: t.field({
    type: BalanceRollover,
    nullable: true,
    description: 'How what is unused is carried over, null where it is lost.',
    resolve: ({ reset }) => reset?.rollover ?? null,
  }),
  carryOverage: t.boolean({
    description: 'Whether overage is taken from the next period instead of being forgiven.',
    resolve: ({ reset }) => reset?.carryOverage ?? false,
  }),
  startsAt: t.expose('startsAt', {
    type: 'DateTime',
    nullable: true,
    description: 'When it begins to take part, null for since its creation.',
  }),
  expiresAt: t.expose('expiresAt', {
    type: 'DateTime',
    nullable: true,
    description: 'When it ceases to take part, null for never.',
  }),
  overageAllowed: t.exposeBoolean('overageAllowed', {
    description: 'Whether more than the grant may be used.',
  }),
  overageLimit: t.exposeFloat('overageLimit', {
    nullable: true,
    description: 'The most that may be used beyond the grant, null for any amount.',
  }),
}));
