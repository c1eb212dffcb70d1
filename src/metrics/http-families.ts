import type { OperationSeries } from '../http/operation-figures.js';
import type { PipelineFigures } from '../http/pipeline.js';
import { byLabel, counter, type Family, gauge, histogram, type Sample } from './family.js';

export function httpFamilies(figures: () => PipelineFigures): Family[] {
  const series = () => figures().operations.series();
  return [
    counter(
      'tollgate_operations_total',
      'Operations answered, by name, kind and result: OK, or the code of the first error.',
      () => byResult(series()),
    ),
    histogram(
      'tollgate_operation_duration_seconds',
      'Time from the arrival of a request to its answer, by operation.',
      () => series().map(({ name, kind, seconds }) => [{ operation: name, kind }, seconds]),
    ),
    counter(
      'tollgate_requests_shed_total',
      'Requests refused because there was too much to do, before they were read or for a full queue.',
      () => byLabel('at', figures().shed.entries()),
    ),
    counter(
      'tollgate_documents_total',
      'Documents of requests, by where they were found: among the trusted ones, in the cache, or not, and then read.',
      () => byLabel('found', figures().operations.documents.entries()),
    ),
    gauge(
      'tollgate_requests_in_flight',
      'Requests that were admitted and have not been answered.',
      () => figures().inFlight,
    ),
    gauge(
      'tollgate_requests_in_flight_max',
      'The setting REQUESTS_IN_FLIGHT_MAX.',
      () => figures().inFlightMax,
    ),
  ];
}

/** One after the other, because there may be thousands. */
function* byResult(series: readonly OperationSeries[]): Generator<Sample> {
  for (const { name, kind, results } of series) {
    for (const [result, value] of results)
      yield { labels: { operation: name, kind, result }, value };
  }
}
