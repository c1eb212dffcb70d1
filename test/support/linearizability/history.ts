/** What callers have seen of one customer: calls with their answers, and when each was sent and answered. */

/** A call, and its answer. Times are those of one clock, of the process that sends all calls. */
export interface Operation<Call, Answer> {
  readonly sentAt: number;
  /** Null if there was no answer: the call may take effect at any time after it was sent, or never. */
  readonly answeredAt: number | null;
  readonly call: Call;
  /** Null if there was none. */
  readonly answer: Answer | null;
}

export type History<Call, Answer> = readonly Operation<Call, Answer>[];

/** What an object does if its calls come one after the other. */
export interface Specification<State, Call, Answer> {
  readonly start: State;
  decide(state: State, call: Call): Decided<State, Answer>;
  /** Whether this is one of the answers that it may give. */
  isSame(expected: Answer, actual: Answer): boolean;
  /** Equal for equal states, and only for these. */
  textOf(state: State): string;
}

export interface Decided<State, Answer> {
  /** The same object as before if a call with this answer changes nothing, in whatever state it gets it. */
  readonly next: State;
  /** Any of these may be the answer; the next state is the same for all of them. */
  readonly answers: readonly [Answer, ...Answer[]];
}

/** The next state if the call takes effect now; null if its answer is another one. */
export function stepOf<State, Call, Answer>(
  specification: Specification<State, Call, Answer>,
  state: State,
  { call, answer }: Operation<Call, Answer>,
): { readonly next: State } | null {
  const { next, answers } = specification.decide(state, call);
  const fits =
    answer === null || answers.some((expected) => specification.isSame(expected, answer));
  return fits ? { next } : null;
}
