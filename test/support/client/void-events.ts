/** The operation that undoes many usage events. */
import type { NotReversedReason } from '../../../src/domain/void.js';
import type { PlainVoidAll, PlainVoidedAll } from '../cases/plain.js';
import { summed, together } from '../cases/void-all.js';
import { amountOf, textOf } from '../model/numbers.js';
import type { Client } from './client.js';

const VOID = `
  mutation VoidMany($input: EventsVoidMatchingInput!) {
    voidEvents(input: $input) {
      ... on VoidEventsPayload {
        dryRun voided alreadyVoided hasMore endCursor
        notVoided { eventId code message }
        features { feature { featureId } reversed reversedBefore }
        notReversed { feature { featureId } reason amount }
      }
      ... on Error { code message }
    }
  }`;

interface OfFeature {
  readonly feature: { readonly featureId: string };
}

export interface VoidedPage {
  readonly dryRun: boolean;
  readonly voided: number;
  readonly alreadyVoided: number;
  readonly notVoided: readonly {
    readonly eventId: string;
    readonly code: string;
    readonly message: string;
  }[];
  readonly features: readonly (OfFeature & {
    readonly reversed: number;
    readonly reversedBefore: number;
  })[];
  readonly notReversed: readonly (OfFeature & {
    readonly reason: NotReversedReason;
    readonly amount: number;
  })[];
  readonly hasMore: boolean;
  readonly endCursor: string | null;
}

export interface VoidEventsOptions {
  readonly filter: Readonly<Record<string, string>>;
  readonly dryRun?: boolean;
  readonly first?: number;
  readonly after?: string | null;
  readonly reason?: string;
  readonly actor?: string;
}

export async function voidEvents(
  client: Client,
  { dryRun = false, ...options }: VoidEventsOptions,
): Promise<VoidedPage> {
  const input = { dryRun, ...options };
  const { voidEvents: answer } = await client.run<{
    voidEvents: VoidedPage | { readonly code: string; readonly message: string };
  }>(VOID, { input });
  if ('code' in answer) throw new Error(`refused: ${answer.message}`);
  return answer;
}

/** Page by page, until there is nothing more. */
export async function voidAllOver(
  clientOf: (page: number) => Client,
  options: VoidEventsOptions,
): Promise<VoidedPage[]> {
  const pages: VoidedPage[] = [];
  for (;;) {
    const after = pages.at(-1)?.endCursor ?? null;
    const page = await voidEvents(clientOf(pages.length), { ...options, after });
    pages.push(page);
    if (!page.hasMore) return pages;
  }
}

/** The events of a customer as in a case. */
export async function voidAllOf(
  client: Client,
  customerId: string,
  { dryRun = false, first = 100, ...filter }: PlainVoidAll,
): Promise<PlainVoidedAll> {
  const options = { filter: { customerId, ...filter }, dryRun, first };
  return together((await voidAllOver(() => client, options)).map(plainOf));
}

/** What it says, in the terms of the cases. */
export function plainOf({ voided, alreadyVoided, ...page }: VoidedPage): PlainVoidedAll {
  if (page.notVoided.length > 0) throw new Error(page.notVoided[0]?.message);
  const ofFeatures = (part: 'reversed' | 'reversedBefore') =>
    summed(page.features.map((sum) => [sum.feature.featureId, text(sum[part])] as const));
  return {
    voided,
    alreadyVoided,
    reversed: ofFeatures('reversed'),
    reversedBefore: ofFeatures('reversedBefore'),
    notReversed: summed(
      page.notReversed.map(
        ({ feature, reason, amount }) => [`${feature.featureId} ${reason}`, text(amount)] as const,
      ),
    ),
  };
}

function text(amount: number): string {
  return textOf(amountOf(amount));
}
