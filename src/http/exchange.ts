import type { ExecutionResult } from 'graphql';
import { type UnavailableCode, UnavailableError } from '../domain/unavailable.js';
import { checkAccess } from '../meter/access/forbidden.js';
import type { Visitor } from '../meter/gate.js';
import { SMALL_READ_COST_MAX } from '../meter/read/large-reads.js';
import type { Caller } from '../meter/verb.js';
import { monotonicMs } from '../platform/clock.js';
import { mediaTypeOf } from './accept.js';
import { Answer } from './answer.js';
import { authenticateRequest } from './authenticate.js';
import { Claim, checkPlaces } from './claim.js';
import { CACHED, chargeFor } from './cost/budget.js';
import type { Charge } from './cost/charge.js';
import { isLong, type Operation } from './document.js';
import type { Door } from './door.js';
import { maskError, protocolError } from './errors.js';
import type { OperationCost } from './field-count/field-count.js';
import { requestKeyOf } from './idempotency-header.js';
import type { Incoming, Reply, Then } from './incoming.js';
import { isManyValued } from './json-size.js';
import { HEAVY, type PieceOptions } from './paced.js';
import { type Asked, type Params, paramsOfBody, paramsOfSearch } from './params.js';
import { RunningOperation } from './running.js';
import type { Stages } from './stages.js';
import { withoutGaps } from './told-errors.js';
import { whenKnown } from './when-known.js';

/** One admitted request on its way to its answer. Its methods are the stages, each of which calls the next one. */
export class Exchange {
  readonly #stages: Stages;
  readonly #door: Door;
  readonly #incoming: Incoming;
  readonly #answer: Answer;

  constructor(stages: Stages, door: Door, incoming: Incoming, then: Then<Reply>) {
    this.#stages = stages;
    this.#door = door;
    this.#incoming = incoming;
    this.#answer = new Answer(stages, door, incoming, then);
  }

  begin(): void {
    const acceptable = mediaTypeOf(this.#incoming.header('accept'));
    if (acceptable !== null) this.#answer.mediaType = acceptable;
    this.#try(() =>
      authenticateRequest(this.#incoming, this.#stages.authenticate, {
        next: (caller) => {
          this.#answer.authenticated(caller);
          if (acceptable === null) throw protocolError('NOT_ACCEPTABLE');
          this.#read(caller);
        },
        fail: this.#fail,
      }),
    );
  }

  #read(caller: Caller): void {
    const { method, search } = this.#incoming;
    const { signatures } = this.#door;
    if (method === 'GET' && signatures === null) {
      this.#resolve(caller, paramsOfSearch(search));
      return;
    }
    if (method !== 'POST')
      throw protocolError(signatures === null ? 'METHOD_NOT_ALLOWED' : 'UNSIGNED_METHOD');
    this.#stages.receiving.read(this.#incoming, caller.projectId, {
      next: (text) => {
        const isSigned = signatures === null || signatures.hasHeader(this.#incoming, text);
        const resolve = () => {
          const params = paramsOfBody(this.#incoming, text);
          if (!isSigned) signatures.checkExtension(params);
          this.#resolve(caller, params);
        };
        if (isManyValued(text)) this.#inTurn(caller, 'OVERLOADED', resolve, { weight: HEAVY });
        else resolve();
      },
      fail: this.#fail,
    });
  }

  #resolve(caller: Caller, asked: Asked): void {
    const params = this.#door.documentIds.resolve(asked, caller.projectId);
    const choose = () => this.#choose(caller, params);
    if (!this.#door.documents.isCostly(params.query)) choose();
    else this.#inTurn(caller, 'OVERLOADED', choose, this.#door.documents.reading(params.query));
  }

  /** Work that awaits nothing would occupy the event loop if a client requested it in a loop. */
  #inTurn(caller: Caller, code: UnavailableCode, step: Step, options: PieceOptions): void {
    let isOver = false;
    this.#incoming.onEnd(() => {
      isOver = true;
    });
    const run = (isFirst: boolean) => {
      if (isOver || this.#answer.isGiven) return false;
      this.#try(() => step(isFirst));
      return true;
    };
    if (!this.#stages.paced.add(caller.projectId, run, options)) throw new UnavailableError(code);
  }

  #choose(caller: Caller, params: Params): void {
    const operation = this.#door.documents.operation(params);
    if ('errors' in operation) {
      this.#answer.end(operation);
      return;
    }
    this.#answer.identified(operation);
    checkAccess(caller, operation);
    if (operation.isMutation && this.#incoming.method === 'GET') {
      throw protocolError('MUTATION_BY_GET');
    }
    const execute = () => this.#execute(caller, operation, params);
    if (operation.introspection !== 'NONE') this.#introspect(caller, operation, params);
    // A few conditions make hundreds of operations out of one, each of which has to be counted.
    else if (isLong(params.query) && !operation.fieldCount.isKnown(params.variables)) {
      const part = `${operation.name} ${operation.fieldCount.keyOf(params.variables)}`;
      const reading = this.#door.documents.reading(params.query, part);
      this.#inTurn(caller, 'OVERLOADED', execute, reading);
    } else execute();
  }

  #introspect(caller: Caller, operation: Operation, params: Params): void {
    const { schemaResults } = this.#door;
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
      else this.#endWithCached(caller, known);
    };
    this.#answer.resultKey = key;
    // The result of the first is cached for those that wait with it, unless it is too large.
    const run = (isFirst: boolean) =>
      answer(isFirst ? execute : () => inTurn(() => answer(execute)));
    answer(() => inTurn(run, key ?? undefined));
  }

  #endWithCached(caller: Caller, json: string): void {
    this.#charge(caller, () => CACHED);
    this.#answer.endWith(json);
  }

  #execute(caller: Caller, operation: Operation, params: Params): void {
    const { variables: variableValues } = params;
    const { writeQueue, readQueue, store, execute, config, idempotencyFallbackHeader } =
      this.#stages;
    const refusal =
      operation.variableUses.refusal(variableValues, config.bodyBytesMax) ??
      operation.fieldCount.refusal(variableValues);
    if (refusal !== null) throw refusal;
    const requestKey = operation.isMutation
      ? requestKeyOf(this.#incoming, idempotencyFallbackHeader, operation, params)
      : null;
    if (operation.isMutation && writeQueue.isOverloaded(caller.projectId)) {
      this.#answer.shed();
      return;
    }
    const isRead = !operation.isMutation && operation.introspection !== 'ALL';
    if (isRead && readQueue.isOverloaded(caller.projectId)) {
      throw new UnavailableError('READS_OVERLOADED');
    }
    if (!operation.isMutation && this.#answer.claim === null)
      checkPlaces(this.#stages, caller.projectId);
    const { document, name: operationName } = operation;
    const charge = this.#charge(caller, () => operation.fieldCount.cost(variableValues));
    const { execution } = this.#answer.claim ?? this.#begin(caller, operation);
    execution.requestKey = requestKey;
    execution.reads = charge;
    const contextValue = { caller, store, writeQueue, readQueue, execution };
    const { schema } = this.#door;
    const args = { schema, document, operationName, variableValues, contextValue };
    const { trace } = this.#answer;
    const runs = () => execute({ ...args, answerSize: execution });
    const run = trace === null ? runs : () => trace.within(runs);
    const weight = isRead ? operation.fieldCount.cost(variableValues).requested : 0;
    const visitor = { projectId: caller.projectId, asker: execution, weight };
    whenKnown(() => (weight <= SMALL_READ_COST_MAX ? run() : this.#passLarge(visitor, run)), {
      next: (result) => this.#answer.end(withoutGaps(result, execution, operation)),
      fail: this.#fail,
    });
  }

  /** Runs a large read once it may begin. A refusal is a result too, which is dropped if the operation was stopped and answered. */
  #passLarge(
    visitor: Visitor,
    run: () => ExecutionResult | Promise<ExecutionResult>,
  ): Promise<ExecutionResult> {
    const { largeReads } = this.#stages.readQueue;
    const result = largeReads.pass(visitor, run);
    this.#incoming.onEnd(() => largeReads.leave(visitor));
    return result.catch((error) => ({ errors: [maskError(error)] }));
  }

  #charge(caller: Caller, costOf: () => OperationCost): Charge | null {
    this.#answer.costOf = costOf;
    this.#answer.charge = chargeFor(this.#stages.budgets, caller, this.#incoming, costOf);
    return this.#answer.charge;
  }

  #begin(caller: Caller, { name, isMutation }: Operation): Claim {
    const { projectId } = caller;
    const claim = new Claim(this.#stages, projectId, isMutation);
    const giveUp = () => {
      const reason = protocolError('OPERATION_TIMEOUT');
      claim.execution.stop(reason);
      // Waits for what a mutation has begun to write: its answer says what was written.
      if (!isMutation) this.#answer.end({ errors: [reason] });
    };
    const running = new RunningOperation({
      name,
      requestId: this.#incoming.requestId,
      caller,
      startedAt: monotonicMs(),
      giveUp,
    });
    this.#answer.begin(projectId, claim, running);
    return claim;
  }

  /** An error thrown by a stage becomes the answer, once; an error while sending it can no longer be reported. */
  readonly #fail = (error: unknown): void => {
    if (this.#answer.isGiven) this.#answer.failed(error);
    else this.#try(() => this.#answer.end({ errors: [maskError(error)] }));
  };

  #try(step: () => void): void {
    try {
      step();
    } catch (error) {
      this.#fail(error);
    }
  }
}

/** What is done in a turn; of the requests that wait together, one is the first. */
type Step = (isFirst: boolean) => void;
