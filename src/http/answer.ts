import type { ExecutionResult, GraphQLError } from 'graphql';
import { monotonicMs, wallClockMs } from '../platform/clock.js';
import type { MediaType } from './accept.js';
import type { Claim } from './claim.js';
import { type Charge, withReport, withReportInJson } from './cost/charge.js';
import type { Door } from './door.js';
import { ENCODED_AT_ONCE_BYTES_MAX, encode, encodeInSteps, encodeJson } from './encode.js';
import { hiddenCause } from './errors.js';
import { federatedTrace, TRACE_HEADER, TRACE_VERSION } from './federated-trace.js';
import { isReplay, replayed } from './idempotency-header.js';
import type { Incoming, Reply, Then } from './incoming.js';
import type { OperationCounter } from './operation-figures.js';
import { OPERATION_ENDED } from './reasons.js';
import type { RunningOperation } from './running.js';
import { shed } from './shed.js';
import type { Stages } from './stages.js';
import { afterwards, toldErrors } from './told-errors.js';
import { untilEnd } from './until-end.js';

/** The last stage of an exchange: its result becomes the reply, once. */
export class Answer {
  mediaType: MediaType = 'application/json';
  operationName: string | undefined;
  /** Where it is counted; null for a request whose operation is not known yet. */
  counter: OperationCounter | null = null;
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

  constructor(stages: Stages, door: Door, incoming: Incoming, then: Then<Reply>) {
    this.#stages = stages;
    this.#door = door;
    this.#incoming = incoming;
    this.#then = then;
  }

  /** Whether there is a result already, so that no other one is sent. */
  get isGiven(): boolean {
    return this.#isGiven;
  }

  /** What the operation has taken, from the moment it runs or waits for its turn. */
  get claim(): Claim | null {
    return this.#claim;
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
    this.#count();
    this.#then.next(shed(this.#stages.log, this.#incoming));
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
    this.#log(errors);
    this.#outcome = errors[0]?.extensions['code'];
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
    this.#log(NO_ERRORS);
    const told = withReportInJson(json, this.charge?.settle(true) ?? null);
    const { resultBytesMax: max } = this.#stages.config;
    this.#send(encodeJson(told, this.mediaType, max, this.#instead));
  }

  /** An error while sending can no longer be reported. */
  failed(error: unknown): void {
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
    if (hiddenCause(reason) !== undefined) this.#log([reason]);
    const finished = this.#claim?.execution.finished ?? [];
    const errors = afterwards([reason], finished);
    return finished.length === 0 ? { errors } : { data: null, errors };
  };

  #send(reply: Reply): void {
    this.#claim?.execution.settle(reply.body.length);
    this.#count();
    this.#then.next(this.#isReplay ? replayed(reply) : reply);
  }

  #log(errors: readonly GraphQLError[]): void {
    this.#stages.log.ended({
      name: this.operationName,
      startedAt: this.#startedAt,
      errors,
      givenId: this.#incoming.header('x-request-id'),
    });
  }

  #count(): void {
    const counter = this.counter ?? this.#stages.figures.operations.none;
    counter.ended(this.#outcome, monotonicMs() - this.#startedAt);
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
