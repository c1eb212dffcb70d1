/** Which span something belongs to, as gateways tell each other: `traceparent` without its version (https://www.w3.org/TR/trace-context/). */
import type { SpanContext } from '@opentelemetry/api';

export type TraceContext = string;

const FORM = /^([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/;

const HEX = 16;

export function traceContextOf({ traceId, spanId, traceFlags }: SpanContext): TraceContext {
  return `${traceId}-${spanId}-${traceFlags.toString(HEX).padStart(2, '0')}`;
}

/** Null if it is none. */
export function spanContextOf(told: TraceContext): SpanContext | null {
  const [, traceId, spanId, flags] = FORM.exec(told) ?? [];
  if (traceId === undefined || spanId === undefined || flags === undefined) return null;
  return { traceId, spanId, traceFlags: Number.parseInt(flags, HEX), isRemote: true };
}
