/**
 * Whether there is an order of the calls in which each takes effect between being sent and being answered, and gets the
 * answer that it got: the algorithm of Wing and Gong with Lowe's memoisation. A call without an answer may come at any time
 * after it was sent, or never.
 */
import { type History, type Operation, type Specification, stepOf } from './history.js';
import type { Furthest, Verdict } from './verdict.js';

export interface Bounds {
  /** Calls that are tried in some place. */
  readonly stepsMax: number;
  /** Sets of calls, with the state after them, that are kept. */
  readonly visitedMax: number;
}

export const BOUNDS: Bounds = { stepsMax: 3_000_000, visitedMax: 300_000 };

/** Of the order that came furthest, this many calls are shown. */
const LAST_SHOWN = 10;

export function checkHistory<State, Call, Answer>(
  specification: Specification<State, Call, Answer>,
  history: History<Call, Answer>,
  bounds: Bounds = BOUNDS,
): Verdict {
  return new Search(specification, history, bounds).run();
}

/** A call that has its place, or the start. */
interface Frame<State> {
  readonly at: number;
  readonly state: State;
  /** The calls that may come next, and how many of them have been tried. */
  readonly candidates: readonly number[];
  tried: number;
  /** The last place in the history of any call that is in the order. */
  readonly last: number;
}

interface Reached<State> {
  readonly explained: number;
  readonly frame: Frame<State>;
  readonly last: readonly number[];
}

class Search<State, Call, Answer> {
  readonly #specification: Specification<State, Call, Answer>;
  readonly #operations: readonly Operation<Call, Answer>[];
  readonly #places: readonly number[];
  readonly #bounds: Bounds;
  readonly #open: OpenCalls;
  readonly #stack: Frame<State>[] = [];
  readonly #visited = new Set<string>();
  readonly #answered: number;
  #explained = 0;
  #steps = 0;
  #furthest: Reached<State> | null = null;

  constructor(
    specification: Specification<State, Call, Answer>,
    history: History<Call, Answer>,
    bounds: Bounds,
  ) {
    this.#specification = specification;
    this.#places = history
      .map((_, place) => place)
      .sort((a, b) => sentAt(history, a) - sentAt(history, b));
    this.#operations = this.#places.flatMap((place) => history[place] ?? []);
    this.#bounds = bounds;
    this.#open = new OpenCalls(this.#operations);
    this.#answered = history.filter(({ answer }) => answer !== null).length;
  }

  run(): Verdict {
    const { stepsMax, visitedMax } = this.#bounds;
    this.#push(-1, this.#specification.start, -1);
    for (;;) {
      if (this.#explained === this.#answered) return this.#done('LINEARIZABLE');
      if (this.#steps > stepsMax) return this.#undecided(`more than ${stepsMax} steps`);
      if (this.#visited.size > visitedMax) return this.#undecided(`more than ${visitedMax} states`);
      const frame = this.#stack.at(-1);
      if (frame === undefined) return this.#done('VIOLATION');
      const next = frame.candidates[frame.tried];
      frame.tried += 1;
      if (next === undefined) this.#pop();
      else this.#try(frame, next);
    }
  }

  #try({ state, last }: Frame<State>, at: number): void {
    const step = this.#step(state, at);
    const isAnswered = this.#isAnswered(at);
    // Without an answer and without an effect, it explains nothing.
    if (step === null || (step.next === state && !isAnswered)) return;
    const until = Math.max(last, at);
    this.#open.remove(at);
    if (step.next !== state && this.#isVisited(step.next, until)) {
      this.#open.restore(at);
      return;
    }
    if (isAnswered) this.#explained += 1;
    this.#push(at, step.next, until);
  }

  #step(state: State, at: number): { readonly next: State } | null {
    const operation = this.#operations[at];
    this.#steps += 1;
    return operation === undefined ? null : stepOf(this.#specification, state, operation);
  }

  #isAnswered(at: number): boolean {
    return (this.#operations[at]?.answer ?? null) !== null;
  }

  #isVisited(state: State, last: number): boolean {
    const text = `${this.#open.textUntil(last)}|${this.#specification.textOf(state)}`;
    if (this.#visited.has(text)) return true;
    this.#visited.add(text);
    return false;
  }

  #push(at: number, state: State, last: number): void {
    const frame = { at, state, last, candidates: this.#candidates(state), tried: 0 };
    this.#stack.push(frame);
    if (this.#furthest === null || this.#explained > this.#furthest.explained) {
      const latest = this.#stack.slice(1).slice(-LAST_SHOWN);
      this.#furthest = { explained: this.#explained, frame, last: latest.map((each) => each.at) };
    }
  }

  /**
   * What may come next. What fits now and, with its answer, never changes anything may as well come now: every order of the
   * others remains possible, so that nothing else has to be tried.
   */
  #candidates(state: State): readonly number[] {
    const candidates = this.#open.candidates();
    const free = candidates.find(
      (at) => this.#isAnswered(at) && this.#step(state, at)?.next === state,
    );
    return free === undefined ? candidates : [free];
  }

  #pop(): void {
    const frame = this.#stack.pop();
    if (frame === undefined || frame.at < 0) return;
    this.#open.restore(frame.at);
    if (this.#isAnswered(frame.at)) this.#explained -= 1;
  }

  #describe({ explained, frame, last }: Reached<State>): Furthest {
    const { state } = frame;
    const placeOf = (at: number) => this.#places[at] ?? -1;
    return {
      explained,
      of: this.#answered,
      last: last.map(placeOf),
      state: this.#specification.textOf(state),
      // Only those with an answer can be stuck.
      stuck: frame.candidates.flatMap((at) => {
        const { call, answer } = this.#operations[at] ?? { answer: null };
        if (call === undefined || answer === null) return [];
        const { answers } = this.#specification.decide(state, call);
        return { at: placeOf(at), call, expected: answers, actual: answer };
      }),
    };
  }

  #done(verdict: 'LINEARIZABLE' | 'VIOLATION'): Verdict {
    const steps = this.#steps;
    if (verdict === 'LINEARIZABLE' || this.#furthest === null)
      return { verdict: 'LINEARIZABLE', steps };
    return { verdict, steps, furthest: this.#describe(this.#furthest) };
  }

  #undecided(reason: string): Verdict {
    return { verdict: 'UNDECIDED', steps: this.#steps, reason };
  }
}

function sentAt(history: History<unknown, unknown>, place: number): number {
  return history[place]?.sentAt ?? 0;
}

/** The calls that have no place yet, in the order in which they were sent: a linked list, so that one is taken out and put back at once. */
class OpenCalls {
  readonly #operations: History<unknown, unknown>;
  readonly #next: number[];
  readonly #previous: number[];
  readonly #end: number;

  constructor(operations: History<unknown, unknown>) {
    this.#operations = operations;
    this.#end = operations.length;
    // The last element stands for both ends.
    this.#next = Array.from({ length: this.#end + 1 }, (_, at) => (at === this.#end ? 0 : at + 1));
    this.#previous = this.#next.map((_, at) => (at === 0 ? this.#end : at - 1));
  }

  remove(at: number): void {
    const [before, after] = [this.#at(this.#previous, at), this.#at(this.#next, at)];
    this.#next[before] = after;
    this.#previous[after] = before;
  }

  /** In the reverse order of their removal. */
  restore(at: number): void {
    const [before, after] = [this.#at(this.#previous, at), this.#at(this.#next, at)];
    this.#next[before] = at;
    this.#previous[after] = at;
  }

  /** Those that were sent before the first answer: first those that were answered, soonest first, then the others. */
  candidates(): number[] {
    const answered: number[] = [];
    const unanswered: number[] = [];
    let firstAnswer = Number.POSITIVE_INFINITY;
    for (let at = this.#first(); at < this.#end; at = this.#at(this.#next, at)) {
      const operation = this.#operations[at];
      if (operation === undefined || operation.sentAt > firstAnswer) break;
      if (operation.answeredAt === null) unanswered.push(at);
      else answered.push(at);
      firstAnswer = Math.min(firstAnswer, operation.answeredAt ?? firstAnswer);
    }
    answered.sort((a, b) => this.#answeredAt(a) - this.#answeredAt(b));
    return [...answered, ...unanswered];
  }

  /** Which calls have their place, if that is the last of them: all until there, but for these. */
  textUntil(last: number): string {
    let text = `${last}`;
    for (let at = this.#first(); at < last; at = this.#at(this.#next, at)) text += ` ${at}`;
    return text;
  }

  #first(): number {
    return this.#at(this.#next, this.#end);
  }

  #answeredAt(at: number): number {
    return this.#operations[at]?.answeredAt ?? Number.POSITIVE_INFINITY;
  }

  #at(list: readonly number[], at: number): number {
    return list[at] ?? this.#end;
  }
}
