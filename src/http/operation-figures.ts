import { Distribution, SECONDS } from '../platform/distribution.js';
import { Tally } from '../platform/tally.js';
import { PROTOCOL_ERROR_CODES } from './errors.js';

export type OperationKind = 'query' | 'mutation' | 'none';

/** An operation that is counted by itself, or all that share a place. */
export interface OperationSeries {
  readonly name: string;
  readonly kind: OperationKind;
  readonly seconds: Distribution;
  /** By result: `OK`, or the code of the first error. */
  readonly results: ReadonlyMap<string, number>;
}

/** Among the trusted ones, in the cache, or not until they were read. */
export const DOCUMENTS_FOUND = ['trusted', 'cached', 'read'] as const;

/** Names that are counted by themselves; the others share a place. */
export const NAMES_MAX = 100;

/** In parentheses, because no operation has such a name. */
export const OTHER = '(other)';
/** A request that was refused before its operation was known. */
export const NONE = '(none)';

const OK = 'OK';
/** Of a code that is not one of ours. */
const OTHER_RESULT = 'OTHER';

/**
 * Counts operations. A name is counted by itself only if its document is trusted, or if the operator has configured it: clients
 * choose the others, and could make as many as they like. The operation of a document is looked up once, not for each call.
 */
export class OperationFigures {
  readonly #configured: ReadonlySet<string>;
  readonly #names = new Set<string>();
  readonly #counters = new Map<string, OperationCounter>();
  /** Where the documents of requests were found. */
  readonly documents = new Tally<(typeof DOCUMENTS_FOUND)[number]>(DOCUMENTS_FOUND);
  /** Of requests that were refused before their operation was known. */
  readonly none = this.#counter(NONE, 'none');

  constructor(configured: readonly string[] = []) {
    this.#configured = new Set(configured);
    for (const name of configured) this.#admit(name);
  }

  of(name: string | undefined, kind: 'query' | 'mutation', isTrusted: boolean): OperationCounter {
    const isKnown = name !== undefined && (this.#configured.has(name) || isTrusted);
    return this.#counter(isKnown && this.#admit(name) ? name : OTHER, kind);
  }

  series(): readonly OperationSeries[] {
    return [...this.#counters.values()];
  }

  #admit(name: string): boolean {
    if (!this.#names.has(name) && this.#names.size < NAMES_MAX) this.#names.add(name);
    return this.#names.has(name);
  }

  #counter(name: string, kind: OperationKind): OperationCounter {
    const key = `${kind} ${name}`;
    const counter = this.#counters.get(key) ?? new OperationCounter(name, kind);
    this.#counters.set(key, counter);
    return counter;
  }
}

export class OperationCounter implements OperationSeries {
  readonly name: string;
  readonly kind: OperationKind;
  readonly seconds = new Distribution(SECONDS);
  readonly results = new Map<string, number>([[OK, 0]]);

  constructor(name: string, kind: OperationKind) {
    this.name = name;
    this.kind = kind;
  }

  /** `code`: that of the first error, as the answer has it; undefined if there is none. */
  ended(code: unknown, durationMs: number): void {
    const result = resultOf(code);
    this.results.set(result, (this.results.get(result) ?? 0) + 1);
    this.seconds.observe(durationMs / 1_000);
  }
}

/** The code of an answer's first error, among a bounded number; `OK` for undefined. */
export function resultOf(code: unknown): string {
  if (code === undefined) return OK;
  return typeof code === 'string' && PROTOCOL_ERROR_CODES.has(code) ? code : OTHER_RESULT;
}
