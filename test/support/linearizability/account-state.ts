/** What is known of a customer between two calls. */
import type { AccountAnswer } from './account-call.js';

export interface AccountState {
  readonly used: bigint;
  readonly holds: ReadonlyMap<string, Held>;
  /** By key, what those events took that some call undoes. */
  readonly events: ReadonlyMap<string, Recorded>;
  /** What was answered under a key that occurs in several calls. */
  readonly answers: ReadonlyMap<string, Stored>;
}

export interface Held {
  readonly status: 'LIVE' | 'CAPTURED' | 'RELEASED' | 'EXPIRED';
  readonly held: bigint;
  readonly used: bigint;
  readonly expiresAt: number;
}

export interface Recorded {
  readonly taken: bigint;
  readonly isVoided: boolean;
  readonly reversed: bigint;
}

export interface Stored {
  readonly call: string;
  readonly answer: AccountAnswer;
}

export function reservedIn({ holds }: AccountState): bigint {
  let reserved = 0n;
  for (const { held } of holds.values()) reserved += held;
  return reserved;
}

/** R27 */
export function expired(state: AccountState, instant: number): AccountState {
  const due = [...state.holds].filter(
    ([, { status, expiresAt }]) => status === 'LIVE' && expiresAt <= instant,
  );
  if (due.length === 0) return state;
  const holds = new Map(state.holds);
  for (const [id, hold] of due) holds.set(id, { ...hold, status: 'EXPIRED', held: 0n });
  return { ...state, holds };
}

export function stateText({ used, holds, events, answers }: AccountState): string {
  const held = [...holds]
    .map(([id, hold]) => `${id}:${hold.status}:${hold.held}:${hold.used}:${hold.expiresAt}`)
    .sort();
  const stored = [...answers].map(([key, { call, answer }]) => JSON.stringify([key, call, answer]));
  const recorded = [...events].map(([key, event]) => [key, ...Object.values(event)].join(':'));
  return `${used};${held.join()};${recorded.sort().join()};${stored.sort().join()}`;
}
