import {
  type Attributes,
  type Context,
  context,
  propagation,
  ROOT_CONTEXT,
  SpanKind,
  type TextMapGetter,
  trace,
} from '@opentelemetry/api';
import { monotonicMs } from '../platform/clock.js';
import type { Recorded, Spans } from './spans.js';

/** A request to a path that is served. */
export interface TracedRequest {
  readonly method: string;
  readonly route: string;
  /** As in the log, if it may be told there. */
  readonly requestId: string;
  /** On the process's monotonic clock, in milliseconds. */
  readonly startedAt: number;
  header(name: string): string | undefined;
}

/** What may be told about an operation: nothing that its client has chosen. */
export interface TracedOperation {
  readonly kind: 'query' | 'mutation';
  /** One of a bounded number of names. */
  readonly name: string | undefined;
  /** The names in the schema of what it asks for. */
  readonly fields: readonly string[];
}

/** How a request was answered. */
export interface Outcome {
  /** `OK`, or a code. */
  readonly code: string;
  /** Whether the code says that something on this side is to blame. */
  readonly fault: boolean;
}

const OK = 'OK';

/** The client was gone before there was an answer. */
const GONE: Outcome = { code: 'CLIENT_CLOSED_REQUEST', fault: false };

/** No answer could be given. */
const FAILED: Outcome = { code: 'INTERNAL_SERVER_ERROR', fault: true };

/** The spans of a request and of its operation. */
export class RequestTrace {
  readonly #spans: Spans;
  readonly #request: TracedRequest;
  #isBegun = false;
  #recorded: Recorded | null = null;
  #operation: Recorded | null = null;
  #inside: Context = ROOT_CONTEXT;
  #attributes: Attributes = {};
  #fault = false;

  constructor(spans: Spans, request: TracedRequest) {
    this.#spans = spans;
    this.#request = request;
  }

  /** Undefined if it is not recorded. */
  get traceId(): string | undefined {
    return this.#recorded?.link.context.traceId;
  }

  /** Whose request it is. From then on its trace may be one that the caller has begun: others have no say in what is recorded. */
  authenticated(projectId: string, keyId: string | undefined): void {
    this.#begin(
      this.#spans.safely(() => parentOf(this.#request), ROOT_CONTEXT),
      {
        'tollgate.project.id': projectId,
        ...(keyId !== undefined && { 'tollgate.key.id': keyId }),
      },
    );
  }

  operation({ kind, name, fields }: TracedOperation): void {
    if (this.#recorded === null) return;
    const attributes = {
      'graphql.operation.type': kind,
      ...(name !== undefined && { 'graphql.operation.name': name }),
      'tollgate.operation.fields': [...fields],
    };
    const options = { kind: SpanKind.INTERNAL, attributes };
    const spanName = name === undefined ? kind : `${kind} ${name}`;
    const { recorded = null } = this.#spans.start(spanName, options, this.#recorded.inside) ?? {};
    this.#operation = recorded;
    if (recorded !== null) this.#inside = recorded.inside;
  }

  /** Runs what belongs to the operation, whichever turn of the event loop it has waited for. */
  within<T>(work: () => T): T {
    return context.with(this.#inside, work);
  }

  answered(outcome: Outcome, status: number): void {
    if (!this.#isBegun) this.#begin(ROOT_CONTEXT, {});
    this.#endOperation(outcome);
    this.#fault = status >= 500;
    this.#attributes = {
      'http.response.status_code': status,
      'tollgate.outcome': outcome.code,
      ...(this.#fault && { 'error.type': String(status) }),
    };
  }

  failed(): void {
    this.#endOperation(FAILED);
    this.#fault = true;
    this.#attributes = { 'tollgate.outcome': FAILED.code, 'error.type': FAILED.code };
  }

  /** The exchange is over, however it ended. */
  end(): void {
    this.#endOperation(GONE);
    const attributes = { 'tollgate.outcome': GONE.code, ...this.#attributes };
    this.#recorded?.end(attributes, { fault: this.#fault, endedAt: monotonicMs() });
  }

  #begin(parent: Context, attributes: Attributes): void {
    this.#isBegun = true;
    const { method, route, requestId, startedAt: startTime } = this.#request;
    const known = METHODS.has(method) ? method : null;
    const options = {
      kind: SpanKind.SERVER,
      startTime,
      attributes: {
        'http.request.method': known ?? '_OTHER',
        'http.route': route,
        'url.path': route,
        'url.scheme': 'http',
        'tollgate.request.id': requestId,
        ...attributes,
      },
    };
    const started = this.#spans.start(`${known ?? 'HTTP'} ${route}`, options, parent);
    this.#recorded = started?.recorded ?? null;
    this.#inside = this.#recorded?.inside ?? started?.inside ?? ROOT_CONTEXT;
  }

  #endOperation({ code, fault }: Outcome): void {
    this.#operation?.end(
      { 'tollgate.outcome': code, ...(code !== OK && { 'error.type': code }) },
      { fault },
    );
  }
}

const METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'POST', 'PUT', 'DELETE']);

/** The span that a program that embeds the gateway has around this, or else the one that the request names. */
function parentOf({ header }: TracedRequest): Context {
  const active = context.active();
  if (trace.getSpan(active) !== undefined) return active;
  const remote = trace.getSpanContext(propagation.extract(ROOT_CONTEXT, header, HEADERS));
  return remote === undefined ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, remote);
}

/** Without baggage, which is of any content: some processors would put it on spans. */
const HEADERS: TextMapGetter<TracedRequest['header']> = {
  keys: () => [],
  get: (header, name) =>
    name.toLowerCase() === 'baggage' ? undefined : header(name.toLowerCase()),
};
