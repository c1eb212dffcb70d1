import type { ExecutionResult, GraphQLError } from 'graphql';
import type { Caller } from '../meter/verb.js';
import type { CarryingBatch } from '../meter/write/carrying-batch.js';
import { monotonicMs, wallClockMs } from '../platform/clock.js';
import type { RequestTrace } from '../tracing/request-trace.js';
import type { Tracing } from '../tracing/tracing.js';
import type { MediaType } from './accept.js';
import type { Claim } from './claim.js';
import { type Charge, withReport, withReportInJson } from './cost/charge.js';
import type { Operation } from './document.js';
import type { Door } from './door.js';
import { ENCODED_AT_ONCE_BYTES_MAX, encode, encodeInSteps, encodeJson } from './encode.js';
import { isFault } from './errors.js';
import { federatedTrace, TRACE_HEADER, TRACE_VERSION } from './federated-trace.js';
import type { OperationCost } from './field-count/field-count.js';
import { isReplay, replayed } from './idempotency-header.js';
import type { Incoming, Reply, Then } from './incoming.js';
import { OTHER, resultOf } from './operation-figures.js';
import type { EndedOperation } from './operation-line.js';
import { OPERATION_ENDED } from './reasons.js';
import type { RunningOperation } from './running.js';
import { shed } from './shed.js';
import type { Stages } from './stages.js';
import { afterwards, toldErrors } from './told-errors.js';
import { untilEnd } from './until-end.js';

/** The last stage of an exchange: its result becomes the reply, once. */
export class Answer implements EndedOperation {
  mediaType: MediaType = 'application/json';
  /** Null until its key has been accepted. */
  caller: Caller | null = null;
  /** Null for a request whose operation is not known yet. */
  operation: Operation | null = null;
  /** What it may cost; null until it is about to be executed. */
  costOf: (() => OperationCost) | null = null;
  /** Null if there are no traces. */
  readonly trace: RequestTrace | null;
  /** What the operation costs; null if neither its key's budget nor its client is concerned. */
  charge: Charge | null = null;
  /** The key under which the result is cached; null if it is not. */
  resultKey: string | null = null;
  readonly #stages: Stages;
  readonly #door: Door;
  readonly #incoming: Incoming;
  readonly #then: Then<Reply>;
  readonly #startedAt = monotonicMs();
  #projectId = '';
  #claim: Claim | null = null;
  #running: RunningOperation | null = null;
  #isGiven = false;
  #isReplay = false;
  /** The code of its first error. */
  #outcome: unknown;
  #errorCount = 0;

  constructor(stages: Stages, door: Door, incoming: Incoming, then: Then<Reply>) {
    this.#stages = stages;
    this.#door = door;
    this.#incoming = incoming;
    this.#then = then;
    this.trace = stages.tracing === null ? null : this.#traced(stages.tracing);
  }

  #traced(tracing: Tracing): RequestTrace {
    const { method, requestId } = this.#incoming;
    const trace = tracing.request({
      method,
      route: this.#door.path,
      requestId,
      startedAt: this.#startedAt,
      header: (name) => this.#incoming.header(name),
    });
    this.#incoming.onEnd(() => trace.end());
    return trace;
  }

  /** Whether there is a result already, so that no other one is sent. */
  get isGiven(): boolean {
    return this.#isGiven;
  }

  get requestId(): string {
    return this.#incoming.requestId;
  }

  /** The code of its first error; undefined if there is none. */
  get outcome(): unknown {
    return this.#outcome;
  }

  get errorCount(): number {
    return this.#errorCount;
  }

  /** The batches that have carried what it wrote. */
  get batches(): readonly CarryingBatch[] {
    return this.#claim?.execution.batches ?? NO_BATCHES;
  }

  get traceId(): string | undefined {
    return this.trace?.traceId;
  }

  /** What the operation has taken, from the moment it runs or waits for its turn. */
  get claim(): Claim | null {
    return this.#claim;
  }

  authenticated(caller: Caller): void {
    this.caller = caller;
    this.trace?.authenticated(caller.projectId, caller.keyId);
  }

  identified(operation: Operation): void {
    this.operation = operation;
    if (this.trace === null) return;
    const { counter, isMutation, rootFields: fields } = operation;
    const name = counter.name === OTHER ? undefined : counter.name;
    this.trace.operation({ kind: isMutation ? 'mutation' : 'query', name, fields });
  }

  /** The operation runs, or waits for its turn. */
  begin(projectId: string, claim: Claim, running: RunningOperation): void {
    this.#projectId = projectId;
    this.#claim = claim;
    this.#running = running;
    this.#stages.running.add(running);
    this.#incoming.onEnd(() => claim.end());
  }

  /** There is too much to do. */
  shed(): void {
    this.#isGiven = true;
    this.#stages.figures.shed.add('write_queue');
    this.#outcome = 'OVERLOADED';
    this.#errorCount = 1;
    const reply = shed(this.#stages.log, this.#incoming);
    this.#over(reply);
    this.#then.next(reply);
  }

  end(result: ExecutionResult): void {
    // It was stopped, and the client has been answered.
    if (this.#isGiven) return;
    const { errors: raw } = result;
    if (raw === undefined && this.resultKey !== null) {
      const json = JSON.stringify(result);
      this.#door.schemaResults.set(this.resultKey, json);
      this.endWith(json);
      return;
    }
    this.#isGiven = true;
    const stopped = this.#leave();
    this.#isReplay = isReplay(result, this.#claim);
    // What was put together until then is not sent.
    if (!result.data) this.#claim?.freeMemory();
    const errors = raw === undefined ? NO_ERRORS : toldErrors(raw, stopped);
    this.#stages.log.causes(errors, this.requestId);
    this.#outcome = errors[0]?.extensions['code'];
    this.#errorCount = errors.length;
    const finished = result.data ? [] : (this.#claim?.execution.finished ?? []);
    const told = raw === undefined ? result : { ...result, errors: afterwards(errors, finished) };
    const traced = this.#isTraced() ? { ...told, extensions: this.#trace(result) } : told;
    this.#encode(withReport(traced, this.charge?.settle(result.data !== undefined) ?? null));
  }

  #isTraced(): boolean {
    return this.#door.isTraced && this.#incoming.header(TRACE_HEADER) === TRACE_VERSION;
  }

  #trace({ data, extensions }: ExecutionResult): Record<string, unknown> {
    const ftv1 = federatedTrace({
      endedAtMs: wallClockMs(),
      durationMs: monotonicMs() - this.#startedAt,
      fields: Object.keys(data ?? {}),
    });
    return { ...extensions, ftv1 };
  }

  /** For a result without errors, as JSON. */
  endWith(json: string): void {
    this.#isGiven = true;
    this.#leave();
    const told = withReportInJson(json, this.charge?.settle(true) ?? null);
    const { resultBytesMax: max } = this.#stages.config;
    this.#send(encodeJson(told, this.mediaType, max, this.#instead));
  }

  /** An error while sending can no longer be reported. */
  failed(error: unknown): void {
    this.trace?.failed();
    this.#then.fail(error);
  }

  #encode(result: ExecutionResult): void {
    const { turns, config } = this.#stages;
    const { resultBytesMax: max } = config;
    const bytes = this.#claim?.execution.bytes ?? 0;
    if (bytes <= ENCODED_AT_ONCE_BYTES_MAX) {
      this.#send(encode(result, this.mediaType, max, this.#instead));
    } else {
      const steps = encodeInSteps(result, this.mediaType, max, bytes, this.#instead);
      const then = { next: (reply: Reply) => this.#send(reply), fail: this.#then.fail };
      turns.add(this.#projectId, untilEnd(this.#incoming, steps, then));
    }
  }

  /** For a result that cannot be sent: what mutations have written is kept. */
  readonly #instead = (reason: GraphQLError) => {
    this.#outcome = reason.extensions['code'];
    this.#errorCount = 1;
    this.#stages.log.causes([reason], this.requestId);
    const finished = this.#claim?.execution.finished ?? [];
    const errors = afterwards([reason], finished);
    return finished.length === 0 ? { errors } : { data: null, errors };
  };

  #send(reply: Reply): void {
    this.#claim?.execution.settle(reply.body.length);
    this.#over(reply);
    this.#then.next(this.#isReplay ? replayed(reply) : reply);
  }

  /** The one place where an operation is over, however it ended: its reply is complete and about to be sent. */
  #over({ status }: Reply): void {
    const { figures, log } = this.#stages;
    const durationMs = monotonicMs() - this.#startedAt;
    const counter = this.operation?.counter ?? figures.operations.none;
    counter.ended(this.#outcome, durationMs);
    if (this.trace !== null) {
      const code = resultOf(this.#outcome);
      this.trace.answered({ code, fault: isFault(code) }, status);
    }
    log.ended(this, status, durationMs);
  }

  /** Resolvers that are still waiting once the answer is complete do not continue. Returns why it was stopped before. */
  #leave(): Error | null {
    if (this.#running !== null) this.#stages.running.delete(this.#running);
    const stopped = this.#claim?.execution.stopped ?? null;
    this.#claim?.execution.stop(OPERATION_ENDED);
    return stopped;
  }
}

const NO_ERRORS: readonly GraphQLError[] = [];
const NO_BATCHES: readonly CarryingBatch[] = [];
