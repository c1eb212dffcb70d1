/** Calls about one feature, over HTTP, whose answers become a history. */
import { CallError, type Client } from '../client/client.js';
import type { FeatureAnswer, FeatureCall } from './feature-life.js';
import type { Operation } from './history.js';

export type SentCall = Exclude<FeatureCall, { verb: 'out' }>;

const DOCUMENTS: Readonly<Record<SentCall['verb'], string>> = {
  create: `mutation ($id: String!) { answer: createFeature(input: { featureId: $id, name: $id, type: CONSUMABLE }) {
    ... on CreateFeaturePayload { created } ... on Error { code } } }`,
  archive: `mutation ($id: String!, $archived: Boolean!) {
    answer: archiveFeature(input: { featureId: $id, archived: $archived }) {
      ... on ArchiveFeaturePayload { feature { archivedAt } } ... on Error { code } } }`,
  use: `mutation ($id: String!) { answer: trackBalance(input: { customerId: "acme", featureId: $id }) {
    ... on Error { code } } }`,
  look: 'query ($id: String!) { answer: feature(featureId: $id) { archivedAt } }',
  delete: `mutation ($id: String!) { answer: deleteFeature(input: { featureId: $id }) {
    ... on Error { code } } }`,
};

interface Shown {
  readonly code?: string;
  readonly created?: boolean;
  readonly archivedAt?: string | null;
  readonly feature?: { readonly archivedAt: string | null };
}

export class FeatureRecorder {
  readonly id: string;
  readonly operations: Operation<FeatureCall, FeatureAnswer>[] = [];

  constructor(id: string) {
    this.id = id;
  }

  /** Not at all if the gateway was busy: then nothing was done. */
  async call(client: Client, call: SentCall): Promise<void> {
    const { verb, ...others } = call;
    const sentAt = performance.now();
    try {
      const { answer: shown } = await client.run<{ answer: Shown | null }>(DOCUMENTS[verb], {
        id: this.id,
        ...(verb === 'archive' && others),
      });
      const answer = told(shown);
      this.operations.push({ sentAt, answeredAt: performance.now(), call, answer });
      if (call.verb !== 'delete' || answer['code'] !== 'FEATURE_IN_USE') return;
      const out = { verb: 'out', deletion: call.deletion } as const;
      this.operations.push({ sentAt, answeredAt: null, call: out, answer: null });
    } catch (error) {
      if (!(error instanceof CallError) || !error.retryable) throw error;
      if (error.codes.includes('OUTCOME_UNKNOWN')) throw error;
    }
  }
}

function told(shown: Shown | null): FeatureAnswer {
  if (shown === null) return { code: 'FEATURE_NOT_FOUND' };
  const { code = null, created, archivedAt, feature } = shown;
  const archived = archivedAt === undefined ? feature?.archivedAt : archivedAt;
  return {
    code,
    ...(created !== undefined && { created }),
    ...(archived !== undefined && { archived: archived !== null }),
  };
}
