/**
 * Registers the SDK of OpenTelemetry, which exports spans over OTLP/HTTP, to http://localhost:4318 by default. Loaded before Tollgate:
 * node --import=./examples/tracing/tracing.js ... The SDK reads its own settings: OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_TRACES_SAMPLER, ...
 */
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { defaultResource, resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, NodeTracerProvider } from '@opentelemetry/sdk-trace-node';

const resource = resourceFromAttributes({
  'service.name': process.env.OTEL_SERVICE_NAME ?? 'tollgate',
  // Workers are processes of their own.
  'process.pid': process.pid,
});

new NodeTracerProvider({
  resource: defaultResource().merge(resource),
  spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter())],
}).register();
