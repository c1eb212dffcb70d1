/** Histories of a simulated account: each call takes effect at one moment between being sent and being answered, unless a fault is planted. */
import type { Random } from '../random/random.js';
import { accountOf, type Granted } from './account.js';
import type { AccountAnswer, AccountCall } from './account-call.js';
import type { AccountState } from './account-state.js';
import type { Operation } from './history.js';

export type AccountOperation = Operation<AccountCall, AccountAnswer>;

export interface Simulation {
  readonly granted: Granted;
  readonly calls: readonly AccountCall[];
  readonly random: Random;
  /** How long a call takes at most; the next one is sent after at most 10. */
  readonly tookMax: number;
  /** One in this many calls has no answer. */
  readonly unansweredOnceIn: number;
  /** The state that a call is decided on instead of the present one. */
  readonly fault?: Fault;
}

/** What a call is decided on; what the others have done since is lost if it writes. */
export type Fault = (
  call: AccountCall,
  states: readonly AccountState[],
) => AccountState | undefined;

export const GAP_MAX = 10;

export function simulate(options: Simulation): AccountOperation[] {
  const { granted, calls, random, tookMax, unansweredOnceIn, fault = () => undefined } = options;
  const account = accountOf(granted, calls);
  let sentAt = 0;
  const timed = calls.map((call) => {
    sentAt += random.whole(0, GAP_MAX);
    const answeredAt = sentAt + random.whole(0, tookMax);
    const isAnswered = !random.once(unansweredOnceIn);
    // Without an answer, it may take effect much later, or never.
    const effectAt = isAnswered
      ? random.whole(sentAt, answeredAt)
      : random.once(2)
        ? sentAt + random.whole(0, 10 * tookMax)
        : Number.POSITIVE_INFINITY;
    return { call, sentAt, answeredAt: isAnswered ? answeredAt : null, effectAt };
  });
  const states = [account.start];
  const answers = new Map<object, AccountAnswer>();
  for (const one of timed.toSorted((a, b) => a.effectAt - b.effectAt)) {
    if (one.effectAt === Number.POSITIVE_INFINITY) break;
    const state = fault(one.call, states) ?? states.at(-1) ?? account.start;
    const { next, answers: possible } = account.decide(state, one.call);
    answers.set(one, random.pick(possible));
    if (next !== state) states.push(next);
  }
  return timed.map((one) => ({
    sentAt: one.sentAt,
    answeredAt: one.answeredAt,
    call: one.call,
    answer: one.answeredAt === null ? null : (answers.get(one) ?? null),
  }));
}
