import { HOME } from '../../domain/place.js';
import { LockTimeoutError, projectLocked, tooManyWaiting } from '../../domain/unavailable.js';
import { createGate, type Gate } from '../gate.js';
import type { CustomerScope } from '../store.js';
import type { VerbContext } from '../verb.js';

/** The gates in front of all writes that are not commands. */
export interface Gates {
  /** For keys, projects and features: most of them lock the row of their project. */
  readonly management: Gate;
  /** For a customer: those of one server keep no others out. */
  customers(customerKey: string): Gate;
}

/** What part of the connections that lanes leave the writes behind each gate may take. Keys and loads need the rest. */
const MANAGEMENT_PART = 1 / 4;
const CUSTOMERS_PART = 1 / 2;

/** Changes of keys, projects and features that wait. */
const MANAGEMENT_WAITING = { waitingPerProjectMax: 50, waitingMax: 500 } as const;

/** Customers that wait to be created or changed. */
const CUSTOMERS_WAITING = { waitingPerProjectMax: 500, waitingMax: 2_000 } as const;

/** They wait until their operation has reached its time limit. */
const OF_WRITES = { patience: null, refusal: tooManyWaiting } as const;

/**
 * Of the connections that are given, those of the lanes not included: each server has as many. Which one a customer is on is not
 * asked if there is only one.
 */
export function createGates(
  connections: number,
  serverOf: ((customerKey: string) => string) | null = null,
): Gates {
  const atHome = customersGate(connections);
  const others = new Map<string, Gate>();
  const gateOf = (server: string) => {
    const known = others.get(server);
    if (known !== undefined || server === HOME) return known ?? atHome;
    const gate = customersGate(connections);
    others.set(server, gate);
    return gate;
  };
  return {
    management: createGate({
      inFlightMax: partOf(connections, MANAGEMENT_PART),
      // A second one would hold a connection while it waits for the lock of the first.
      inFlightPerProjectMax: 1,
      ...MANAGEMENT_WAITING,
      ...OF_WRITES,
    }),
    customers: (customerKey) => (serverOf === null ? atHome : gateOf(serverOf(customerKey))),
  };
}

function customersGate(connections: number): Gate {
  const inFlightMax = partOf(connections, CUSTOMERS_PART);
  return createGate({
    inFlightMax,
    inFlightPerProjectMax: partOf(inFlightMax, 1 / 2),
    ...CUSTOMERS_WAITING,
    ...OF_WRITES,
  });
}

/** Changes keys, projects or features when it is the caller's turn. */
export async function manage<T>(ctx: VerbContext, work: () => Promise<T>): Promise<T> {
  try {
    return await ctx.writeQueue.gates.management.pass(visitorOf(ctx), work);
  } catch (error) {
    throw error instanceof LockTimeoutError ? projectLocked(error) : error;
  }
}

/** Creates or changes a customer when it is the caller's turn. */
export function writeCustomer<T>(
  ctx: VerbContext,
  { customerKey }: CustomerScope,
  work: () => Promise<T>,
): Promise<T> {
  return ctx.writeQueue.gates.customers(customerKey).pass(visitorOf(ctx), work);
}

function visitorOf({ caller, execution }: VerbContext) {
  return { projectId: caller.projectId, asker: execution };
}

function partOf(count: number, part: number): number {
  return Math.max(1, Math.floor(count * part));
}
