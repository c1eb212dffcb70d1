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
  ... on InsufficientBalanceError { missing { amount } reason largestAllowed nextChangeAt replayed } }`;

const TAKEN = 'deductions { amount feature { featureId } } unapplied { amount }';

const VERBS = {
  reserveBalance: {
    input: 'BalancesReserveInput',
    answer: `{ ... on ReserveBalancePayload { ${DONE} ${TAKEN} } ${REFUSED} }`,
  },
  captureReservation: {
    input: 'ReservationsCaptureInput',
    answer: `{ ... on CaptureReservationPayload {
      ${DONE} ${TAKEN} value event { value properties reservationId } } ${REFUSED} }`,
  },
  extendReservation: {
    input: 'ReservationsExtendInput',
    answer: `{ ... on ExtendReservationPayload { ${DONE} } ${REFUSED} }`,
  },
  releaseReservation: {
    input: 'ReservationsReleaseInput',
    answer: `{ ... on ReleaseReservationPayload { ${DONE} } ${REFUSED} }`,
  },
} as const;

export type ReservationVerb = keyof typeof VERBS;

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
    readonly expiresAt: string;
  };
  readonly deductions?: readonly { readonly amount: number }[];
  readonly balances?: readonly { readonly remaining: number }[];
}

export async function settle(
  client: Client,
  verb: ReservationVerb,
  input: Readonly<Record<string, unknown>>,
): Promise<ReservationAnswer> {
  const { input: type, answer } = VERBS[verb];
  const document = `mutation ($input: ${type}!) { result: ${verb}(input: $input) ${answer} }`;
  return (await client.run<{ result: ReservationAnswer }>(document, { input })).result;
}

/** The document of a batch of these calls. */
export function batchOf(verb: ReservationVerb): string {
  const { input, answer } = VERBS[verb];
  return `mutation ($inputs: [${input}!]!) { results: ${verb}s(inputs: $inputs) ${answer} }`;
}

/** A batch of these calls, whose answers are all expected. */
export async function settleAll(
  client: Client,
  verb: ReservationVerb,
  inputs: readonly Readonly<Record<string, unknown>>[],
): Promise<ReservationAnswer[]> {
  const { results } = await client.run<{ results: ReservationAnswer[] }>(batchOf(verb), { inputs });
  if (results.length !== inputs.length) throw new Error('an item was not answered');
  return results;
}
