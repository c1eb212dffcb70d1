/** Subjects of cases that are in memory. */
import { textOf } from '../model/numbers.js';
import type { Answer, PlainCall, PlainVoided, View } from './plain.js';
import type { PlainFeature } from './plain-feature.js';
import type { Subject } from './play.js';
import { type UsedFor, voidAll } from './void-all.js';

/** A customer in memory: that of the domain or of the model. */
export interface MemoryCustomer {
  readonly events: readonly ({
    readonly value: bigint;
    readonly occurredAt: number;
    readonly voided: PlainVoided | null;
  } & UsedFor)[];
  clone(): MemoryCustomer;
  voidEvent(index: number, now: number): PlainVoided;
  apply(call: PlainCall, now: number): Answer | null;
  look(featureId: string, entityId: string | null, now: number): View | null;
}

/** Customers in memory, with a clock that advances by a millisecond with every change. */
export function inMemory(
  features: readonly PlainFeature[],
  Customer: new (features: readonly PlainFeature[]) => MemoryCustomer,
): Subject {
  let now = Date.parse('2026-01-15T12:00:00.000Z');
  const customers = new Map<string, MemoryCustomer>();
  const grants = new Map<string, string>();
  const customerOf = (name: string): MemoryCustomer => {
    const customer = customers.get(name) ?? new Customer(features);
    customers.set(name, customer);
    return customer;
  };
  return {
    setClock: async (at) => {
      now = at;
    },
    apply: async (name, call) => {
      now += 1;
      if ('grant' in call) grants.set(call.grant.name, call.grant.featureId);
      return customerOf(name).apply(call, now);
    },
    look: async (name, featureId, entityId) => customerOf(name).look(featureId, entityId, now),
    events: async (name) =>
      customerOf(name).events.map(({ value, occurredAt, voided }) => ({
        value: textOf(value),
        occurredAt: new Date(occurredAt).toISOString(),
        isVoided: voided !== null,
      })),
    voidEvent: async (name, index) => {
      now += 1;
      return customerOf(name).voidEvent(index, now);
    },
    voidAll: async (name, call) => {
      now += 1;
      const featureOf = (grant: string) => grants.get(grant) ?? grant;
      return voidAll(customerOf(name), call, { now, featureOf });
    },
  };
}
