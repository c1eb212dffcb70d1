import { type Attributes, context, ROOT_CONTEXT, SpanKind } from '@opentelemetry/api';
import { RequestTrace, type TracedRequest } from './request-trace.js';
import { current, LINKS_MAX, type Recorded, type Spans } from './spans.js';

/** What a span tells of an error: codes, never its message, which may say what was sent. */
export type DescribeFailure = (error: unknown) => {
  readonly type: string;
  readonly sqlState: string | null;
};

/** What the other layers know of traces. Where no SDK is registered there is none, and they compare that with null. */
export class Tracing {
  readonly #spans: Spans;
  /** What waits to be done together with others, and the call that it is for. */
  readonly #callers = new WeakMap<object, Recorded>();

  readonly #describe: DescribeFailure;

  constructor(spans: Spans, describe: DescribeFailure) {
    this.#spans = spans;
    this.#describe = describe;
  }

  request(request: TracedRequest): RequestTrace {
    return new RequestTrace(this.#spans, request);
  }

  /** Remembers which call something is for that is done in a batch. */
  noted(item: object): void {
    const caller = current();
    if (caller !== null) this.#callers.set(item, caller);
  }

  /**
   * Runs a batch. If any of its calls is recorded, so is the batch: in the trace of the first of these, because a trace of its own would be
   * subject to sampling once more, and with links between it and each of them.
   */
  batch<T>(
    name: string,
    items: readonly object[],
    work: () => Promise<T>,
    id?: string,
  ): Promise<T> {
    const callers = this.#callersOf(items);
    const [first] = callers;
    // The active span is that of the call for which the lane began to work, some time ago.
    if (first === undefined) return context.with(ROOT_CONTEXT, work);
    const links = [...callers].slice(0, LINKS_MAX).map(({ link }) => link);
    const attributes = {
      'tollgate.batch.items': items.length,
      ...(id !== undefined && { 'tollgate.batch.id': id }),
    };
    const options = { kind: SpanKind.INTERNAL, attributes, links };
    const batch = this.#spans.start(name, options, first.inside)?.recorded ?? null;
    if (batch === null) return context.with(ROOT_CONTEXT, work);
    for (const caller of callers) caller.linkTo(batch);
    return this.#ending(batch, work);
  }

  /** Runs a statement, or several in a transaction, for whatever is being worked on. */
  statement<T>(name: string, items: number, work: () => Promise<T>): Promise<T> {
    const parent = current();
    if (parent === null) return work();
    const attributes: Attributes = {
      'db.system.name': 'postgresql',
      'db.operation.name': name,
      ...(items > 1 && { 'db.operation.batch.size': items }),
    };
    const options = { kind: SpanKind.CLIENT, attributes };
    const span = this.#spans.start(name, options, parent.inside)?.recorded ?? null;
    return span === null ? work() : this.#ending(span, work);
  }

  #callersOf(items: readonly object[]): ReadonlySet<Recorded> {
    const callers = new Set<Recorded>();
    for (const item of items) {
      const caller = this.#callers.get(item);
      if (caller !== undefined) callers.add(caller);
    }
    return callers;
  }

  async #ending<T>(span: Recorded, work: () => Promise<T>): Promise<T> {
    try {
      const result = await context.with(span.inside, work);
      span.end({});
      return result;
    } catch (error) {
      const { type, sqlState } = this.#describe(error);
      const state = sqlState !== null && { 'db.response.status_code': sqlState };
      span.end({ 'error.type': type, ...state }, { fault: true });
      throw error;
    }
  }
}
