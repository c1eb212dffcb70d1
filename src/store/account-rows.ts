import type { Account } from '../domain/account.js';
import { present } from '../domain/assert.js';
import type { Balance, ResetChange, ResetRule, RolloverMax } from '../domain/balance.js';
import { NO_HOLDS, NO_KNOWN_HOLDS } from '../domain/hold.js';
import type { Interval, IntervalUnit } from '../domain/interval.js';
import { quantityFromText } from '../domain/quantity.js';
import { UnavailableError } from '../domain/unavailable.js';
import type { Loaded, LoadRequest } from '../meter/write/write-path.js';
import { rolloversFromJson } from './rollovers.js';

/** Milliseconds since 1970 of a `timestamptz(3)`, as SQL. */
export const ms = (column: string) => `(extract(epoch FROM ${column}) * 1000)::bigint`;

/** One balance `b` as a JSON array: amounts as text, because a JSON number would lose digits in JavaScript. */
export const BALANCE_JSON = `json_build_array(b.customer_key, b.id, b.feature_id, b.entity_id, b.unlimited,
    b.granted::text, b.used::text, b.rollovers, b.priority,
    b.reset_interval, b.reset_interval_count, ${ms('b.reset_anchor')}, ${ms('b.next_reset_at')},
    b.rollover_enabled, b.rollover_max::text, b.rollover_max_percent::text,
    b.rollover_interval, b.rollover_interval_count, b.carry_overage,
    ${ms('b.starts_at')}, ${ms('b.expires_at')}, ${ms('b.expired_at')},
    b.overage_allowed, b.overage_limit::text, ${ms('b.created_at')}, b.ledger_seq, b.reset_time_zone,
    CASE WHEN b.reset_changed_at IS NULL THEN NULL
      ELSE json_build_array(${ms('b.reset_changed_at')}, ${ms('b.period_started_at')}) END, b.given_id)`;

/** The elements of `BALANCE_JSON`, in order. */
export type BalanceJson = readonly [
  customerKey: string,
  id: string,
  featureId: string,
  entityId: string | null,
  unlimited: boolean,
  granted: string,
  used: string,
  rollovers: readonly unknown[],
  priority: number,
  resetInterval: IntervalUnit | null,
  resetIntervalCount: number | null,
  resetAnchor: number | null,
  nextResetAt: number | null,
  rolloverEnabled: boolean,
  rolloverMax: string | null,
  rolloverMaxPercent: string | null,
  rolloverInterval: IntervalUnit | null,
  rolloverIntervalCount: number | null,
  carryOverage: boolean,
  startsAt: number | null,
  expiresAt: number | null,
  expiredAt: number | null,
  overageAllowed: boolean,
  overageLimit: string | null,
  createdAt: number,
  ledgerSeq: number,
  resetTimeZone: string | null,
  resetChange: readonly [at: number, periodStart: number | null] | null,
  givenId: string | null,
];

export function balanceFromJson(json: BalanceJson): Balance {
  const [, id, featureId, entityId, unlimited, granted, used, rollovers, priority] = json;
  const [startsAt, expiresAt, expiredAt] = [json[19], json[20], json[21]];
  const [overageAllowed, overageLimit, createdAt, ledgerSeq] = [
    json[22],
    json[23],
    json[24],
    json[25],
  ];
  return {
    id,
    givenId: json[28],
    featureId,
    entityId,
    unlimited,
    granted: quantityFromText(granted),
    used: quantityFromText(used),
    ...rolloversFromJson(rollovers),
    priority,
    reset: resetFromJson(json),
    nextResetAt: json[12],
    resetChange: resetChangeFromJson(json[27]),
    startsAt,
    expiresAt,
    expiredAt,
    overageAllowed,
    overageLimit: overageLimit === null ? null : quantityFromText(overageLimit),
    createdAt,
    ledgerSeq,
  };
}

function resetChangeFromJson(json: BalanceJson[27]): ResetChange | null {
  return json === null ? null : { at: json[0], periodStart: json[1] };
}

function resetFromJson(json: BalanceJson): ResetRule | null {
  const interval = intervalFromJson(json[9], json[10]);
  if (interval === null) return null;
  const rollover = json[13]
    ? { max: rolloverMaxFromJson(json), keep: intervalFromJson(json[16], json[17]) }
    : null;
  return {
    interval,
    anchor: present(json[11], 'a reset has an anchor'),
    timeZone: json[26],
    rollover,
    carryOverage: json[18],
  };
}

function rolloverMaxFromJson(json: BalanceJson): RolloverMax | null {
  const [amount, percent] = [json[14], json[15]];
  if (amount !== null) return { kind: 'AMOUNT', amount: quantityFromText(amount) };
  return percent === null ? null : { kind: 'PERCENT', percent: quantityFromText(percent) };
}

function intervalFromJson(unit: IntervalUnit | null, count: number | null): Interval | null {
  return unit === null || count === null ? null : { unit, count };
}

export type CustomerJson = readonly [customerKey: string, id: string, version: number];

/** Shared, because a hundred thousand accounts may be cached, and an empty map takes as much room as a balance. */
const NO_ENTITIES: ReadonlyMap<string, boolean> = new Map();

/** Assembles the rows of several customers. An entity that was requested and not found does not exist. */
export function accountsFromJson(
  requests: readonly LoadRequest[],
  customers: readonly CustomerJson[],
  balances: readonly BalanceJson[],
  entities: readonly (readonly [customerKey: string, id: string])[],
): Required<Pick<Loaded, 'accounts' | 'unreadable'>> {
  const accounts = new Map<string, Account & { balances: Balance[] }>();
  const entitiesOf = new Map<string, Map<string, boolean>>();
  for (const { customerKey, entityIds } of requests) {
    if (entityIds.length === 0) continue;
    entitiesOf.set(customerKey, new Map(entityIds.map((id) => [id, false])));
  }
  for (const [customerKey, id] of entities) {
    const known = entitiesOf.get(customerKey);
    if (known !== undefined) known.set(id, true);
    // Of an event that was requested.
    else entitiesOf.set(customerKey, new Map([[id, true]]));
  }
  for (const [customerKey, customerId, version] of customers) {
    accounts.set(customerKey, {
      customerKey,
      customerId,
      version,
      balances: [],
      holds: NO_HOLDS,
      ended: NO_KNOWN_HOLDS,
      entities: entitiesOf.get(customerKey) ?? NO_ENTITIES,
    });
  }
  const unreadable = new Map<string, UnavailableError>();
  for (const json of balances) {
    try {
      accounts.get(json[0])?.balances.push(balanceFromJson(json));
    } catch (error) {
      // The customers beside it are not affected.
      if (!(error instanceof UnavailableError)) throw error;
      unreadable.set(json[0], error);
    }
  }
  return { accounts, unreadable };
}
