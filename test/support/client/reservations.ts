/** The verbs of reservations, as a client calls them. */
import type { Client } from './client.js';

const BALANCES = 'balances { feature { featureId } granted remaining usage reserved }';

const DONE = `__typename reservation { reservationId status value held used expiresAt } replayed ${BALANCES}`;

// Each is an error, but not each result has them all.
const REFUSED = `... on Error { code message
  ... on IdempotencyConflictError { field }
  ... on InvalidInputError { issues { path rule } }
  ... on ReservationEndedError { how endedAt used }
  ... on TooManyReservationsError { replayed }
  ... on InsufficientBalanceError { missing { amount } replayed } }`;

const TAKEN = 'deductions { amount feature { featureId } } unapplied { amount }';

const DOCUMENTS = {
  reserveBalance: `mutation ($input: BalancesReserveInput!) { result: reserveBalance(input: $input) {
    ... on ReserveBalancePayload { ${DONE} ${TAKEN} } ${REFUSED} } }`,
  captureReservation: `mutation ($input: ReservationsCaptureInput!) { result: captureReservation(input: $input) {
    ... on CaptureReservationPayload { ${DONE} ${TAKEN} value event { value properties reservationId } } ${REFUSED} } }`,
  extendReservation: `mutation ($input: ReservationsExtendInput!) { result: extendReservation(input: $input) {
    ... on ExtendReservationPayload { ${DONE} } ${REFUSED} } }`,
  releaseReservation: `mutation ($input: ReservationsReleaseInput!) { result: releaseReservation(input: $input) {
    ... on ReleaseReservationPayload { ${DONE} } ${REFUSED} } }`,
} as const;

export type ReservationVerb = keyof typeof DOCUMENTS;

export interface ReservationAnswer {
  readonly code?: string;
  readonly message?: string;
  readonly replayed?: boolean;
  readonly how?: string;
  readonly used?: number;
  readonly value?: number;
  readonly event?: { readonly value: number; readonly properties: unknown } | null;
  readonly reservation?: {
    readonly reservationId: string;
    readonly status: string;
    readonly held: number;
    readonly used: number;
  };
  readonly deductions?: readonly { readonly amount: number }[];
}

export async function settle(
  client: Client,
  verb: ReservationVerb,
  input: Readonly<Record<string, unknown>>,
): Promise<ReservationAnswer> {
  const { result } = await client.run<{ result: ReservationAnswer }>(DOCUMENTS[verb], { input });
  return result;
}
