/**
 * Callers that keep tracking usage events, each with its own key, and that retry each one with that
 * key until they get an answer, as the documentation recommends.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { oneOff } from '../cases/case.js';
import type { PlainFeature } from '../cases/plain-feature.js';
import { CallError, type Client } from '../client/client.js';
import * as operations from '../client/operations.js';
import { amountOf } from '../model/numbers.js';
import { type Random, randomOf } from '../random/random.js';
import { type Held, holdOne, type UntilAnswered } from './held-usage.js';

/** A usage event that a caller sends. */
export interface SentEvent {
  readonly customerId: string;
  readonly key: string;
  /** `action-event` charges two features. */
  readonly what: { readonly featureId: 'messages' } | { readonly eventName: 'action-event' };
  readonly value: number;
}

export interface Load {
  /** In the order of their acknowledgement so far. */
  readonly acknowledged: readonly SentEvent[];
  /** The reservations that were made, as they must be in the end. Those that were captured are acknowledged events too. */
  readonly holds: readonly Held[];
  /** How often there was no answer, by code. */
  readonly failures: ReadonlyMap<string, number>;
  /** Acknowledged by a replay: a call without an answer had been executed. */
  readonly replays: () => number;
  /** Answers that should never occur, such as an error that is not retryable. */
  readonly unexpected: readonly string[];
  /** Resolves once this many more usage events have been acknowledged. */
  more(count: number): Promise<void>;
  /** Starts no more usage events; resolves once every one in progress has been acknowledged. */
  finish(): Promise<void>;
  /** Gives up what is in progress, for a test that has failed. */
  abandon(): void;
}

export interface LoadOptions {
  readonly seed: number;
  /** The gateway to call now. */
  readonly client: () => Client;
  readonly callers?: number;
  /** Whether some usage is reserved before; false by default. */
  readonly reserves?: boolean;
}

const CUSTOMERS = ['ada', 'ben', 'cleo', 'dan', 'eve'] as const;
const GRANTED = 1_000_000;

/** How many usage events there are for one that is reserved first. */
const HELD_ONCE_IN = 4;

/** Long enough for waiting callers not to slow down a program that starts. */
const PAUSE_MS = 100;
const PATIENCE_MS = 120_000;

const FEATURES: readonly PlainFeature[] = [
  { id: 'messages', type: 'CONSUMABLE' },
  { id: 'action1', type: 'CONSUMABLE', eventNames: ['action-event'] },
  { id: 'action3', type: 'CONSUMABLE', eventNames: ['action-event'] },
];

/** Creates the features, and customers with balances that are never used up. */
export async function prepareLoad(client: Client): Promise<void> {
  for (const feature of FEATURES) await operations.createFeature(client, feature);
  for (const customerId of CUSTOMERS) {
    await operations.createCustomer(client, customerId);
    for (const { id } of FEATURES) {
      await operations.grant(client, customerId, oneOff(id, GRANTED));
    }
  }
}

export function startLoad(options: LoadOptions): Load {
  const { seed, client, callers = 16, reserves = false } = options;
  const acknowledged: SentEvent[] = [];
  const holds: Held[] = [];
  const failures = new Map<string, number>();
  const unexpected: string[] = [];
  const waiting = new Set<{ count: number; resolve: () => void }>();
  let replays = 0;
  let stopped = false;
  let abandoned = false;

  const answered: UntilAnswered = async (key, send) => {
    const deadline = performance.now() + PATIENCE_MS;
    let mayBeDone = false;
    while (performance.now() < deadline && !abandoned) {
      const answer = await send().catch((error: unknown) => failureOf(error));
      if (typeof answer !== 'string') {
        if (answer.replayed) replays += 1;
        if (answer.replayed && !mayBeDone)
          unexpected.push(`${key} was executed, although the answer said that it was not`);
        return answer;
      }
      failures.set(answer, (failures.get(answer) ?? 0) + 1);
      mayBeDone ||= answer === 'CONNECTION' || answer === 'OUTCOME_UNKNOWN';
      await delay(PAUSE_MS);
    }
    unexpected.push(`${key} has no answer after ${PATIENCE_MS} ms`);
    return null;
  };

  const acknowledge = (event: SentEvent) => {
    acknowledged.push(event);
    for (const one of waiting) if (acknowledged.length >= one.count) one.resolve();
  };

  const call = async (event: SentEvent): Promise<void> => {
    const { customerId, key, what, value } = event;
    const input = { ...what, value, idempotencyKey: key };
    const answer = await answered(key, () => operations.track(client(), customerId, input));
    if (answer === null) return;
    if (!operations.wasTracked(answer)) unexpected.push(JSON.stringify(answer));
    acknowledge(event);
  };

  const hold = async (event: SentEvent, random: Random): Promise<void> => {
    const held = await holdOne(event, random, client, answered);
    if (typeof held === 'string') unexpected.push(held);
    if (held === null || typeof held === 'string') return;
    holds.push(held);
    if (held.used > 0) acknowledge({ ...event, value: held.used });
  };

  const failureOf = (error: unknown): string => {
    if (!(error instanceof CallError)) throw error;
    const { status, codes, retryable, retryAfter } = error;
    const isTyped = status === null || (status === 503 && retryable && retryAfter !== null);
    if (!isTyped) unexpected.push(`${status} ${codes} ${error.message}`);
    return codes.join();
  };

  const caller = async (number: number) => {
    const random = randomOf(seed + number);
    for (let count = 0; !stopped; count += 1) {
      const event = eventOf(`${number}-${count}`, random);
      if (reserves && random.once(HELD_ONCE_IN)) await hold(event, random);
      else await call(event);
    }
  };
  const finished = Promise.all(Array.from({ length: callers }, (_, number) => caller(number)));
  return {
    acknowledged,
    holds,
    failures,
    unexpected,
    replays: () => replays,
    more: (count) =>
      Promise.race([
        new Promise<void>((resolve) => {
          waiting.add({ count: acknowledged.length + count, resolve });
        }),
        finished.then(() => undefined),
      ]),
    finish: async () => {
      stopped = true;
      await finished;
    },
    abandon: () => {
      stopped = true;
      abandoned = true;
    },
  };
}

function eventOf(key: string, random: Random): SentEvent {
  return {
    customerId: random.pick(CUSTOMERS),
    key,
    what: random.once(3) ? { eventName: 'action-event' } : { featureId: 'messages' },
    value: random.whole(1, 200) / 100,
  };
}

/** The expected usage of each feature, by customer. */
export function usedOf(events: readonly SentEvent[]): Map<string, bigint> {
  const used = new Map<string, bigint>();
  for (const { customerId, what, value } of events) {
    for (const featureId of 'featureId' in what ? [what.featureId] : ['action1', 'action3']) {
      const name = `${customerId} ${featureId}`;
      used.set(name, (used.get(name) ?? 0n) + amountOf(value));
    }
  }
  return used;
}
