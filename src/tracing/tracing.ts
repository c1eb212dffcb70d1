import { type Attributes, context, ROOT_CONTEXT, SpanKind } from '@opentelemetry/api';
import { RequestTrace, type TracedRequest } from './request-trace.js';
import {
  type Caller,
  current,
  LINKS_MAX,
  type Recorded,
  RemoteCaller,
  type Spans,
} from './spans.js';
import { spanContextOf, type TraceContext, traceContextOf } from './trace-context.js';

/** What a span tells of an error: codes, never its message, which may say what was sent. */
export type DescribeFailure = (error: unknown) => {
  readonly type: string;
  readonly sqlState: string | null;
};

/** A batch that tells those it carries which one it is. */
export interface TracedBatch {
  readonly id: string;
  /** Set once it is recorded. */
  traceContext: TraceContext | null;
}

/** What the other layers know of traces. Where no SDK is registered there is none, and they compare that with null. */
export class Tracing {
  readonly #spans: Spans;
  /** What waits to be done together with others, and the call that it is for. */
  readonly #callers = new WeakMap<object, Caller>();

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

  /** What to tell another gateway that does something for a call; null if the call is not recorded. */
  contextOf(item: object): TraceContext | null {
    const caller = this.#callers.get(item);
    return caller === undefined ? null : traceContextOf(caller.link.context);
  }

  /** Remembers that something is done in a batch for a call of another gateway. */
  notedFor(item: object, caller: TraceContext): void {
    const context = spanContextOf(caller);
    if (context !== null) this.#callers.set(item, new RemoteCaller(context));
  }

  /** Another gateway has done in a batch what a call has waited for. */
  doneElsewhere(item: object, batch: TraceContext): void {
    const context = spanContextOf(batch);
    if (context !== null) this.#callers.get(item)?.linkTo({ context });
  }

  /**
   * Runs a batch. If any of its calls is recorded, so is the batch: in the trace of the first of these, because a trace of its own would be
   * subject to sampling once more, and with links between it and each of them.
   */
  batch<T>(
    name: string,
    items: readonly object[],
    work: () => Promise<T>,
    carrying?: TracedBatch,
  ): Promise<T> {
    const callers = this.#callersOf(items);
    const [first] = callers;
    // The active span is that of the call for which the lane began to work, some time ago.
    if (first === undefined) return context.with(ROOT_CONTEXT, work);
    const links = callers.slice(0, LINKS_MAX).map(({ link }) => link);
    const attributes = {
      'tollgate.batch.items': items.length,
      ...(carrying !== undefined && { 'tollgate.batch.id': carrying.id }),
    };
    const options = { kind: SpanKind.INTERNAL, attributes, links };
    const batch = this.#spans.start(name, options, first.inside)?.recorded ?? null;
    if (batch === null) return context.with(ROOT_CONTEXT, work);
    if (carrying !== undefined) carrying.traceContext = traceContextOf(batch.link.context);
    for (const caller of callers) caller.linkTo(batch.link);
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

  /** Each once. A call of another gateway may have sent several things. */
  #callersOf(items: readonly object[]): readonly Caller[] {
    const callers = new Map<string, Caller>();
    for (const item of items) {
      const caller = this.#callers.get(item);
      if (caller !== undefined) callers.set(caller.link.context.spanId, caller);
    }
    return [...callers.values()];
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
