/** Spans as lines of text: children are indented below their parents. */
import { SpanKind, SpanStatusCode } from '@opentelemetry/api';
import type { ReadableSpan } from '@opentelemetry/sdk-trace-node';

/** Of a span's attributes, those that a line has. */
const SHOWN = [
  'http.response.status_code',
  'tollgate.operation.fields',
  'tollgate.batch.items',
  'db.operation.batch.size',
  'tollgate.outcome',
  'error.type',
  'db.response.status_code',
];

/** In the order in which they began. A span whose parent is elsewhere is a root. */
export function outlineOf(spans: readonly ReadableSpan[]): string[] {
  const ids = new Set(spans.map(idOf));
  const inOrder = spans.toSorted((a, b) => timeOf(a) - timeOf(b));
  const below = (parent: string | undefined, indent: string): string[] =>
    inOrder
      .filter(({ parentSpanContext: above }) =>
        parent === undefined ? !ids.has(above?.spanId ?? '') : above?.spanId === parent,
      )
      .flatMap((span) => [`${indent}${lineOf(span)}`, ...below(idOf(span), `${indent}  `)]);
  return below(undefined, '');
}

export function idOf(span: ReadableSpan): string {
  return span.spanContext().spanId;
}

function timeOf({ startTime: [seconds, nanos] }: ReadableSpan): number {
  return seconds * 1_000 + nanos / 1_000_000;
}

function lineOf({ name, kind, attributes, status }: ReadableSpan): string {
  const values = SHOWN.flatMap((key) => (key in attributes ? [String(attributes[key])] : []));
  const failed = status.code === SpanStatusCode.ERROR ? ['FAILED'] : [];
  return [SpanKind[kind], name, ...values, ...failed].join(' ');
}
