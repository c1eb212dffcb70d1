/** The operations that undo usage events, each with the shape of its answer. */
import type { RefusalCode } from '../../../src/domain/refusal.js';
import type { NotReversedReason } from '../../../src/domain/void.js';
import type { Client } from './client.js';

const VOID = `
  mutation Void($input: EventsVoidInput!) {
    voidEvent(input: $input) {
      ... on VoidEventPayload {
        replayed
        event { id voidedAt voidReason voidActor }
        reversed { amount balance { id } feature { featureId } }
        notReversed { amount reason balance { id } feature { featureId } }
      }
      ... on IdempotencyConflictError { field }
      ... on Error { code message }
    }
  }`;

interface ShownPart {
  readonly amount: number;
  readonly balance: { readonly id: string };
  readonly feature: { readonly featureId: string };
}

/** What was given back and what was not. */
export interface ShownReversal {
  readonly reversed: readonly ShownPart[];
  readonly notReversed: readonly (ShownPart & { readonly reason: NotReversedReason })[];
}

export type VoidAnswer =
  | (ShownReversal & {
      readonly replayed: boolean;
      readonly event: {
        readonly id: string;
        readonly voidedAt: string | null;
        readonly voidReason: string | null;
        readonly voidActor: string | null;
      };
    })
  | { readonly code: RefusalCode; readonly message: string; readonly field?: string };

interface VoidOptions {
  readonly reason?: string;
  readonly actor?: string;
  readonly idempotencyKey?: string;
}

export async function voidEvent(
  client: Client,
  eventId: string,
  options: VoidOptions = {},
): Promise<VoidAnswer> {
  const input = { eventId, ...options };
  return (await client.run<{ voidEvent: VoidAnswer }>(VOID, { input })).voidEvent;
}
