/** A gateway over HTTP, as a subject for the cases. */
import { type AmendAnswer, type AmendDone, amendEvent } from '../client/amendments.js';
import type { Client } from '../client/client.js';
import { correct } from '../client/corrections.js';
import { foretold } from '../client/explaining.js';
import { archiveFeature } from '../client/features.js';
import { callHold, type HoldAnswer } from '../client/hold-calls.js';
import * as operations from '../client/operations.js';
import { voidAllOf } from '../client/void-events.js';
import { type ShownReversal, type VoidAnswer, voidEvent } from '../client/voids.js';
import { amountOf, textOf } from '../model/numbers.js';
import {
  type Answer,
  holdCallOf,
  type PlainCall,
  type PlainShortfall,
  type PlainTrack,
  type PlainUndone,
  type PlainVoided,
  type View,
} from './plain.js';
import type { Subject } from './play.js';

export interface OverHttpOptions {
  readonly client: Client;
  /** Precedes every customer's id, so that cases can share a project. */
  readonly prefix: string;
  readonly setClock: (at: number) => Promise<void>;
  /** How a usage event is sent; with `trackBalance` by default. */
  readonly track?: typeof operations.track;
  /** Whether each usage event is explained before it is sent. */
  readonly explains?: boolean;
}

export function overHttp(options: OverHttpOptions): Subject {
  const { client, prefix, setClock, track = operations.track, explains = false } = options;
  const customers = new Map<string, Promise<void>>();
  const names = new Map<string, string>();
  const idOf = async (customer: string): Promise<string> => {
    const id = `${prefix}.${customer}`;
    const created = customers.get(id) ?? operations.createCustomer(client, id);
    customers.set(id, created);
    await created;
    return id;
  };
  return {
    setClock,
    apply: async (customer, call) => {
      const customerId = await idOf(customer);
      const hold = holdCallOf(call);
      if (hold !== null) return heldOf(await callHold(client, customerId, hold), names);
      if ('amend' in call) {
        const { event: index, ...options } = call.amend;
        const event = (await eventsOf(client, customerId))[index];
        return amendedOf(await amendEvent(client, event?.id ?? 'none', options), names);
      }
      if (!('track' in call)) return change(client, customerId, call, names);
      return answerOf(await track(client, customerId, call.track), names);
    },
    ...(explains && {
      foretell: async (customer: string, call: PlainTrack) =>
        foretold(client, await idOf(customer), call, names),
    }),
    look: async (customer, featureId, entityId) => {
      const seen = await operations.look(client, await idOf(customer), featureId, entityId);
      return seen === null ? null : viewOf(seen, names);
    },
    events: async (customer) => eventsOf(client, await idOf(customer)),
    voidEvent: async (customer, index) => {
      const event = (await eventsOf(client, await idOf(customer)))[index];
      return voidedOf(await voidEvent(client, event?.id ?? 'none'), names);
    },
    voidAll: async (customer, call) => voidAllOf(client, await idOf(customer), call),
  };
}

/** In the order in which they were recorded. */
async function eventsOf(client: Client, customerId: string) {
  const events = await operations.events(client, customerId);
  return events
    .map(({ value, occurredAt, recordedAt, id, voidedAt }) => ({
      id,
      value: text(value),
      occurredAt,
      order: `${recordedAt} ${id}`,
      isVoided: voidedAt !== null,
    }))
    .sort((a, b) => (a.order < b.order ? -1 : 1));
}

/** An answer to `voidEvent`, which must not be refused. */
export function voidedOf(answer: VoidAnswer, names: Names): PlainVoided {
  if (!('reversed' in answer)) throw new Error(`refused: ${answer.message}`);
  return { replayed: answer.replayed, ...undoneOf(answer, names) };
}

/** An answer to `amendEvent`. */
export function amendedOf(answer: AmendAnswer, names: Names): Answer {
  if ('code' in answer) return answerOf({ ...answer, __typename: 'Refused' }, names);
  const { event, amended: _, reversed, notReversed, ...done } = answer;
  const tracked = answerOf({ ...done, event, ...takenBy(event) }, names);
  const undone = undoneOf({ reversed, notReversed }, names);
  return tracked.ok ? { ...tracked, undone } : tracked;
}

function takenBy({ deductions, unapplied }: AmendDone['event']) {
  return { __typename: 'TrackBalancePayload' as const, deductions, unapplied };
}

function undoneOf({ reversed, notReversed }: ShownReversal, names: Names): PlainUndone {
  return {
    reversed: Object.fromEntries(
      reversed.map(({ balance, amount }) => [nameOf(balance.id, names), text(amount)]),
    ),
    notReversed: Object.fromEntries(
      notReversed.map(({ balance, amount, reason }) => [
        `${nameOf(balance.id, names)} ${reason}`,
        text(amount),
      ]),
    ),
  };
}

async function change(
  client: Client,
  customerId: string,
  call: PlainCall,
  names: Map<string, string>,
): Promise<Answer | null> {
  if ('grant' in call) {
    const granted = await operations.grant(client, customerId, call.grant);
    if (!('balance' in granted)) {
      if (!['ALREADY_EXISTS', 'FEATURE_ARCHIVED'].includes(granted.code)) {
        throw new Error(`refused: ${granted.message}`);
      }
      return { ok: false, replayed: false, code: granted.code, missing: [], field: null };
    }
    // A balance that existed before is found under the same id.
    if (granted.created === names.has(granted.balance.id)) throw new Error('created twice');
    names.set(granted.balance.id, call.grant.name);
    return null;
  }
  if ('update' in call || 'delete' in call) {
    const refused = await correct(client, customerId, call, names);
    if (typeof refused === 'object') throw new Error(`refused: ${refused.message}`);
    return null;
  }
  if ('archive' in call) {
    await archiveFeature(client, call.archive, call.archived);
    return null;
  }
  if (!('createEntity' in call || 'deleteEntity' in call)) throw new Error('no such change');
  const refused =
    'createEntity' in call
      ? await operations.createEntity(client, customerId, call.createEntity)
      : await operations.deleteEntity(client, customerId, call.deleteEntity);
  if (refused !== null) throw new Error(`refused: ${refused}`);
  return null;
}

/** The names of the grants, by the ids of their balances. */
export type Names = ReadonlyMap<string, string>;

export function answerOf(answer: operations.Tracked, names: Names): Answer {
  if (!operations.wasTracked(answer)) {
    return {
      ok: false,
      replayed: answer.replayed ?? false,
      code: answer.code,
      missing: (answer.missing ?? []).map(shortfallOf),
      field: answer.field ?? null,
    };
  }
  return {
    ok: true,
    replayed: answer.replayed,
    balance: answer.balance?.feature.featureId ?? null,
    balances: answer.balances.map((view) => viewOf(view, names)),
    deductions: answer.deductions.map(({ amount, feature, balance }) => ({
      grant: nameOf(balance.id, names),
      featureId: feature.featureId,
      amount: text(amount),
    })),
    unapplied: answer.unapplied.map(shortfallOf),
  };
}

/** The answer to a call about a reservation. */
export function heldOf(answer: HoldAnswer, names: Names): Answer {
  if (!('reservation' in answer)) {
    const { how, used = 0, endedAt = '' } = answer;
    return {
      ok: false,
      replayed: answer.replayed ?? false,
      code: answer.code,
      missing: (answer.missing ?? []).map(shortfallOf),
      field: answer.field ?? null,
      ...(how !== undefined && { ended: { how, used: text(used), at: endedAt } }),
    };
  }
  const { value, held, used, ...reservation } = answer.reservation;
  return {
    ok: true,
    replayed: answer.replayed,
    balance: answer.balance?.feature.featureId ?? null,
    balances: answer.balances.map((view) => viewOf(view, names)),
    deductions: (answer.deductions ?? []).map(({ amount, feature, balance }) => ({
      grant: nameOf(balance.id, names),
      featureId: feature.featureId,
      amount: text(amount),
    })),
    unapplied: (answer.unapplied ?? []).map(shortfallOf),
    reservation: { ...reservation, value: text(value), held: text(held), used: text(used) },
  };
}

export function viewOf(view: operations.ShownView, names: Names): View {
  return {
    featureId: view.feature.featureId,
    granted: text(view.granted),
    remaining: text(view.remaining),
    usage: text(view.usage),
    overage: text(view.overage),
    reserved: text(view.reserved),
    unlimited: view.unlimited,
    overageAllowed: view.overageAllowed,
    nextResetAt: view.nextResetAt,
    breakdown: view.breakdown.map((balance) => ({
      grant: nameOf(balance.id, names),
      granted: text(balance.granted),
      remaining: text(balance.remaining),
      usage: text(balance.used),
      overage: text(balance.overage),
      reserved: text(balance.reserved),
      rolledOver: balance.rollovers.map(({ remaining }) => text(remaining)),
    })),
  };
}

function shortfallOf(part: operations.ShownShortfall): PlainShortfall {
  return {
    featureId: part.feature.featureId,
    chargedFeatureId: part.chargedFeature.featureId,
    amount: text(part.amount),
  };
}

function nameOf(balanceId: string, names: Names): string {
  return names.get(balanceId) ?? `unknown balance ${balanceId}`;
}

function text(amount: number): string {
  return textOf(amountOf(amount));
}
