/**
 * The path of every request, through either adapter: admit, authenticate, read the body, read the request, find its
 * operation, execute it, encode the result. Each stage is called from here, from exchange.ts or from answer.ts, and from nowhere
 * else.
 */
import { present } from '../domain/assert.js';
import { Exchange } from './exchange.js';
import { isHealthCheck } from './health.js';
import type { HttpFigures } from './http-figures.js';
import type { Incoming, Reply, Then } from './incoming.js';
import { shed } from './shed.js';
import { createStages, type PipelineOptions } from './stages.js';

export interface Pipeline {
  /** The first stage, for requests of every kind: null if the request may proceed, otherwise the answer. */
  admit(incoming: Incoming): Reply | null;
  /** Whether GraphQL is served at the path. */
  serves(path: string): boolean;
  /** All other stages, for an admitted request to such a path. Fails if no answer can be given. */
  answer(incoming: Incoming, then: Then<Reply>): void;
}

export interface CountingPipeline extends Pipeline {
  /** What it has counted, and how full it is. */
  figures(): PipelineFigures;
}

export interface PipelineFigures extends HttpFigures {
  readonly inFlight: number;
  readonly inFlightMax: number;
}

export function createPipeline(options: PipelineOptions): CountingPipeline {
  const stages = createStages(options);
  return {
    admit(incoming) {
      if (isHealthCheck(incoming.path)) return null;
      if (stages.admission.shouldShed()) {
        stages.figures.shed.add('admission');
        return shed(stages.log, incoming);
      }
      stages.admission.begin();
      incoming.onEnd(stages.endAdmitted);
      return null;
    },
    serves: (path) => stages.doors.at(path) !== null,
    answer: (incoming, then) => {
      const door = present(stages.doors.at(incoming.path), 'adapters ask what is served');
      new Exchange(stages, door, incoming, then).begin();
    },
    figures: () => ({
      ...stages.figures,
      inFlight: stages.admission.inFlight(),
      inFlightMax: options.config.requestsInFlightMax,
    }),
  };
}
