/** Features that are archived, brought back or deleted. */
import type { RefusalCode } from '../../../src/domain/refusal.js';
import type { Client } from './client.js';

interface Done {
  readonly answer: { readonly code?: RefusalCode };
}

export async function archiveFeature(
  client: Client,
  featureId: string,
  archived = true,
): Promise<void> {
  const document = `mutation Archive($input: FeaturesArchiveInput!) {
    answer: archiveFeature(input: $input) { ... on Error { code } } }`;
  const { answer } = await client.run<Done>(document, { input: { featureId, archived } });
  if (answer.code !== undefined) throw new Error(`not archived: ${answer.code}`);
}

/** Returns the code of the refusal; null if it succeeded. */
export async function deleteFeature(
  client: Client,
  featureId: string,
): Promise<RefusalCode | null> {
  const document = `mutation Delete($input: FeaturesDeleteInput!) {
    answer: deleteFeature(input: $input) { ... on Error { code } } }`;
  const { answer } = await client.run<Done>(document, { input: { featureId } });
  return answer.code ?? null;
}
