import { ProxyTracerProvider, type TracerProvider, trace } from '@opentelemetry/api';
import { Spans } from './spans.js';
import { type DescribeFailure, Tracing } from './tracing.js';

/** How spans are recognised as ours. */
const NAME = 'tollgate';

/** The end of the process waits no longer for the last spans to be exported. */
const FLUSH_MS_MAX = 2_000;

export interface TracingOptions {
  /** Told what of the SDK has failed: whatever was to be traced goes on. */
  readonly onFailure: (error: unknown) => void;
  readonly describe: DescribeFailure;
}

/** Null unless an SDK has been registered, as one that is loaded with `--import` is before this program. */
export function registeredTracing({ onFailure, describe }: TracingOptions): Tracing | null {
  const provider = trace.getTracerProvider();
  const isNone =
    provider instanceof ProxyTracerProvider && provider.getDelegateTracer(NAME) === undefined;
  return isNone ? null : new Tracing(new Spans(provider.getTracer(NAME), onFailure), describe);
}

/** Lets the SDK export what it has. It has no such method in the API, and may have none at all. Never rejects. */
export async function flushTraces(timeoutMs = FLUSH_MS_MAX): Promise<void> {
  const provider = delegateOf(trace.getTracerProvider());
  if (!canFlush(provider)) return;
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, timeoutMs);
  });
  const flush = async () => {
    await provider.forceFlush();
  };
  await Promise.race([flush().catch(() => undefined), over]);
  clearTimeout(timer);
}

function delegateOf(provider: TracerProvider): object {
  if (!('getDelegate' in provider) || typeof provider.getDelegate !== 'function') return provider;
  return provider.getDelegate();
}

function canFlush(provider: object): provider is { forceFlush(): unknown } {
  return 'forceFlush' in provider && typeof provider.forceFlush === 'function';
}
