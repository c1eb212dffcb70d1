import { notFound } from '../domain/refusal.js';
import { type NotReversedSum, ReversalSums, type ReversedSum } from '../domain/reversal-sums.js';
import { UnavailableError } from '../domain/unavailable.js';
import type { Reversal } from '../domain/void.js';
import { listEvents } from './read/event.js';
import type { EventFilter, UsageEvent } from './store.js';
import type { ReadContext, VerbContext } from './verb.js';
import { type EventFate, notUndone, VoidEventsCommand } from './void-events-command.js';
import type { Note } from './write/write-path.js';

export interface VoidEventsInput extends Note {
  readonly filter: EventFilter;
  /** The id of the last event that was seen; null to begin with the newest. */
  readonly after: string | null;
  /** How many events to examine. */
  readonly limit: number;
  /** Whether to decide only, and write nothing. */
  readonly dryRun: boolean;
  /** As callers know it. */
  readonly globalIdOf: (event: UsageEvent) => string;
}

/** What has become of a page of events. */
export interface VoidedEvents {
  readonly dryRun: boolean;
  readonly voided: number;
  readonly alreadyVoided: number;
  readonly notVoided: readonly NotVoided[];
  readonly features: readonly ReversedSum[];
  /** Of events that are undone, whenever that was. */
  readonly notReversed: readonly NotReversedSum[];
  /** Where to go on; null if there are no more. */
  readonly next: string | null;
}

/** An event that counts as before, as far as is known. */
export interface NotVoided {
  readonly event: UsageEvent;
  readonly code: string;
  readonly message: string;
}

/**
 * Undoes the next events that pass a filter, newest first, or says what that would do (R36). Those of one customer are decided together, on
 * its lane: all of them are undone or none. A repetition finds them undone, and adds what they gave back separately.
 */
export async function voidEvents(
  ctx: VerbContext & ReadContext,
  input: VoidEventsInput,
): Promise<VoidedEvents> {
  const { events, next } = await pageOf(ctx, input);
  const counting = events.filter(({ voided }) => voided === null);
  const fates = await Promise.all(
    [...byCustomer(counting).values()].map((ofOne) => fatesOf(ctx, input, ofOne)),
  );
  throwIfNone(fates, events.length > counting.length);
  const found = new Map(fates.flatMap((one) => [...one.fates]));
  return { ...summary(events, found), dryRun: input.dryRun, next };
}

async function pageOf(
  ctx: ReadContext,
  { filter, after, limit }: VoidEventsInput,
): Promise<{ readonly events: readonly UsageEvent[]; readonly next: string | null }> {
  const page = { after, before: null, inverted: false, withProperties: false };
  // One more than is examined, to know whether there are others.
  const found = await listEvents(ctx, { ...page, filter, limit: limit + 1 });
  const events = found.events.slice(0, limit);
  const isFull = found.events.length > limit;
  return { events, next: isFull ? (events.at(-1)?.id ?? null) : found.stoppedAt };
}

type Group = [UsageEvent, ...UsageEvent[]];

function byCustomer(events: readonly UsageEvent[]): Map<string, Group> {
  const groups = new Map<string, Group>();
  for (const event of events) {
    const group = groups.get(event.customerKey);
    if (group === undefined) groups.set(event.customerKey, [event]);
    else group.push(event);
  }
  return groups;
}

interface Fates {
  /** By the id of the event. */
  readonly fates: ReadonlyMap<string, EventFate>;
  /** Why none of them could be decided. */
  readonly error: UnavailableError | null;
}

/** Of the events of one customer. That they cannot be decided does not affect those of others. */
async function fatesOf(ctx: VerbContext, input: VoidEventsInput, events: Group): Promise<Fates> {
  try {
    const command = new VoidEventsCommand(events, input);
    const result = await ctx.writeQueue.submit(command, ctx.execution);
    if (result.ok) return { fates: result.value, error: null };
    // The customer has been deleted.
    const unknown = (event: UsageEvent) =>
      notUndone(notFound('EVENT_NOT_FOUND', input.globalIdOf(event)));
    return { fates: new Map(events.map((event) => [event.id, unknown(event)])), error: null };
  } catch (failure) {
    if (!(failure instanceof UnavailableError)) throw failure;
    const error = explained(failure);
    return { fates: new Map(events.map(({ id }) => [id, notUndone(error)])), error };
  }
}

const UNKNOWN =
  'The connection to the database was lost, or the server failed, before the commit was confirmed: the event may have been ' +
  'undone. Repeat the call: no event is undone twice.';

function explained(error: UnavailableError): UnavailableError {
  const { code } = error;
  return code === 'OUTCOME_UNKNOWN' ? new UnavailableError(code, error.cause, UNKNOWN) : error;
}

/** If no event could be decided, the call has failed like any other. */
function throwIfNone(fates: readonly Fates[], others: boolean): void {
  const errors = fates.flatMap(({ error }) => error ?? []);
  if (others || errors.length < fates.length) return;
  const unknown = errors.find(({ code }) => code === 'OUTCOME_UNKNOWN');
  const first = unknown ?? errors[0];
  if (first !== undefined) throw first;
}

function summary(
  events: readonly UsageEvent[],
  fates: ReadonlyMap<string, EventFate>,
): Omit<VoidedEvents, 'dryRun' | 'next'> {
  const sums = new ReversalSums();
  const counts = { voided: 0, alreadyVoided: 0 };
  const notVoided: NotVoided[] = [];
  const undone = (reversal: Reversal, before: boolean) => {
    counts[before ? 'alreadyVoided' : 'voided'] += 1;
    sums.add(reversal, { before });
  };
  for (const event of events) {
    const fate = fates.get(event.id);
    if (event.voided !== null) undone(event.voided.reversal, true);
    else if (fate?.is === 'NOT_UNDONE')
      notVoided.push({ event, code: fate.code, message: fate.message });
    else if (fate !== undefined) undone(fate.reversal, fate.is === 'UNDONE_BEFORE');
  }
  return { ...counts, notVoided, features: sums.reversed, notReversed: sums.notReversed };
}
