/** An SDK of OpenTelemetry as a user registers it, which keeps in memory what it exports. */
import { context, propagation, trace } from '@opentelemetry/api';
import {
  AlwaysOnSampler,
  InMemorySpanExporter,
  NodeTracerProvider,
  type ReadableSpan,
  type Sampler,
  SimpleSpanProcessor,
  type SpanProcessor,
} from '@opentelemetry/sdk-trace-node';
import { expect } from 'vitest';
import { describeFailure } from '../../../src/commands/tracing.js';
import { present } from '../../../src/domain/assert.js';
import { registeredTracing } from '../../../src/tracing/registered.js';
import type { Tracing } from '../../../src/tracing/tracing.js';

export interface Recorder {
  readonly tracing: Tracing;
  /** What of the SDK has failed. */
  readonly failures: unknown[];
  /** Records everything by default. */
  sampler: Sampler;
  /** One more, as a user may have. */
  processor: Partial<SpanProcessor>;
  /** All that have ended since the last call. */
  taken(): ReadableSpan[];
  /** Those of the work, once so many requests are over. */
  after(requests: number, work: () => Promise<unknown>): Promise<ReadableSpan[]>;
  /** Files share a process: nothing stays registered. */
  close(): Promise<void>;
}

export function registerRecorder(): Recorder {
  const exporter = new InMemorySpanExporter();
  const failures: unknown[] = [];
  let open = 0;
  const provider = new NodeTracerProvider({
    sampler: {
      shouldSample: (...facts) => recorder.sampler.shouldSample(...facts),
      toString: () => 'switchable',
    },
    spanProcessors: [
      {
        onStart: (span, parent) => {
          if (isOfRequest(span)) open += 1;
          recorder.processor.onStart?.(span, parent);
        },
        onEnd: (span) => {
          if (isOfRequest(span)) open -= 1;
          recorder.processor.onEnd?.(span);
        },
        forceFlush: async () => recorder.processor.forceFlush?.(),
        shutdown: async () => undefined,
      },
      new SimpleSpanProcessor(exporter),
    ],
  });
  provider.register();
  const taken = () => {
    const spans = exporter.getFinishedSpans();
    exporter.reset();
    return spans;
  };
  const recorder: Recorder = {
    tracing: present(
      registeredTracing({
        onFailure: (error) => failures.push(error),
        describe: describeFailure,
      }),
      'an SDK is registered',
    ),
    failures,
    sampler: new AlwaysOnSampler(),
    processor: {},
    taken,
    after: async (requests, work) => {
      // A request is over a little later than its client knows.
      await expect.poll(() => open).toBe(0);
      taken();
      await work();
      await expect
        .poll(() => exporter.getFinishedSpans().filter(isOfRequest).length)
        .toBe(requests);
      return taken();
    },
    close: async () => {
      unregister();
      await provider.shutdown();
    },
  };
  return recorder;
}

export function isOfRequest({ name }: Pick<ReadableSpan, 'name'>): boolean {
  return name.endsWith(' /graphql');
}

export function unregister(): void {
  trace.disable();
  context.disable();
  propagation.disable();
}
