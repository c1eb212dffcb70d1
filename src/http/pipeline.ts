/**
 * The path of every request, through either adapter: admit, authenticate, read the body, read the request, find its
 * operation, execute it, encode the result. Each stage is called from here and from nowhere else.
 */
import type { ExecutionResult, GraphQLError } from 'graphql';
import { type UnavailableCode, UnavailableError } from '../domain/unavailable.js';
import type { Caller } from '../meter/verb.js';
import { monotonicMs } from '../platform/clock.js';
import { schema } from '../schema/index.js';
import { type MediaType, mediaTypeOf } from './accept.js';
import { authenticateRequest } from './authenticate.js';
import { Claim, checkPlaces } from './claim.js';
import { isLong, type Operation } from './document.js';
import { ENCODED_AT_ONCE_BYTES_MAX, encode, encodeInSteps, encodeJson } from './encode.js';
import { hiddenCause, maskError, protocolError } from './errors.js';
import { isHealthCheck } from './health.js';
import type { Incoming, Reply, Then } from './incoming.js';
import { isManyValued } from './json-size.js';
import { HEAVY, type PieceOptions } from './paced.js';
import { type Params, paramsOfBody, paramsOfSearch } from './params.js';
import { OPERATION_ENDED } from './reasons.js';
import { RunningOperation } from './running.js';
import { shedReply } from './shed.js';
import { createStages, type PipelineOptions, type Stages } from './stages.js';
import { afterwards, toldErrors, withoutGaps } from './told-errors.js';
import { untilEnd } from './until-end.js';
import { whenKnown } from './when-known.js';

export interface Pipeline {
  /** The first stage, for requests of every kind: null if the request may proceed, otherwise the answer. */
  admit(incoming: Incoming): Reply | null;
  /** All others, for an admitted request to the GraphQL endpoint. Fails if no answer can be given. */
  answer(incoming: Incoming, then: Then<Reply>): void;
}

export function createPipeline(options: PipelineOptions): Pipeline {
  const stages = createStages(options);
  return {
    admit(incoming) {
      if (isHealthCheck(incoming.path)) return null;
      if (stages.admission.shouldShed()) return shed(stages, incoming);
      stages.admission.begin();
      incoming.onEnd(stages.endAdmitted);
      return null;
    },
    answer: (incoming, then) => new Exchange(stages, incoming, then).begin(),
  };
}

function shed({ log }: Stages, incoming: Incoming): Reply {
  const mediaType = mediaTypeOf(incoming.header('accept')) ?? 'application/json';
  return shedReply(mediaType, log.shed(incoming.header('x-request-id')));
}

/** One admitted request on its way to its answer. Its methods are the stages, each of which calls the next one. */
class Exchange {
  readonly #stages: Stages;
  readonly #incoming: Incoming;
  readonly #then: Then<Reply>;
  readonly #startedAt = monotonicMs();
  #mediaType: MediaType = 'application/json';
  #operationName: string | undefined;
  #isEnding = false;
  #projectId = '';
  #claim: Claim | null = null;
  #running: RunningOperation | null = null;
  /** The key under which the result is cached; null if it is not. */
  #resultKey: string | null = null;

  constructor(stages: Stages, incoming: Incoming, then: Then<Reply>) {
    this.#stages = stages;
    this.#incoming = incoming;
    this.#then = then;
  }

  begin(): void {
    const acceptable = mediaTypeOf(this.#incoming.header('accept'));
    this.#mediaType = acceptable ?? this.#mediaType;
    this.#try(() =>
      authenticateRequest(this.#incoming, this.#stages.authenticate, {
        next: (caller) => {
          if (acceptable === null) throw protocolError('NOT_ACCEPTABLE');
          this.#read(caller);
        },
        fail: this.#fail,
      }),
    );
  }

  #read(caller: Caller): void {
    const { method, search } = this.#incoming;
    if (method === 'GET') {
      this.#resolve(caller, paramsOfSearch(search));
      return;
    }
    if (method !== 'POST') throw protocolError('METHOD_NOT_ALLOWED');
    this.#stages.receiving.read(this.#incoming, caller.projectId, {
      next: (text) => {
        const resolve = () => this.#resolve(caller, paramsOfBody(this.#incoming, text));
        if (isManyValued(text)) this.#inTurn(caller, 'OVERLOADED', resolve, { weight: HEAVY });
        else resolve();
      },
      fail: this.#fail,
    });
  }

  #resolve(caller: Caller, params: Params): void {
    const choose = () => this.#choose(caller, params);
    if (!this.#stages.documents.isCostly(params.query)) choose();
    else this.#inTurn(caller, 'OVERLOADED', choose, this.#stages.documents.reading(params.query));
  }

  /** Work that awaits nothing would occupy the event loop if a client requested it in a loop. */
  #inTurn(caller: Caller, code: UnavailableCode, step: Step, options: PieceOptions): void {
    let isOver = false;
    this.#incoming.onEnd(() => {
      isOver = true;
    });
    const run = (isFirst: boolean) => {
      if (isOver || this.#isEnding) return false;
      this.#try(() => step(isFirst));
      return true;
    };
    if (!this.#stages.paced.add(caller.projectId, run, options)) throw new UnavailableError(code);
  }

  #choose(caller: Caller, params: Params): void {
    const operation = this.#stages.documents.operation(params);
    if ('errors' in operation) {
      this.#end(operation);
      return;
    }
    this.#operationName = operation.name;
    if (operation.isMutation && this.#incoming.method === 'GET') {
      throw protocolError('MUTATION_BY_GET');
    }
    const execute = () => this.#execute(caller, operation, params);
    if (operation.introspection !== 'NONE') this.#introspect(caller, operation, params);
    // A few conditions make hundreds of operations out of one, each of which has to be counted.
    else if (isLong(params.query) && !operation.fieldCount.isKnown(params.variables)) {
      const part = `${operation.name} ${operation.fieldCount.keyOf(params.variables)}`;
      const reading = this.#stages.documents.reading(params.query, part);
      this.#inTurn(caller, 'OVERLOADED', execute, reading);
    } else execute();
  }

  #introspect(caller: Caller, operation: Operation, params: Params): void {
    const { schemaResults } = this.#stages;
    checkPlaces(this.#stages, caller.projectId);
    // Its time limit also applies while it waits.
    this.#begin(caller, operation);
    const key = schemaResults.keyOf(operation, params);
    const execute = () => this.#execute(caller, operation, params);
    const inTurn = (step: Step, key?: string) =>
      this.#inTurn(caller, 'READS_OVERLOADED', step, { key, weight: HEAVY });
    const answer = (otherwise: () => void) => {
      const known = key === null ? undefined : schemaResults.get(key);
      if (known === undefined) otherwise();
      else this.#endWith(known);
    };
    this.#resultKey = key;
    // The result of the first is cached for those that wait with it, unless it is too large.
    const run = (isFirst: boolean) =>
      answer(isFirst ? execute : () => inTurn(() => answer(execute)));
    answer(() => inTurn(run, key ?? undefined));
  }

  #execute(caller: Caller, operation: Operation, { variables: variableValues }: Params): void {
    const { writeQueue, readQueue, store, execute, config } = this.#stages;
    const refusal =
      operation.variableUses.refusal(variableValues, config.bodyBytesMax) ??
      operation.fieldCount.refusal(variableValues);
    if (refusal !== null) throw refusal;
    if (operation.isMutation && writeQueue.isOverloaded(caller.projectId)) {
      this.#isEnding = true;
      this.#then.next(shed(this.#stages, this.#incoming));
      return;
    }
    const isRead = !operation.isMutation && operation.introspection !== 'ALL';
    if (isRead && readQueue.isOverloaded(caller.projectId)) {
      throw new UnavailableError('READS_OVERLOADED');
    }
    if (!operation.isMutation && this.#claim === null) checkPlaces(this.#stages, caller.projectId);
    const { document, name: operationName } = operation;
    const { execution } = this.#claim ?? this.#begin(caller, operation);
    const contextValue = { caller, store, writeQueue, readQueue, execution };
    const args = { schema, document, operationName, variableValues, contextValue };
    whenKnown(() => execute({ ...args, answerSize: execution }), {
      next: (result) => this.#end(withoutGaps(result, execution, operation)),
      fail: this.#fail,
    });
  }

  #begin(caller: Caller, { name, isMutation }: Operation): Claim {
    const { projectId } = caller;
    const claim = new Claim(this.#stages, projectId, isMutation);
    const giveUp = () => {
      const reason = protocolError('OPERATION_TIMEOUT');
      claim.execution.stop(reason);
      // Waits for what a mutation has begun to write: its answer says what was written.
      if (!isMutation) this.#end({ errors: [reason] });
    };
    this.#projectId = projectId;
    this.#claim = claim;
    this.#running = new RunningOperation({ name, caller, startedAt: monotonicMs(), giveUp });
    this.#stages.running.add(this.#running);
    this.#incoming.onEnd(() => claim.end());
    return claim;
  }

  #end(result: ExecutionResult): void {
    // It was stopped, and the client has been answered.
    if (this.#isEnding) return;
    const { errors: raw } = result;
    if (raw === undefined && this.#resultKey !== null) {
      const json = JSON.stringify(result);
      this.#stages.schemaResults.set(this.#resultKey, json);
      this.#endWith(json);
      return;
    }
    this.#isEnding = true;
    const stopped = this.#leave();
    // What was put together until then is not sent.
    if (!result.data) this.#claim?.freeMemory();
    const errors = raw === undefined ? NO_ERRORS : toldErrors(raw, stopped);
    this.#log(errors);
    const finished = result.data ? [] : (this.#claim?.execution.finished ?? []);
    this.#encode(raw === undefined ? result : { ...result, errors: afterwards(errors, finished) });
  }

  #encode(result: ExecutionResult): void {
    const { turns, config } = this.#stages;
    const { resultBytesMax: max } = config;
    const bytes = this.#claim?.execution.bytes ?? 0;
    if (bytes <= ENCODED_AT_ONCE_BYTES_MAX) {
      this.#send(encode(result, this.#mediaType, max, this.#instead));
    } else {
      const steps = encodeInSteps(result, this.#mediaType, max, bytes, this.#instead);
      const then = { next: (reply: Reply) => this.#send(reply), fail: this.#then.fail };
      turns.add(this.#projectId, untilEnd(this.#incoming, steps, then));
    }
  }

  /** For a result that cannot be sent: what mutations have written is kept. */
  readonly #instead = (reason: GraphQLError) => {
    if (hiddenCause(reason) !== undefined) this.#log([reason]);
    const finished = this.#claim?.execution.finished ?? [];
    const errors = afterwards([reason], finished);
    return finished.length === 0 ? { errors } : { data: null, errors };
  };

  #send(reply: Reply): void {
    this.#claim?.execution.settle(reply.body.length);
    this.#then.next(reply);
  }

  /** For a result without errors, as JSON. */
  #endWith(json: string): void {
    this.#isEnding = true;
    this.#leave();
    this.#log(NO_ERRORS);
    this.#send(encodeJson(json, this.#mediaType, this.#stages.config.resultBytesMax));
  }

  #log(errors: readonly GraphQLError[]): void {
    this.#stages.log.ended({
      name: this.#operationName,
      startedAt: this.#startedAt,
      errors,
      givenId: this.#incoming.header('x-request-id'),
    });
  }

  /** Resolvers that are still waiting once the answer is complete do not continue. Returns why it was stopped before. */
  #leave(): Error | null {
    if (this.#running !== null) this.#stages.running.delete(this.#running);
    const stopped = this.#claim?.execution.stopped ?? null;
    this.#claim?.execution.stop(OPERATION_ENDED);
    return stopped;
  }

  /** An error thrown by a stage becomes the answer, once; an error while sending it can no longer be reported. */
  readonly #fail = (error: unknown): void => {
    if (this.#isEnding) this.#then.fail(error);
    else this.#try(() => this.#end({ errors: [maskError(error)] }));
  };

  #try(step: () => void): void {
    try {
      step();
    } catch (error) {
      this.#fail(error);
    }
  }
}

const NO_ERRORS: readonly GraphQLError[] = [];

/** What is done in a turn; of the requests that wait together, one is the first. */
type Step = (isFirst: boolean) => void;
