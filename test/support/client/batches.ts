/** Usage events sent as batches. */

import type { PlainTrack } from '../cases/plain.js';
import { CallError, type Client } from './client.js';
import { TRACKED, type Tracked } from './operations.js';

/** An item of a batch. */
export type BatchItem = PlainTrack & { readonly customerId: string };

const TRACK_ALL = `
  mutation TrackAll($inputs: [BalancesTrackInput!]!) {
    trackBalances(inputs: $inputs) { ...Tracked }
  }
  ${TRACKED}`;

/** The answers, one for each item; throws if one is missing. */
export async function trackAll(client: Client, inputs: readonly BatchItem[]): Promise<Tracked[]> {
  const { trackBalances } = await client.run<{ trackBalances: Tracked[] }>(TRACK_ALL, { inputs });
  if (trackBalances.length !== inputs.length) throw new Error('an item was not answered');
  return trackBalances;
}

/** A single item in a batch. */
export async function trackInBatch(
  client: Client,
  customerId: string,
  call: PlainTrack,
): Promise<Tracked> {
  const [tracked] = await trackAll(client, [{ customerId, ...call }]);
  if (tracked === undefined) throw new Error('an item was not answered');
  return tracked;
}

/** The result of an item: its answer, or the code of the error in its place. */
export type Item = Tracked | { readonly failed: string };

/** The result of each item, in order, and the status of the response. */
export async function trackEach(
  client: Client,
  inputs: readonly BatchItem[],
): Promise<{ readonly status: number | null; readonly items: readonly Item[] }> {
  try {
    return { status: 200, items: await trackAll(client, inputs) };
  } catch (error) {
    if (!(error instanceof CallError)) throw error;
    return { status: error.status, items: itemsOf(error, inputs.length) };
  }
}

function itemsOf(error: CallError, count: number): Item[] {
  const { data, errors = [] } = error.body;
  const answers = answersIn(data);
  if (answers?.length !== count) throw error;
  const failed = new Map(errors.map(({ path, extensions }) => [pathText(path), extensions?.code]));
  return answers.map((answer, index) => {
    const code = failed.get(pathText(['trackBalances', index]));
    if (answer === null && code !== undefined) return { failed: code };
    if (answer === null || code !== undefined) throw error;
    return answer;
  });
}

function pathText(path: readonly (string | number)[] = []): string {
  return JSON.stringify(path);
}

/** GraphQL returns what the document requests. */
function answersIn(data: unknown): (Tracked | null)[] | undefined {
  return (data as { trackBalances?: (Tracked | null)[] } | null | undefined)?.trackBalances;
}

/** The code of a result; `ACCEPTED` if the item was recorded. */
export function codeOf(item: Item): string {
  if ('failed' in item) return item.failed;
  return 'code' in item ? item.code : 'ACCEPTED';
}
