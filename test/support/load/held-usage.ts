/** Usage that a load reserves before it happens, and how each reservation ends. */
import type { PlainHoldCall } from '../cases/plain.js';
import type { Client } from '../client/client.js';
import { callHold, type HoldAnswer } from '../client/hold-calls.js';
import type { Random } from '../random/random.js';
import type { SentEvent } from './load.js';

/** A reservation, as it must be in the end, whatever happened meanwhile. */
export interface Held {
  readonly customerId: string;
  readonly reservationId: string;
  readonly status: 'CAPTURED' | 'RELEASED' | 'EXPIRED' | 'LIVE';
  readonly held: number;
  readonly used: number;
}

/** Sends a call until it has an answer; null if it is given up. */
export type UntilAnswered = <Answer extends { readonly replayed?: boolean }>(
  key: string,
  send: () => Promise<Answer>,
) => Promise<Answer | null>;

const RESERVED = 5;
const PART = 2;
const MORE = 7;

/** How each ends, and how much of it is used. */
const ENDS = {
  ALL: { status: 'CAPTURED', used: RESERVED },
  PART: { status: 'CAPTURED', used: PART },
  MORE: { status: 'CAPTURED', used: MORE },
  IN_PARTS: { status: 'RELEASED', used: PART },
  RELEASED: { status: 'RELEASED', used: 0 },
  EXPIRED: { status: 'EXPIRED', used: 0 },
  LIVE: { status: 'LIVE', used: 0 },
} as const;

/** In how many seconds it expires: at once, if it is to, or after every run. */
const [SHORT_S, LONG_S] = [1, 86_400];

/**
 * Reserves an amount and ends the reservation in a random way. Every call has a key, so that it can be repeated. Returns
 * how it ended, or what should never have been answered; null if it was given up.
 */
export async function holdOne(
  { customerId, key, what }: Omit<SentEvent, 'value'>,
  random: Random,
  client: () => Client,
  answered: UntilAnswered,
): Promise<Held | string | null> {
  const reservationId = `${key} held`;
  const send = async (name: string, call: PlainHoldCall): Promise<HoldAnswer | null> =>
    answered(name, () => callHold(client(), customerId, call));
  const end = random.pick<keyof typeof ENDS>([
    'ALL',
    'PART',
    'MORE',
    'IN_PARTS',
    'RELEASED',
    'EXPIRED',
    'LIVE',
  ]);
  const expiresInSeconds = end === 'EXPIRED' ? SHORT_S : LONG_S;
  const which = { customerId, reservationId };
  const calls: [string, PlainHoldCall][] = [
    [reservationId, { reserve: { reservationId, ...what, value: RESERVED, expiresInSeconds } }],
  ];
  const capture = (value?: number, final = true) =>
    calls.push([
      key,
      { capture: { reservationId, idempotencyKey: key, final, ...(value && { value }) } },
    ]);
  const release = `${key} released`;
  if (end === 'ALL') capture();
  if (end === 'PART') capture(PART);
  if (end === 'MORE') capture(MORE);
  if (end === 'IN_PARTS') capture(PART, false);
  if (end === 'IN_PARTS' || end === 'RELEASED') {
    calls.push([release, { release: { reservationId, idempotencyKey: release } }]);
  }
  for (const [name, call] of calls) {
    const answer = await send(name, call);
    if (answer === null) return null;
    if (!('reservation' in answer)) return `${name}: ${JSON.stringify(answer)}`;
  }
  const { status, used } = ENDS[end];
  return { ...which, status, used, held: status === 'LIVE' ? RESERVED : 0 };
}
