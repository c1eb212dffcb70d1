/** What `explainTrack` foretells of a usage event, and what came of it, in a form in which they can be compared. */
import type { Answer, PlainTrack } from '../cases/plain.js';
import { amountOf, textOf } from '../model/numbers.js';
import type { Client } from './client.js';
import type { ShownShortfall } from './operations.js';

export interface Outcome {
  /** The code of the refusal; null if it is accepted. */
  readonly refused: string | null;
  /** By grant. */
  readonly taken: Readonly<Record<string, string>>;
  /** By charged feature. */
  readonly unapplied: Readonly<Record<string, string>>;
}

const EXPLAIN = `
  query Explain($input: BalancesTrackInput!) {
    explainTrack(input: $input) {
      ... on Error { code }
      ... on ExplainTrackPayload {
        refusal
        steps { takenAsGrant takenAsOverage balance { id } }
        unapplied { amount feature { featureId } chargedFeature { featureId } }
      }
    }
  }`;

interface Explained {
  readonly explainTrack:
    | { readonly code: string }
    | {
        readonly refusal: string | null;
        readonly steps: readonly {
          readonly takenAsGrant: number;
          readonly takenAsOverage: number;
          readonly balance: { readonly id: string };
        }[];
        readonly unapplied: readonly ShownShortfall[];
      };
}

export async function foretold(
  client: Client,
  customerId: string,
  track: PlainTrack,
  names: ReadonlyMap<string, string>,
): Promise<Outcome> {
  const input = { customerId, ...track };
  const { explainTrack: told } = await client.run<Explained>(EXPLAIN, { input });
  if ('code' in told) return refusedWith(told.code);
  if (told.refusal !== null) return refusedWith(told.refusal);
  return {
    refused: null,
    taken: sums(
      told.steps.flatMap(({ balance, takenAsGrant, takenAsOverage }) =>
        [takenAsGrant, takenAsOverage].map((amount) => [names.get(balance.id) ?? '', amount]),
      ),
    ),
    unapplied: sums(
      told.unapplied.map(({ chargedFeature, amount }) => [chargedFeature.featureId, amount]),
    ),
  };
}

/** What came of the call; null if it was not decided now, but before, by the same key. */
export function outcomeOf(answer: Answer): Outcome | null {
  if (answer.replayed) return null;
  if (!answer.ok) return answer.code === 'IDEMPOTENCY_CONFLICT' ? null : refusedWith(answer.code);
  return {
    refused: null,
    taken: sums(answer.deductions.map(({ grant, amount }) => [grant, Number(amount)])),
    unapplied: sums(
      answer.unapplied.map(({ chargedFeatureId, amount }) => [chargedFeatureId, Number(amount)]),
    ),
  };
}

function refusedWith(refused: string): Outcome {
  return { refused, taken: {}, unapplied: {} };
}

function sums(parts: readonly (readonly [string, number])[]): Record<string, string> {
  const totals = new Map<string, bigint>();
  for (const [name, amount] of parts) {
    totals.set(name, (totals.get(name) ?? 0n) + amountOf(amount));
  }
  const moved = [...totals]
    .filter(([, total]) => total !== 0n)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(moved.map(([name, total]) => [name, textOf(total)]));
}
