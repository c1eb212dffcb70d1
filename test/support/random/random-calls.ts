/** Ten thousand random calls, to be sent through two gateways and compared with the model. */
import * as fc from 'fast-check';
import type { PlainCall, PlainTrack } from '../cases/plain.js';
import type { PlainFeature } from '../cases/plain-feature.js';
import {
  ENTITY_IDS,
  type Happening,
  HISTORY_START,
  history,
  WILD_CATALOGUE,
} from './arbitraries.js';
import { type Random, randomOf } from './random.js';
import type { Undoing } from './undo-arbitraries.js';

const SYSTEMS = new Set(
  WILD_CATALOGUE.filter(({ type }) => type === 'CREDIT_SYSTEM').map(({ id }) => id),
);

/** The wild catalogue as far as it can be created: no credit system pays for another one. */
export const CREATABLE_CATALOGUE: readonly PlainFeature[] = WILD_CATALOGUE.map((feature) => ({
  ...feature,
  creditCosts: Object.fromEntries(
    Object.entries(feature.creditCosts ?? {}).filter(([id]) => !SYSTEMS.has(id)),
  ),
}));

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;

/**
 * The time of the clock in each round. Between the rounds, everything resets or expires sooner or
 * later. Grants start and end on the hour, or some hours after their creation. The rounds avoid all
 * of these times by minutes, because a refused call does not say when it was decided.
 */
export const ROUNDS: readonly number[] = [0, 31, 4 * 24, 12 * 24, 40 * 24].map(
  (hours, round) => HISTORY_START + hours * HOUR_MS + (5 + 10 * round) * MINUTE_MS,
);

/** By itself, through both gateways at once, or with others of its verb in a batch. */
export type HoldTurn = 'ONCE' | 'TWICE' | 'BATCH';

const HOLD_TURNS = ['ONCE', 'ONCE', 'ONCE', 'TWICE', 'BATCH'] as const;

/** The next thing that is done to a customer. */
export type Turn =
  | { readonly call: PlainCall }
  /** The same call, with its key, through both gateways at once. */
  | { readonly twice: PlainTrack }
  /** Usage events in one batch. */
  | { readonly batch: readonly PlainTrack[] }
  /** Undoes the event that was recorded so many before the last one. */
  | Undoing
  /** Undoes so many of the newest events, all of them or those of a feature, after a dry run. */
  | { readonly voidMany: number; readonly featureId?: string }
  | { readonly deleteEntity: string }
  /** A correction of one of its balances. */
  | { readonly correct: true }
  /** A call about a reservation. */
  | { readonly hold: HoldTurn };

export interface Script {
  readonly customerId: string;
  /** The turns of each round. */
  readonly rounds: readonly (readonly Turn[])[];
}

export interface ScriptOptions {
  readonly seed: number;
  readonly prefix: string;
  readonly customers: number;
  /** The maximum per round. */
  readonly turnsMax: number;
}

/** Customers whose calls are sent one by one. */
export function sequentialScripts(options: ScriptOptions): Script[] {
  const random = randomOf(options.seed);
  const found = scripts(options, (call) => {
    if (random.once(60)) {
      const entityId = random.pick(ENTITY_IDS);
      return [{ deleteEntity: entityId }, { call: { createEntity: entityId } }, { call }];
    }
    if (random.once(8)) return [{ correct: true }, { call }];
    if (random.once(15)) {
      const back = random.whole(0, random.once(3) ? 60 : 3);
      const undo = random.once(2) ? { void: back } : { void: back, inPlace: inPlaceOf(random) };
      return random.once(3) ? [{ call }, undo, undo] : [{ call }, undo];
    }
    if (random.once(25)) return [{ call }, voidManyOf(random)];
    if (random.once(3)) return [{ hold: random.pick(HOLD_TURNS) }, { call }];
    if (!('track' in call) || !random.once(5)) return [{ call }];
    const idempotencyKey = call.track.idempotencyKey ?? `twice ${random.whole(1, 20)}`;
    return [{ twice: { ...call.track, idempotencyKey } }];
  });
  return found.map(({ customerId, rounds }) => ({
    customerId,
    rounds: rounds.map((turns) => inBatches(turns, random)),
  }));
}

function inPlaceOf(random: Random): Required<Undoing>['inPlace'] {
  return {
    ...(random.once(2) && { value: random.whole(-20, 60) }),
    ...(random.once(3) && { overageBehavior: random.pick(['REJECT', 'OVERFLOW']) }),
    ...(random.once(2) && { idempotencyKey: `amend ${random.whole(1, 100)}` }),
  };
}

function voidManyOf(random: Random): Turn {
  const [first = '', ...others] = CREATABLE_CATALOGUE.map(({ id }) => id);
  const voidMany = random.whole(1, 6);
  return random.once(2) ? { voidMany } : { voidMany, featureId: random.pick([first, ...others]) };
}

const BATCH_MAX = 12;

/** Combines some consecutive usage events into batches. */
function inBatches(turns: readonly Turn[], random: Random): Turn[] {
  const found: Turn[] = [];
  let batch: PlainTrack[] = [];
  let size = 0;
  for (const turn of turns) {
    const track = 'call' in turn && 'track' in turn.call ? turn.call.track : null;
    if (batch.length > 0 && (track === null || batch.length >= size)) {
      found.push({ batch });
      batch = [];
    }
    if (track === null) found.push(turn);
    else if (batch.length > 0) batch.push(track);
    else if (random.once(3)) {
      batch = [track];
      size = random.whole(1, BATCH_MAX);
    } else found.push(turn);
  }
  return batch.length > 0 ? [...found, { batch }] : found;
}

/** Customers whose calls are sent concurrently. Their entities exist from the start. */
export function concurrentScripts(options: ScriptOptions): Script[] {
  const random = randomOf(options.seed);
  return scripts(options, (call) => {
    if ('createEntity' in call) return [];
    if (!('track' in call) || !random.once(4)) return [{ call }];
    // Some keys are repeated at once, with the same input and with different input.
    const idempotencyKey = `key ${random.whole(1, 30)}`;
    const twin = { call: { track: { ...call.track, idempotencyKey } } };
    return random.once(2) ? [twin] : [twin, twin];
  });
}

/** The number of histories in one round of a customer. */
const HISTORIES = 2;

function scripts(options: ScriptOptions, turnsOf: (call: PlainCall) => Turn[]): Script[] {
  const { seed, prefix, customers, turnsMax } = options;
  const random = randomOf(seed);
  const histories = fc.sample(history({ lengthMax: turnsMax / HISTORIES }), {
    seed,
    numRuns: customers * ROUNDS.length * HISTORIES,
  });
  let grants = 0;
  const turns = (happening: Happening, story: number): Turn[] => {
    if ('waitMs' in happening || 'void' in happening) return [];
    if ('track' in happening) return turnsOf({ track: withOwnKey(happening.track, story) });
    if (!('grant' in happening)) return turnsOf(happening);
    // Usage events are what matters; there are enough grants.
    if (random.once(2)) return [];
    grants += 1;
    return [{ call: { grant: { ...happening.grant, name: `grant ${grants}` } } }];
  };
  return Array.from({ length: customers }, (_, customer) => ({
    customerId: `${prefix}${customer}-${random.whole(0, 999)}`,
    rounds: ROUNDS.map((_, round) => {
      const first = (customer * ROUNDS.length + round) * HISTORIES;
      return histories
        .slice(first, first + HISTORIES)
        .flatMap((happenings, story) => happenings.flatMap((one) => turns(one, first + story)));
    }),
  }));
}

/** Gives calls their own keys: histories share a few keys, so that most calls would be conflicts. */
function withOwnKey(track: PlainTrack, story: number): PlainTrack {
  const { idempotencyKey } = track;
  if (idempotencyKey === undefined) return track;
  return { ...track, idempotencyKey: `${idempotencyKey} of ${story}` };
}
