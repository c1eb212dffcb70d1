/** Spans over the API of OpenTelemetry. Whatever of an SDK fails when it is called does not fail a call. */
import {
  type Attributes,
  type Context,
  context,
  createContextKey,
  type Link,
  ROOT_CONTEXT,
  type Span,
  type SpanContext,
  type SpanOptions,
  SpanStatusCode,
  type Tracer,
  trace,
} from '@opentelemetry/api';

/** Links that a span of ours has: a call may be carried by many batches, and a batch carries many calls. */
export const LINKS_MAX = 32;

export class Spans {
  readonly #tracer: Tracer;
  readonly #onFailure: (error: unknown) => void;

  constructor(tracer: Tracer, onFailure: (error: unknown) => void) {
    this.#tracer = tracer;
    this.#onFailure = onFailure;
  }

  /** Null if the SDK fails. */
  start(name: string, options: SpanOptions, parent: Context): Started | null {
    return this.safely(() => {
      const span = this.#tracer.startSpan(name, options, parent);
      const inside = trace.setSpan(parent, span);
      if (span.isRecording()) return { recorded: new Recorded(this, span, inside), inside };
      span.end();
      return { recorded: null, inside };
    }, null);
  }

  safely<T>(work: () => T, otherwise: T): T {
    try {
      return work();
    } catch (error) {
      this.#onFailure(error);
      return otherwise;
    }
  }
}

/** A span that has begun, which sampling may have decided not to record. */
export interface Started {
  readonly recorded: Recorded | null;
  /** Where it is the active one. */
  readonly inside: Context;
}

const RECORDED = createContextKey('tollgate.recorded');

/** The innermost of our spans that is recorded, of the call or batch that is being worked on. */
export function current(): Recorded | null {
  return recordedIn(context.active());
}

/** Only spans are put there. */
function recordedIn(active: Context): Recorded | null {
  return (active.getValue(RECORDED) as Recorded | undefined) ?? null;
}

/** The call that something of a batch is for. */
export interface Caller {
  /** To make it the parent of a span. */
  readonly inside: Context;
  readonly link: Link;
  linkTo(other: Link): void;
}

/** A call of another gateway, which makes the link itself once it knows the batch. */
export class RemoteCaller implements Caller {
  readonly inside: Context;
  readonly link: Link;

  constructor(context: SpanContext) {
    this.inside = trace.setSpanContext(ROOT_CONTEXT, context);
    this.link = { context };
  }

  linkTo(): void {}
}

/** A span that is recorded, until it has ended. */
export class Recorded implements Caller {
  /** Where it is the active one. */
  readonly inside: Context;
  readonly #spans: Spans;
  readonly #span: Span;
  #links = 0;
  #isOver = false;

  constructor(spans: Spans, span: Span, inside: Context) {
    this.#spans = spans;
    this.#span = span;
    this.inside = inside.setValue(RECORDED, this);
  }

  get link(): Link {
    return { context: this.#span.spanContext() };
  }

  linkTo(other: Link): void {
    if (this.#isOver || this.#links >= LINKS_MAX) return;
    this.#links += 1;
    this.#spans.safely(() => this.#span.addLink(other), undefined);
  }

  /** `fault`: whether something on this side is to blame. There is no message, because messages say what was sent. */
  end(attributes: Attributes, { fault = false, endedAt }: Ending = {}): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#spans.safely(() => {
      this.#span.setAttributes(attributes);
      if (fault) this.#span.setStatus({ code: SpanStatusCode.ERROR });
      this.#span.end(endedAt);
    }, undefined);
  }
}

export interface Ending {
  readonly fault?: boolean;
  /** On the process's monotonic clock, for a span whose beginning was given. */
  readonly endedAt?: number;
}
