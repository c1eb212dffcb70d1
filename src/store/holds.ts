/** Reservations as the write path reads and writes them, and the column `reservations.charges`. */
import { costToText } from '../domain/cost.js';
import type { DueHold, Part, Take } from '../domain/held.js';
import { type HeldCharge, HOLD_ENDS, type Hold, heldByBalance } from '../domain/hold.js';
import { quantityFromText, quantityToText } from '../domain/quantity.js';
import { readStored, STORED_VERSION } from '../domain/stored.js';
import {
  amount,
  cost,
  elementsOf,
  listOf,
  Members,
  number,
  type Reader,
  text,
} from '../domain/stored-values.js';
import { UnavailableError } from '../domain/unavailable.js';
import type { Loaded, LoadRequest } from '../meter/write/write-path.js';
import { ms } from './account-rows.js';

/** Properties of up to this many bytes are kept together with a reservation; longer ones are read when they are needed. */
const PROPERTIES_AT_HAND_BYTES = 1_000;

/**
 * One reservation `h`, requested by `r`, as a JSON array. Properties are text, so that their numbers stay exact. Those of one that has ended
 * are not needed.
 */
export const HOLD_JSON = `json_build_array(h.customer_key, h.id, h.entity_id, h.feature_id, h.event_name,
    h.value::text, h.held::text, h.used::text, h.charges,
    CASE WHEN h.properties IS NULL THEN NULL
      WHEN h.ended_at IS NOT NULL THEN to_json(false)
      WHEN octet_length(h.properties::text) <= ${PROPERTIES_AT_HAND_BYTES} OR h.id = ANY (r.reservation_ids)
      THEN to_json(h.properties::text) ELSE to_json(false) END,
    ${ms('h.created_at')}, ${ms('h.expires_at')}, ${ms('h.ended_at')}, h.ended_how)`;

/** The elements of `HOLD_JSON`, in order. */
export type HoldJson = readonly [
  customerKey: string,
  id: string,
  entityId: string | null,
  featureId: string | null,
  eventName: string | null,
  value: string,
  held: string,
  used: string,
  charges: unknown,
  /** False for those that were not read. */
  properties: string | false | null,
  createdAt: number,
  expiresAt: number,
  endedAt: number | null,
  endedHow: string | null,
];

export function holdFromJson(json: HoldJson): Hold {
  const [, id, entityId, featureId, eventName, value, held, used, charges, properties] = json;
  const [createdAt, expiresAt, endedAt, endedHow] = [json[10], json[11], json[12], json[13]];
  const how = HOLD_ENDS.find((end) => end === endedHow);
  return {
    id,
    entityId,
    featureId,
    eventName,
    value: quantityFromText(value),
    held: quantityFromText(held),
    used: quantityFromText(used),
    charges: chargesFromJson(charges),
    properties: properties === false ? undefined : properties,
    createdAt,
    expiresAt,
    ended: how === undefined || endedAt === null ? null : { how, at: endedAt },
  };
}

type Accounts = Required<Pick<Loaded, 'accounts' | 'unreadable'>>;

/** The accounts with their reservations. One that was requested and not found does not exist. */
export function withHolds(
  { accounts, unreadable }: Accounts,
  requests: readonly LoadRequest[],
  rows: readonly HoldJson[],
): Accounts {
  const holdsOf = new Map<string, Hold[]>();
  const failed = new Map(unreadable);
  for (const json of rows) {
    const [customerKey] = json;
    try {
      const holds = holdsOf.get(customerKey);
      if (holds === undefined) holdsOf.set(customerKey, [holdFromJson(json)]);
      else holds.push(holdFromJson(json));
    } catch (error) {
      // The customers beside it are not affected.
      if (!(error instanceof UnavailableError)) throw error;
      failed.set(customerKey, error);
    }
  }
  const all = new Map(accounts);
  for (const { customerKey, reservationIds = [] } of requests) {
    const account = accounts.get(customerKey);
    const holds = holdsOf.get(customerKey) ?? [];
    if (account === undefined || (holds.length === 0 && reservationIds.length === 0)) continue;
    const ended = new Map<string, Hold | null>(reservationIds.map((id) => [id, null]));
    for (const hold of holds) {
      if (hold.ended === null) ended.delete(hold.id);
      else ended.set(hold.id, hold);
    }
    all.set(customerKey, { ...account, holds: holds.filter((hold) => hold.ended === null), ended });
  }
  return { accounts: all, unreadable: failed };
}

/** What has expired of one balance: its reservations' ends, with their charges, of which only its own count. */
export function dueFromJson(balanceId: string, json: string | null): readonly DueHold[] {
  if (json === null || json === '') return [];
  const found = JSON.parse(json) as readonly (readonly [expiresAt: number, charges: unknown])[];
  const holds = found.map(([expiresAt, charges]) => ({
    expiresAt,
    charges: chargesFromJson(charges),
  }));
  return heldByBalance(holds).get(balanceId) ?? [];
}

export function chargesToJson(charges: readonly HeldCharge[]): string {
  if (charges.length === 0) return NOTHING_HELD;
  return JSON.stringify({
    v: STORED_VERSION,
    charges: charges.map(({ featureId, held, takes }) => [
      featureId,
      quantityToText(held),
      takes.map(takeToJson),
    ]),
  });
}

const NOTHING_HELD = JSON.stringify({ v: STORED_VERSION, charges: [] });

function takeToJson({ balanceId, part, amount, cost }: Take) {
  return [balanceId, part, quantityToText(amount), costToText(cost)];
}

export function chargesFromJson(json: unknown): readonly HeldCharge[] {
  return readStored(json, [allOf, allOf]);
}

const allOf: Reader<readonly HeldCharge[]> = (json) =>
  new Members(json).get('charges', listOf(chargeOf));

const chargeOf: Reader<HeldCharge> = (json) => {
  const parts = elementsOf(json, 3);
  return {
    featureId: parts.at(0, text),
    held: parts.at(1, amount),
    takes: parts.at(2, listOf(takeOf)),
  };
};

/** Costs that are finer than amounts are refused by releases that do not know them. */
const takeOf: Reader<Take> = (json) => {
  const parts = elementsOf(json, 4);
  return {
    balanceId: parts.at(0, text),
    part: parts.at(1, partOf),
    amount: parts.at(2, amount),
    cost: parts.at(3, cost),
  };
};

const partOf: Reader<Part> = (json) => (json === 'MAIN' || json === 'KEPT' ? json : number(json));
