/** A customer with concurrent calls through two gateways, and their answers. */

import type { PlainCall, PlainGrant, PlainTrack } from '../cases/plain.js';
import { trackAll } from '../client/batches.js';
import type { Client } from '../client/client.js';
import * as operations from '../client/operations.js';
import type { Random } from '../random/random.js';
import type { Tally } from './tally.js';

/** A call that was answered, and when, by the caller's clock. */
export interface Call {
  /** The approximate time of the gateways' clock. */
  readonly now: number;
  readonly sentAt: number;
  readonly answeredAt: number;
}

export interface TrackCall extends Call {
  readonly track: PlainTrack;
  readonly answer: operations.Tracked;
}

export interface GrantCall extends Call {
  readonly grant: PlainGrant;
  readonly nodeId: string;
  readonly rowId: string;
  readonly createdAt: number;
}

export interface Crowd {
  readonly customerId: string;
  readonly tracks: TrackCall[];
  /** Only those that were not refused. */
  readonly grants: GrantCall[];
}

/** The number of calls in flight for the customer at any time. */
const CALLERS = 8;

/** The maximum number of usage events in a batch. */
const BATCH_MAX = 12;

/** Sends the calls, some in batches, each through a random gateway. */
export async function send(
  crowd: Crowd,
  calls: readonly PlainCall[],
  options: {
    readonly clients: readonly [Client, Client];
    readonly random: Random;
    readonly tally: Tally;
    readonly now: number;
  },
): Promise<void> {
  const { clients, random, tally, now } = options;
  const waiting = [...calls];
  const caller = async () => {
    for (let call = waiting.shift(); call !== undefined; call = waiting.shift()) {
      const batch = random.once(4) ? tracksFrom(call, waiting, random.whole(1, BATCH_MAX)) : [];
      const sentAt = performance.now();
      const client = random.pick(clients);
      const note =
        batch.length > 0
          ? await sendBatch(crowd, client, batch, tally)
          : await sendOne(crowd, client, call, tally);
      note?.({ now, sentAt, answeredAt: performance.now() });
    }
  };
  await Promise.all(Array.from({ length: CALLERS }, caller));
}

/** The call and the following ones as long as they are usage events; none if it is not one. */
function tracksFrom(call: PlainCall, waiting: PlainCall[], count: number): PlainTrack[] {
  if (!('track' in call)) return [];
  const batch = [call.track];
  for (let [next] = waiting; next !== undefined && 'track' in next; [next] = waiting) {
    if (batch.length >= count) break;
    batch.push(next.track);
    waiting.shift();
  }
  return batch;
}

/** Returns a function that records the answers. */
async function sendBatch(
  { customerId, tracks }: Crowd,
  client: Client,
  batch: readonly PlainTrack[],
  tally: Tally,
): Promise<(when: Call) => void> {
  const answers = await trackAll(
    client,
    batch.map((track) => ({ customerId, ...track })),
  );
  tally.count('batches');
  for (const answer of answers) tally.answered(answer);
  return (when) => {
    for (const [index, answer] of answers.entries()) {
      tracks.push({ ...when, track: batch[index] ?? {}, answer });
    }
  };
}

/** Returns a function that records the answer, if it has to be recorded. */
async function sendOne(
  { customerId, tracks, grants }: Crowd,
  client: Client,
  call: PlainCall,
  tally: Tally,
): Promise<((when: Call) => void) | null> {
  if ('track' in call) {
    const answer = await operations.track(client, customerId, call.track);
    tally.answered(answer);
    return (when) => void tracks.push({ ...when, track: call.track, answer });
  }
  if (!('grant' in call)) return null;
  const granted = await operations.grant(client, customerId, call.grant);
  tally.granted(granted);
  if (!('balance' in granted)) return null;
  const { id: nodeId, createdAt } = granted.balance;
  const made = { nodeId, rowId: operations.rowIdOf(nodeId), createdAt: Date.parse(createdAt) };
  return (when) => void grants.push({ ...when, grant: call.grant, ...made });
}

/** The names of the grants, by the ids of their balances. */
export function namesOf({ grants }: Crowd): Map<string, string> {
  return new Map(grants.map(({ nodeId, grant }) => [nodeId, grant.name]));
}
