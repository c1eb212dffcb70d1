/** What is sent for a call, and selected of its answer. */
import type { AccountCall } from './account-call.js';

export const FEATURE = 'messages';

interface Standing {
  readonly remaining: number;
  readonly reserved: number;
  readonly usage?: number;
}

/** The answer, with those of the fields that the verb has. */
export interface Shown {
  readonly code?: string;
  readonly replayed?: boolean;
  readonly how?: string;
  readonly used?: number;
  readonly value?: number;
  readonly allowed?: boolean;
  readonly largestAllowed?: number | null;
  readonly balance?: Standing | null;
  readonly balances?: readonly Standing[];
  /** Of a reservation that was read. */
  readonly status?: string;
  readonly held?: number;
  readonly expiresAt?: string;
  readonly reservation?: ShownReservation;
  readonly event?: { readonly id: string } | null;
  readonly reversed?: readonly { readonly amount: number }[];
  readonly notReversed?: readonly { readonly amount: number }[];
  readonly deductions?: readonly { readonly amount: number }[];
  readonly unapplied?: readonly { readonly amount: number }[];
  readonly missing?: readonly { readonly amount: number }[];
}

interface ShownReservation {
  readonly status: string;
  readonly held: number;
  readonly used: number;
  readonly expiresAt: string;
}

const STANDING = 'remaining usage reserved';
const TAKEN = 'deductions { amount } unapplied { amount }';
const DONE = `replayed balances { ${STANDING} }`;
const RESERVATION = 'status held used expiresAt';
const SETTLED = `${DONE} reservation { ${RESERVATION} }`;
const REFUSED = `... on Error { code
  ... on ReservationEndedError { how used }
  ... on InsufficientBalanceError { missing { amount } replayed } }`;

const mutation = (field: string, input: string, payload: string, selected: string) =>
  `mutation ($input: ${input}!) { result: ${field}(input: $input) {
    ... on ${payload} { ${selected} } ${REFUSED} } }`;

const DOCUMENTS = {
  track: mutation(
    'trackBalance',
    'BalancesTrackInput',
    'TrackBalancePayload',
    `${DONE} ${TAKEN} event { id }`,
  ),
  reserve: mutation(
    'reserveBalance',
    'BalancesReserveInput',
    'ReserveBalancePayload',
    `${SETTLED} ${TAKEN}`,
  ),
  capture: mutation(
    'captureReservation',
    'ReservationsCaptureInput',
    'CaptureReservationPayload',
    `${SETTLED} ${TAKEN} value event { id }`,
  ),
  extend: mutation(
    'extendReservation',
    'ReservationsExtendInput',
    'ExtendReservationPayload',
    SETTLED,
  ),
  release: mutation(
    'releaseReservation',
    'ReservationsReleaseInput',
    'ReleaseReservationPayload',
    SETTLED,
  ),
  void: mutation(
    'voidEvent',
    'EventsVoidInput',
    'VoidEventPayload',
    'replayed reversed { amount } notReversed { amount }',
  ),
  check: `query ($input: BalancesCheckInput!) { result: checkBalance(input: $input) {
    ... on CheckBalancePayload { allowed largestAllowed balance { remaining reserved } } } }`,
  read: `query ($customerId: String!) { result: customer(customerId: $customerId) {
    balance(featureId: "${FEATURE}") { ${STANDING} } } }`,
  hold: `query ($customerId: String!, $reservationId: String!) {
    result: reservation(customerId: $customerId, reservationId: $reservationId) { ${RESERVATION} } }`,
} as const;

export function documentOf(call: AccountCall): string {
  if (call.verb === 'pass') throw new Error('no client sends that');
  return DOCUMENTS[call.verb];
}

/** The variables. An event is known by the key of the call that recorded it. */
export function inputOf(
  call: AccountCall,
  customerId: string,
  events: ReadonlyMap<string, string>,
): object {
  const { verb, ...fields } = call;
  if (verb === 'read') return { customerId };
  if (verb === 'hold') return { customerId, reservationId: call.reservationId };
  if (verb === 'void') {
    const { of, idempotencyKey } = call;
    return { input: { eventId: events.get(of) ?? of, ...(idempotencyKey && { idempotencyKey }) } };
  }
  const isOfFeature = verb === 'track' || verb === 'check' || verb === 'reserve';
  const input = { customerId, ...(isOfFeature && { featureId: FEATURE }) };
  const inSeconds = 'inSeconds' in call ? call.inSeconds : undefined;
  const given = Object.entries(fields)
    .filter(([name, value]) => name !== 'until' && value !== null)
    .map(readable)
    .filter(([name]) => name !== 'inSeconds' && (name !== 'expiresAt' || inSeconds === undefined));
  const expiry = inSeconds === undefined ? {} : { expiresInSeconds: inSeconds };
  return { input: { ...input, ...Object.fromEntries(given), ...expiry } };
}

function readable([name, value]: [string, unknown]): [string, unknown] {
  return name === 'expiresAt' ? [name, new Date(Number(value)).toISOString()] : [name, value];
}
