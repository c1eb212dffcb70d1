import type { Account } from '../domain/account.js';
import { BrokenInvariantError } from '../domain/assert.js';
import { type NotFound, notFound } from '../domain/refusal.js';
import { tooMuchToTakeAgain } from '../domain/too-much.js';
import type { Reversal } from '../domain/void.js';
import type { CustomerScope, UsageEvent } from './store.js';
import { undoEvent } from './undo-event.js';
import { done, type Result } from './verb.js';
import { VOID_BYTES } from './void-event.js';
import { Command, type Decision, type Facts } from './write/command.js';
import type { EventVoidDraft, Note, NotedEntryDraft } from './write/write-path.js';

/** What has become of one event of many. */
export type EventFate =
  | { readonly is: 'UNDONE' | 'UNDONE_BEFORE'; readonly reversal: Reversal }
  /** It counts as before, as far as is known. */
  | { readonly is: 'NOT_UNDONE'; readonly code: string; readonly message: string };

export function notUndone({ code, message }: Omit<NotUndone, 'is'>): EventFate {
  return { is: 'NOT_UNDONE', code, message };
}

type NotUndone = Extract<EventFate, { is: 'NOT_UNDONE' }>;

type Fates = ReadonlyMap<string, EventFate>;

interface Options extends Note {
  readonly dryRun: boolean;
  readonly globalIdOf: (event: UsageEvent) => string;
}

/** An event is read again to be decided, with its properties; and a deduction of it takes about so much. */
const EVENT_BYTES_MAX = 64 * 1024;
const DEDUCTION_BYTES = 100;

/** Undoes events of one customer in their order, each as `voidEvent` would, or only says what that would do. */
export class VoidEventsCommand extends Command<Fates> {
  readonly scope: CustomerScope;
  readonly bytes: number;
  override readonly eventIds: readonly string[];
  readonly #events: readonly [UsageEvent, ...UsageEvent[]];
  readonly #options: Options;

  constructor(events: readonly [UsageEvent, ...UsageEvent[]], options: Options) {
    super();
    const [{ projectId, customerKey }] = events;
    this.scope = { projectId, customerKey };
    this.eventIds = events.map(({ id }) => id);
    this.bytes = events.reduce((bytes, event) => bytes + bytesOf(event), 0);
    this.#events = events;
    this.#options = options;
  }

  override passes(): number {
    return this.#events.length;
  }

  refuse({ account }: Facts): NotFound | null {
    return account === null ? this.#unknown(this.#events[0]) : null;
  }

  decide(account: Account, facts: Facts): Decision<Fates> {
    const eventVoids: EventVoidDraft[] = [];
    const notedEntries: NotedEntryDraft[] = [];
    const fates = new Map<string, EventFate>();
    let after = account;
    for (const event of this.#events) {
      const known = facts.events.get(event.id);
      const undone = known && undoEvent(after, known, this.#options, facts.now);
      if (undone === undefined) fates.set(event.id, notUndone(this.#unknown(event)));
      else if (undone.is === 'TOO_MUCH') {
        const refusal = tooMuchToTakeAgain(this.#options.globalIdOf(event), undone.overfull);
        fates.set(event.id, notUndone(refusal));
      } else {
        const { is, voiding } = undone;
        fates.set(event.id, { is, reversal: voiding.reversal });
        if (is === 'UNDONE_BEFORE') continue;
        after = undone.account;
        eventVoids.push(undone.voiding);
        notedEntries.push(...undone.entries);
      }
    }
    const writes = eventVoids.length > 0 && !this.#options.dryRun;
    return {
      changes: writes ? { account: after, rows: { eventVoids, notedEntries } } : null,
      storedResult: () => null,
      result: () => done(fates),
    };
  }

  replay(): Result<Fates> {
    throw new BrokenInvariantError('it has no key');
  }

  #unknown(event: UsageEvent): NotFound {
    return notFound('EVENT_NOT_FOUND', this.#options.globalIdOf(event));
  }
}

function bytesOf({ outcome }: UsageEvent): number {
  return VOID_BYTES + EVENT_BYTES_MAX + outcome.deductions.length * DEDUCTION_BYTES;
}
