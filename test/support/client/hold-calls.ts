/** Calls about reservations as the cases write them, with all that their answers show. */
import type { HoldEnd } from '../../../src/domain/hold.js';
import type { RefusalCode } from '../../../src/domain/refusal.js';
import type { PlainHoldCall } from '../cases/plain.js';
import type { Client } from './client.js';
import { type ShownShortfall, type ShownView, VIEW } from './operations.js';

export type HoldAnswer = HoldDone | HoldRefused;

export interface HoldDone {
  readonly reservation: {
    readonly status: HoldEnd | 'LIVE';
    readonly value: number;
    readonly held: number;
    readonly used: number;
    readonly createdAt: string;
    readonly expiresAt: string;
    readonly endedAt: string | null;
  };
  readonly replayed: boolean;
  readonly balance: { readonly feature: { readonly featureId: string } } | null;
  readonly balances: readonly ShownView[];
  readonly deductions?: readonly {
    readonly amount: number;
    readonly feature: { readonly featureId: string };
    readonly balance: { readonly id: string };
  }[];
  readonly unapplied?: readonly ShownShortfall[];
  /** Of a capture; null if nothing was captured. */
  readonly event?: {
    readonly id: string;
    readonly value: number;
    readonly recordedAt: string;
  } | null;
}

export interface HoldRefused {
  readonly code: RefusalCode;
  readonly message: string;
  readonly replayed?: boolean;
  readonly missing?: readonly ShownShortfall[];
  readonly field?: string;
  readonly how?: HoldEnd;
  readonly used?: number;
  readonly endedAt?: string;
}

const DONE = `
  reservation { status value held used createdAt expiresAt endedAt } replayed
  balance { feature { featureId } } balances { ...Shown }`;

const TAKEN = `
  deductions { amount feature { featureId } balance { id } }
  unapplied { amount feature { featureId } chargedFeature { featureId } }`;

/** Each is an error, but not each result has them all. */
const REFUSED = `... on Error { code message
  ... on IdempotencyConflictError { field }
  ... on ReservationEndedError { how endedAt used }
  ... on TooManyReservationsError { replayed }
  ... on InsufficientBalanceError {
    replayed missing { amount feature { featureId } chargedFeature { featureId } }
  } }`;

/** Of a single call, and of a batch. */
const document = (verb: string, input: string, payload: string, selected: string) => {
  const answer = `{ ... on ${payload} { ${selected} } ${REFUSED} }`;
  return {
    one: `mutation ($input: ${input}!) { done: ${verb}(input: $input) ${answer} } ${VIEW}`,
    many: `mutation ($inputs: [${input}!]!) { done: ${verb}s(inputs: $inputs) ${answer} } ${VIEW}`,
  };
};

const DOCUMENTS = {
  reserve: document(
    'reserveBalance',
    'BalancesReserveInput',
    'ReserveBalancePayload',
    DONE + TAKEN,
  ),
  capture: document(
    'captureReservation',
    'ReservationsCaptureInput',
    'CaptureReservationPayload',
    `${DONE} ${TAKEN} event { id value recordedAt }`,
  ),
  extend: document(
    'extendReservation',
    'ReservationsExtendInput',
    'ExtendReservationPayload',
    DONE,
  ),
  release: document(
    'releaseReservation',
    'ReservationsReleaseInput',
    'ReleaseReservationPayload',
    DONE,
  ),
} as const;

export async function callHold(
  client: Client,
  customerId: string,
  call: PlainHoldCall,
): Promise<HoldAnswer> {
  const [{ one }, input] = requestOf(call);
  const variables = { input: { customerId, ...input } };
  return (await client.run<{ done: HoldAnswer }>(one, variables)).done;
}

/** Calls of one verb, as a batch. */
export async function callHolds(
  client: Client,
  customerId: string,
  calls: readonly [PlainHoldCall, ...PlainHoldCall[]],
): Promise<HoldAnswer[]> {
  const [{ many }] = requestOf(calls[0]);
  const inputs = calls.map((call) => ({ customerId, ...requestOf(call)[1] }));
  const { done } = await client.run<{ done: HoldAnswer[] }>(many, { inputs });
  if (done.length !== calls.length) throw new Error('an item was not answered');
  return done;
}

type Documents = ReturnType<typeof document>;

function requestOf(call: PlainHoldCall): readonly [Documents, object] {
  if ('reserve' in call) return [DOCUMENTS.reserve, call.reserve];
  if ('capture' in call) return [DOCUMENTS.capture, call.capture];
  if ('extend' in call) return [DOCUMENTS.extend, call.extend];
  return [DOCUMENTS.release, call.release];
}
