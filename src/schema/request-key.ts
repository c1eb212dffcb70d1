/**
 * The idempotency key of a request as a whole (ADR 31): that of its mutations, and of the items of a batch, that accept a key
 * and give none themselves.
 */
import type { GraphQLResolveInfo } from 'graphql';
import type { Result } from '../meter/verb.js';
import type { Context } from './context.js';

export class RequestKey {
  readonly #text: string;
  readonly #isOfOne: boolean;
  #taken = 0;
  #replayed = 0;

  /** `isOfOne`: the operation has one mutation, so that its key does not depend on its alias. */
  constructor(text: string, { isOfOne }: { readonly isOfOne: boolean }) {
    this.#text = text;
    this.#isOfOne = isOfOne;
  }

  /** The key of the mutation with this response key, or of an item of it. */
  take(responseKey: string, index?: number): string {
    this.#taken += 1;
    const key = this.#isOfOne ? this.#text : `${this.#text}/${responseKey}`;
    return index === undefined ? key : `${key}/${index}`;
  }

  /** Counts what became of a call that has taken its key from here. */
  note(result: Repeatable | Error): void {
    if (result instanceof Error) return;
    const told = result.ok ? result.value : result.refusal;
    if ('replayed' in told && told.replayed) this.#replayed += 1;
  }

  /** Whether every call that has taken its key from here was answered with the result of an earlier one. */
  get isReplayed(): boolean {
    return this.#taken > 0 && this.#replayed === this.#taken;
  }
}

type Repeatable = Result<{ readonly replayed: boolean }>;

interface Input {
  readonly idempotencyKey?: string | null | undefined;
}

/** The input, with a key from the request's if it gives none; `note` is to be told its result. */
export interface Keyed<I> {
  readonly input: I;
  note<R extends Repeatable | Error>(result: R): R;
}

export function keyed<I extends Input>(
  input: I,
  { execution }: Pick<Context, 'execution'>,
  { path }: Pick<GraphQLResolveInfo, 'path'>,
  index?: number,
): Keyed<I> {
  const { requestKey } = execution;
  // A null is what clients send for a variable that they leave out.
  if (requestKey === null || (input.idempotencyKey ?? null) !== null) {
    return { input, note: unchanged };
  }
  const idempotencyKey = requestKey.take(String(path.key), index);
  return {
    input: { ...input, idempotencyKey },
    note: (result) => {
      requestKey.note(result);
      return result;
    },
  };
}

function unchanged<R>(result: R): R {
  return result;
}
