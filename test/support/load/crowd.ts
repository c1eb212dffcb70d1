/** A customer whose calls come all at once, through two gateways; and what was answered to each. */

import type { PlainCall, PlainGrant, PlainTrack } from '../cases/plain.js';
import { trackAll } from '../client/batches.js';
import type { Client } from '../client/client.js';
import * as operations from '../client/operations.js';
import type { Random } from '../random/random.js';
import type { Tally } from './tally.js';

/** A call that was answered, and when, by the caller's own clock. */
export interface Call {
  /** Where the gateways' clock stood, about. */
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
  /** Those that were not refused. */
  readonly grants: GrantCall[];
}

/** So many calls on the customer are on their way at any time. */
const CALLERS = 8;

/** So many uses are sent in one list, at most. */
const BATCH_MAX = 12;

/** Sends the calls, some uses in lists, each through a gateway chosen by chance. */
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
      const uses = random.once(4) ? usesFrom(call, waiting, random.whole(1, BATCH_MAX)) : [];
      const sentAt = performance.now();
      const client = random.pick(clients);
      const note =
        uses.length > 0
          ? await sendBatch(crowd, client, uses, tally)
          : await sendOne(crowd, client, call, tally);
      note?.({ now, sentAt, answeredAt: performance.now() });
    }
  };
  await Promise.all(Array.from({ length: CALLERS }, caller));
}

/** The call and those that wait behind it, as far as they are uses; none where it is not one. */
function usesFrom(call: PlainCall, waiting: PlainCall[], count: number): PlainTrack[] {
  if (!('track' in call)) return [];
  const uses = [call.track];
  for (let [next] = waiting; next !== undefined && 'track' in next; [next] = waiting) {
    if (uses.length >= count) break;
    uses.push(next.track);
    waiting.shift();
  }
  return uses;
}

/** Answers how to note it down. */
async function sendBatch(
  { customerId, tracks }: Crowd,
  client: Client,
  uses: readonly PlainTrack[],
  tally: Tally,
): Promise<(when: Call) => void> {
  const answers = await trackAll(
    client,
    uses.map((use) => ({ customerId, ...use })),
  );
  tally.count('batches');
  for (const answer of answers) tally.answered(answer);
  return (when) => {
    for (const [index, answer] of answers.entries()) {
      tracks.push({ ...when, track: uses[index] ?? {}, answer });
    }
  };
}

/** Answers how to note it down, if it needs to be. */
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
