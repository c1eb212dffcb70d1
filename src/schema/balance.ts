import { ROLLOVERS_MAX } from '../domain/advance.js';
import { present } from '../domain/assert.js';
import {
  overage,
  type Rollover,
  type RolloverRule,
  remaining,
  reservedOf,
  rolloverFree,
  totalGranted,
  totalReserved,
  totalUsed,
} from '../domain/balance.js';
import { timeZoneName } from '../domain/time-zone.js';
import { readBalance } from '../meter/read/balance.js';
import { listLedgerEntries } from '../meter/read/ledger-entry.js';
import { builder } from './builder.js';
import { resolvePage } from './connection.js';
import type { Context } from './context.js';
import { AT_HAND, costs } from './cost.js';
import { nodeEntity } from './entity-keys.js';
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

/** The current state of a balance, even an expired one; null if there is none. */
async function loadBalance(
  context: Context,
  owner: CustomerNode,
  balanceId: string,
): Promise<BalanceNode | null> {
  const { customerKey } = owner;
  const balance = await readBalance(context, { customerKey, balanceId });
  return balance && { ...balance, owner };
}

/** A balance that recorded data refers to. */
export async function findBalance(
  context: Context,
  owner: CustomerNode,
  balanceId: string,
): Promise<BalanceNode> {
  return present(await loadBalance(context, owner, balanceId), 'a balance is never deleted');
}

const RolledOverAmount = builder.objectRef<Rollover>('RolledOverAmount').implement({
  extensions: costs(AT_HAND),
  description: 'An amount carried over from an earlier period.',
  fields: (t) => ({
    granted: t.exposeFloat('granted', { description: 'The amount carried over.' }),
    remaining: t.float({
      description: 'The amount left of it.',
      resolve: (part) => rolloverFree(part),
    }),
    reserved: t.float({
      description: 'The amount that reservations hold of it.',
      resolve: (part) => reservedOf(part),
    }),
    expiresAt: t.expose('expiresAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When the rest of the amount is lost, or null if it never is.',
    }),
  }),
});

const BalanceRollover = builder.objectRef<RolloverRule>('BalanceRollover').implement({
  extensions: costs(AT_HAND),
  description: 'How unused amounts are carried over at a reset.',
  fields: (t) => ({
    max: t.float({
      nullable: true,
      description:
        'The most that can be carried over at any time, or null if the bound is a percentage or ' +
        'there is none.',
      resolve: ({ max }) => (max?.kind === 'AMOUNT' ? max.amount : null),
    }),
    maxPercent: t.float({
      nullable: true,
      description:
        'The most that can be carried over at any time as a percentage of the grant, rounded ' +
        'down to a whole number.',
      resolve: ({ max }) => (max?.kind === 'PERCENT' ? max.percent : null),
    }),
    interval: t.field({
      type: ResetInterval,
      nullable: true,
      description:
        'The unit of time for which an amount is kept, or null if it is kept indefinitely.',
      resolve: ({ keep }) => keep?.unit ?? null,
    }),
    intervalCount: t.int({
      nullable: true,
      description:
        'How many units an amount is kept after the end of the period it was carried into.',
      resolve: ({ keep }) => keep?.count ?? null,
    }),
  }),
});

const loadNode = ([customerKey = '', balanceId = '']: readonly string[], context: Context) =>
  loadBalance(context, ownerOf({ ...context.caller, customerKey }), balanceId);

builder.node(BalanceRef, {
  extensions: nodeEntity('Balance', loadNode),
  scopes: ['balances:read'],
  description:
    'A grant of one feature to a customer or to one of its entities, and what has been used ' +
    'of it.',
  id: {
    resolve: ({ owner, id }) => `${owner.customerKey}:${id}`,
    parse: (id) => partsOf('Balance', id),
  },
  loadOne: loadNode,
  fields: (t) => ({
    balanceId: t.exposeString('givenId', {
      nullable: true,
      description: 'Your own id of the balance, or null if it was created without one.',
    }),
    feature: t.field({
      type: FeatureRef,
      scopes: [],
      description: 'The feature that is granted.',
      resolve: ({ featureId }) => ({ id: featureId }),
    }),
    customer: t.field({
      type: CustomerRef,
      scopes: [],
      description: 'The customer that owns the balance, itself or through one of its entities.',
      resolve: ({ owner }) => owner,
    }),
    entity: t.field({
      type: EntityRef,
      nullable: true,
      scopes: [],
      description: 'The entity that owns the balance, or null if the customer itself owns it.',
      resolve: ({ owner, entityId }) =>
        entityId === null ? null : { ...ownerOf(owner), id: entityId },
    }),
    granted: t.float({
      description:
        'The amount granted for the current period, including amounts rolled over. 0 if ' +
        'unlimited.',
      resolve: (balance) => totalGranted(balance),
    }),
    remaining: t.float({
      description:
        'What is left, including amounts rolled over, and never less than 0. 0 if unlimited.',
      resolve: (balance) => remaining(balance),
    }),
    used: t.float({
      description: 'The amount used in the current period, including from amounts rolled over.',
      resolve: (balance) => totalUsed(balance),
    }),
    reserved: t.float({
      description: 'The amount that reservations hold, including of amounts rolled over.',
      resolve: (balance) => totalReserved(balance),
    }),
    overage: t.float({
      description: 'The amount used beyond the grant.',
      resolve: (balance) => overage(balance),
    }),
    unlimited: t.exposeBoolean('unlimited', {
      description: 'Whether there is no limit. Usage is still counted.',
    }),
    rollovers: t.expose('rollovers', {
      type: [RolledOverAmount],
      extensions: holds(ROLLOVERS_MAX),
      scopes: [],
      description: 'The amounts carried over from earlier periods, oldest first.',
    }),
    createdAt: t.expose('createdAt', {
      type: 'DateTime',
      description: 'When the balance was created.',
    }),
    ledger: t.connection(
      {
        type: LedgerEntryRef,
        scopes: ['balances:read'],
        description:
          'Every recorded change of the balance, newest first. Resets and expiries that have come ' +
          'due are recorded with the next write.',
        resolve: (balance, args, context) => {
          const { owner, id: balanceId } = balance;
          const { customerKey } = owner;
          return resolvePage(args, ledgerCursors, async (page) => {
            const entries = await listLedgerEntries(context, { ...page, customerKey, balanceId });
            return entries.map((entry) => ({ ...entry, balance }));
          });
        },
      },
      LedgerEntryConnection,
    ),
  }),
});

/** The terms of its grant. */
builder.objectFields(BalanceRef, (t) => ({
  priority: t.exposeInt('priority', {
    description: 'Balances with a lower priority are used first.',
  }),
  resetInterval: t.field({
    type: ResetInterval,
    nullable: true,
    description: 'The unit of the reset period, or null if the balance never resets.',
    resolve: ({ reset }) => reset?.interval.unit ?? null,
  }),
  resetIntervalCount: t.int({
    nullable: true,
    description: 'The number of units in a reset period, or null if the balance never resets.',
    resolve: ({ reset }) => reset?.interval.count ?? null,
  }),
  resetAnchor: t.field({
    type: 'DateTime',
    nullable: true,
    description: 'The instant that the boundaries of periods are counted from.',
    resolve: ({ reset }) => reset?.anchor ?? null,
  }),
  resetTimeZone: t.string({
    nullable: true,
    description:
      'The IANA time zone of the reset periods, such as `Europe/Berlin` or `UTC`, or null if the ' +
      'balance never resets.',
    resolve: ({ reset }) => (reset === null ? null : timeZoneName(reset.timeZone)),
  }),
  nextResetAt: t.expose('nextResetAt', {
    type: 'DateTime',
    nullable: true,
    description: 'When the next reset is due, or null if there is none.',
  }),
  rollover: t.field({
    type: BalanceRollover,
    nullable: true,
    scopes: [],
    description: 'How unused amounts are carried over at a reset, or null if they are lost.',
    resolve: ({ reset }) => reset?.rollover ?? null,
  }),
  carryOverage: t.boolean({
    description:
      'Whether overage at a reset is taken from the next period. If false, it is forgiven.',
    resolve: ({ reset }) => reset?.carryOverage ?? false,
  }),
  startsAt: t.expose('startsAt', {
    type: 'DateTime',
    nullable: true,
    description: 'When the balance can first be used, or null if that was when it was created.',
  }),
  expiresAt: t.expose('expiresAt', {
    type: 'DateTime',
    nullable: true,
    description:
      'When the balance expires, or null if it never does. From then on it cannot be used. One that was ended ' +
      'early, because its entity was deleted or to make room, has only what was used left in `granted`.',
  }),
  overageAllowed: t.exposeBoolean('overageAllowed', {
    description: 'Whether more than the grant can be used.',
  }),
  overageLimit: t.exposeFloat('overageLimit', {
    nullable: true,
    description: 'The most that can be used beyond the grant, or null if there is no limit.',
  }),
}));
