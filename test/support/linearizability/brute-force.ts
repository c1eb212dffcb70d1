import { type History, type Specification, stepOf } from './history.js';

/** Whether the history is linearizable, by trying every order: for a handful of calls, to compare the checker with. */
export function isLinearizable<State, Call, Answer>(
  specification: Specification<State, Call, Answer>,
  history: History<Call, Answer>,
): boolean {
  const explain = (state: State, open: History<Call, Answer>): boolean =>
    open.every(({ answeredAt }) => answeredAt === null) ||
    open.some((operation) => {
      const others = open.filter((other) => other !== operation);
      const isTooEarly = others.some(
        ({ answeredAt }) => answeredAt !== null && answeredAt < operation.sentAt,
      );
      const step = isTooEarly ? null : stepOf(specification, state, operation);
      return step !== null && explain(step.next, others);
    });
  return explain(specification.start, history);
}
