/** Sends an attack while others use the gateway. */
import { DOCUMENT_BOUNDS } from '../../../src/http/document.js';
import { GRAPHQL_PATH } from '../../../src/http/paths.js';
import { openRaw, rawPost } from '../client/raw-http.js';
import { answersIn, summaryOf } from './answers.js';
import type { Attack, Bytes } from './attack.js';
import type { Site } from './site.js';

/** Requests of another project, one after the other. */
const OTHERS = 10;

/** The statements of each: its key, and what it reads. */
export const OTHERS_STATEMENTS = 2 * OTHERS;

export interface Outcome {
  /** The answers on each connection, all the same ones once. */
  readonly answers: readonly string[];
  /** Everything that the attacker has received. */
  readonly received: readonly string[];
  /** The answers that the others got meanwhile, all the same ones once. */
  readonly others: readonly string[];
}

export async function carryOut(
  site: Site,
  sends: readonly Bytes[],
  { isHeld, at }: Pick<Attack, 'isHeld' | 'at'>,
): Promise<Outcome> {
  const origin = at === undefined ? site.origin : site.origins[at];
  const connections = sends.map(() => openRaw(origin));
  connections.forEach(({ write }, index) => {
    write(sends[index] ?? '');
  });
  const closed = connections.map((connection) => connection.closed());
  const others = await ordinary(site, OTHERS);
  if (isHeld) for (const { socket } of connections) socket.end();
  const received = await Promise.all(closed);
  return { answers: distinct(received.map(summaryOf)), received, others };
}

const ORDINARY = {
  query: 'query Ordinary($id: String!) { customer(customerId: $id) { customerId } }',
  variables: { id: 'theirs' },
};

export const ORDINARY_BODY = '{"data":{"customer":{"customerId":"theirs"}}}';

/** Sends ordinary requests, one after the other; returns their answers, all the same ones once. */
export async function ordinary(site: Site, count: number): Promise<string[]> {
  const bodies: string[] = [];
  for (let sent = 0; sent < count; sent += 1) {
    const connection = openRaw(site.origin);
    connection.write(
      rawPost(JSON.stringify(ORDINARY), {
        Authorization: `Bearer ${site.theirSecret}`,
        Connection: 'close',
      }),
    );
    bodies.push(...answersIn(await connection.closed()).map(({ body }) => body));
  }
  return distinct(bodies);
}

function distinct(texts: readonly string[]): string[] {
  return [...new Set(texts)].sort();
}

/** Fills both generations of the cache with documents that hardly take any memory. */
export async function replaceDocuments(site: Site): Promise<void> {
  const { generationCharsMax, entryCharsMax } = DOCUMENT_BOUNDS;
  for (let chars = 0; chars <= 2 * generationCharsMax; chars += entryCharsMax / 4) {
    const query = `{ __typename } #${String(chars).padEnd(entryCharsMax / 4)}`;
    const response = await fetch(site.origin + GRAPHQL_PATH, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${site.secret}` },
      body: JSON.stringify({ query }),
    });
    if (response.status !== 200)
      throw new Error(`HTTP ${response.status}: ${await response.text()}`);
    await response.arrayBuffer();
  }
}
