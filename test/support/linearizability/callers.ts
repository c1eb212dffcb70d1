/** Callers that send calls about one customer at once, and retry those without an answer. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from '../client/client.js';
import { type AccountCall, keyOf } from './account-call.js';
import type { Recorder } from './record.js';

/** Between attempts. */
const PAUSE_MS = 20;

const ATTEMPTS_MAX = 2_000;

export interface Callers {
  /** How many calls are in progress at any time. */
  readonly callers: number;
  /** Null if there is no further call. */
  readonly next: () => AccountCall | null;
  /** The gateway to call now. */
  readonly client: (call: AccountCall) => Client;
}

/** Resolves once every caller has ended. */
export async function sendAll(
  recorder: Recorder,
  { callers, next, client }: Callers,
): Promise<void> {
  const caller = async () => {
    for (let call = next(); call !== null; call = next()) await send(recorder, client, call);
  };
  await Promise.all(Array.from({ length: callers }, caller));
}

/** As the documentation recommends: with the same key until there is an answer. Without a key, the outcome stays unknown. */
async function send(
  recorder: Recorder,
  client: Callers['client'],
  call: AccountCall,
): Promise<void> {
  for (let attempt = 1; attempt <= ATTEMPTS_MAX; attempt += 1) {
    const before = recorder.operations.length;
    if (await recorder.call(client(call), call)) return;
    const mayBeDone = recorder.operations.length > before;
    if (mayBeDone && keyOf(call) === null) return;
    await delay(PAUSE_MS);
  }
  throw new Error(`no answer to ${JSON.stringify(call)}`);
}
