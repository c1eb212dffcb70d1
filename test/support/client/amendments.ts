/** The operation that amends a usage event, with the shape of its answer. */
import type { RefusalCode } from '../../../src/domain/refusal.js';
import type { PlainAmend } from '../cases/plain.js';
import type { Client } from './client.js';
import { type ShownShortfall, type TrackAccepted, VIEW } from './operations.js';
import type { ShownReversal } from './voids.js';

const AMEND = `
  mutation Amend($input: EventsAmendInput!) {
    amendEvent(input: $input) {
      ... on AmendEventPayload {
        replayed
        event {
          id value occurredAt recordedAt properties idempotencyKey amends { id }
          deductions { amount feature { featureId } balance { id } }
          unapplied { amount feature { featureId } chargedFeature { featureId } }
        }
        amended { id value voidedAt voidReason voidActor amendedBy { id } }
        balance { feature { featureId } }
        balances { ...Shown }
        reversed { amount balance { id } feature { featureId } }
        notReversed { amount reason balance { id } feature { featureId } }
      }
      ... on InsufficientBalanceError {
        replayed
        missing { amount feature { featureId } chargedFeature { featureId } }
      }
      ... on IdempotencyConflictError { field }
      ... on EventVoidedError { voidedAt amendedById }
      ... on Error { code message }
    }
  }
  ${VIEW}`;

export interface AmendDone
  extends ShownReversal,
    Pick<TrackAccepted, 'replayed' | 'balance' | 'balances'> {
  readonly event: TrackAccepted['event'] &
    Pick<TrackAccepted, 'deductions' | 'unapplied'> & {
      readonly value: number;
      readonly properties: unknown;
      readonly idempotencyKey: string | null;
      readonly amends: { readonly id: string } | null;
    };
  readonly amended: {
    readonly id: string;
    readonly value: number;
    readonly voidedAt: string | null;
    readonly voidReason: string | null;
    readonly voidActor: string | null;
    readonly amendedBy: { readonly id: string } | null;
  };
}

export interface AmendRefused {
  readonly code: RefusalCode;
  readonly message: string;
  readonly replayed?: boolean;
  readonly missing?: readonly ShownShortfall[];
  readonly field?: string;
  readonly voidedAt?: string;
  readonly amendedById?: string | null;
}

export type AmendAnswer = AmendDone | AmendRefused;

export type AmendOptions = Omit<PlainAmend, 'event'> & {
  readonly reason?: string;
  readonly actor?: string;
};

export async function amendEvent(
  client: Client,
  eventId: string,
  options: AmendOptions = {},
): Promise<AmendAnswer> {
  const input = { eventId, ...options };
  return (await client.run<{ amendEvent: AmendAnswer }>(AMEND, { input })).amendEvent;
}
