/** The two ways to offer load: as fast as answers arrive, and at a fixed rate whether they arrive or not. */
import type { LoadOrder } from '../protocol.js';
import { type Choose, chooser } from './choose.js';
import { Connection, type ConnectionEvents } from './connection.js';
import type { Recorder } from './recorder.js';
import { copySlots, requestBytes } from './request-pattern.js';

/**
 * A busy server accepts one connection per turn of its event loop, so the last ones would wait seconds for their first
 * answer. An idle one accepts all of them within this time.
 */
const ACCEPT_MS_MIN = 300;
const ACCEPT_MS_PER_CONNECTION = 0.25;

/**
 * With many connections, several answers are processed at a time, because waking up for each one costs more than all the
 * rest. The pause is short compared with the latencies of that many connections, and its effect counts against the gateway.
 */
const PAUSE_MS_MAX = 1;
const PAUSE_CONNECTIONS = { least: 64, most: 256 } as const;
const pauser = new Int32Array(new SharedArrayBuffer(4));

/** After this many failures, more would say the same. */
const FAILURES_MAX = 1_000;

export interface Loop {
  /** Resolves once every connection is open; then the load begins. */
  begin(): Promise<void>;
  /** Sends no more requests; resolves once everything sent has been answered or given up. */
  stop(): Promise<void>;
  /** Requests that were due but have not been sent. */
  unsent(): number;
}

export interface LoopOptions {
  readonly order: LoadOrder;
  readonly recorder: Recorder;
  readonly isWarmingUp: () => boolean;
  /** Called for every answer, to check whether it was the last one needed. */
  readonly onAnswer: () => void;
}

/** What both loops have in common: connections and the handling of answers. */
abstract class BaseLoop implements Loop, ConnectionEvents {
  protected readonly options: LoopOptions;
  protected stopped = false;
  readonly #choose: Choose;
  readonly #pauseMs: number;
  readonly #open = new Set<Connection>();
  #connected = 0;
  #pausing = false;
  #begun = false;
  #allConnected: () => void = () => undefined;
  #notConnected: (error: Error) => void = () => undefined;
  #finished: () => void = () => undefined;

  constructor(options: LoopOptions) {
    this.options = options;
    this.#pauseMs = pauseMs(options.order.connections);
    this.#choose = chooser(options.order, options.isWarmingUp);
  }

  protected abstract start(connections: readonly Connection[]): void;
  protected abstract free(connection: Connection): void;
  abstract unsent(): number;

  async begin(): Promise<void> {
    const { connections } = this.options.order;
    await new Promise<void>((resolve, reject) => {
      this.#allConnected = resolve;
      this.#notConnected = reject;
      for (let index = 0; index < connections; index += 1) this.#connect(index);
    });
    await sleep(Math.max(ACCEPT_MS_MIN, connections * ACCEPT_MS_PER_CONNECTION));
    this.#begun = true;
    this.start([...this.#open]);
  }

  /** Runs after all answers of one turn of the event loop. */
  readonly #pause = (): void => {
    this.#pausing = false;
    Atomics.wait(pauser, 0, 0, this.#pauseMs);
  };

  onConnect(connection: Connection): void {
    this.#connected += 1;
    if (this.#begun) this.free(connection);
    else if (this.#connected === this.options.order.connections) this.#allConnected();
  }

  onAnswer(connection: Connection, verdict: Parameters<Recorder['answer']>[0], text: Buffer): void {
    const { recorder, onAnswer } = this.options;
    recorder.answer(verdict, performance.now() - connection.since, text);
    onAnswer();
    if (!this.#pausing && this.#pauseMs > 0) {
      this.#pausing = true;
      setImmediate(this.#pause);
    }
    if (this.stopped || recorder.failures > FAILURES_MAX) this.#close(connection);
    else this.free(connection);
  }

  onLost(connection: Connection, reason: string): void {
    this.#close(connection);
    if (!this.#begun) this.#notConnected(new Error(`A connection could not be opened: ${reason}.`));
    else if (connection.busy) this.options.recorder.fail(`A connection was lost: ${reason}.`);
    else if (!this.stopped) this.#replace(connection);
  }

  /** A server may close an idle connection; clients then open another one. */
  #replace(connection: Connection): void {
    this.forget(connection);
    this.#connect(connection.index);
  }

  stop(): Promise<void> {
    this.stopped = true;
    this.closeIdle();
    return new Promise((resolve) => {
      this.#finished = resolve;
      this.#finishWhenEmpty();
    });
  }

  #connect(index: number): void {
    const { ports, secret, path, body, bodyAfter, status, success, successes } = this.options.order;
    const connection = new Connection({
      port: ports[index % ports.length] ?? 0,
      index,
      request: requestBytes({ secret, path, body }),
      after: bodyAfter === null ? null : requestBytes({ secret, path, body: bodyAfter }),
      expected: { status, success: Buffer.from(success), successes },
      events: this,
    });
    this.#open.add(connection);
  }

  protected send(connection: Connection, since: number): void {
    const { request, after } = connection;
    if (after !== null && connection.isAfterDue) {
      copySlots(request, after);
      connection.sendAfter(after, since);
      return;
    }
    this.#choose(request, connection.index);
    connection.send(since);
  }

  /** Closes idle connections, in loops that have any. */
  protected closeIdle(): void {}
  protected forget(_connection: Connection): void {}

  protected release(connection: Connection): void {
    this.#close(connection);
  }

  #close(connection: Connection): void {
    connection.close();
    this.#open.delete(connection);
    this.#finishWhenEmpty();
  }

  #finishWhenEmpty(): void {
    if (this.stopped && this.#open.size === 0) this.#finished();
  }
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function pauseMs(connections: number): number {
  const { least, most } = PAUSE_CONNECTIONS;
  return connections < least ? 0 : Math.min(1, connections / most) * PAUSE_MS_MAX;
}

/** One request after another on each connection. */
export class ClosedLoop extends BaseLoop {
  override unsent(): number {
    return 0;
  }

  protected override start(connections: readonly Connection[]): void {
    for (const connection of connections) this.free(connection);
  }

  protected override free(connection: Connection): void {
    if (this.stopped) this.release(connection);
    else this.send(connection, performance.now());
  }
}

const TICK_MS = 1;

/**
 * At a fixed rate, however many requests are unanswered. Latencies are measured from when a request was due, so that one
 * that had to wait for a connection does not look faster than it was.
 */
export class OpenLoop extends BaseLoop {
  readonly #perMs: number;
  /** In the order in which they became idle: the oldest is used first, before the server closes it. */
  readonly #idle = new Set<Connection>();
  #ticker: NodeJS.Timeout | undefined;
  #startedAt = 0;
  #due = 0;
  #sent = 0;

  constructor(options: LoopOptions, perSecond: number) {
    super(options);
    this.#perMs = perSecond / 1_000;
  }

  override unsent(): number {
    return this.#due - this.#sent;
  }

  protected override start(connections: readonly Connection[]): void {
    for (const connection of connections) this.#idle.add(connection);
    this.#startedAt = performance.now();
    this.#ticker = setInterval(() => this.#tick(), TICK_MS);
  }

  protected override free(connection: Connection): void {
    if (this.stopped) this.release(connection);
    else if (this.#sent < this.#due) this.#sendDue(connection);
    else this.#idle.add(connection);
  }

  protected override closeIdle(): void {
    clearInterval(this.#ticker);
    for (const connection of this.#idle) this.release(connection);
    this.#idle.clear();
  }

  protected override forget(connection: Connection): void {
    this.#idle.delete(connection);
  }

  #tick(): void {
    this.#due = Math.floor((performance.now() - this.#startedAt) * this.#perMs);
    for (const connection of this.#idle) {
      if (this.#sent >= this.#due) return;
      this.#idle.delete(connection);
      this.#sendDue(connection);
    }
  }

  #sendDue(connection: Connection): void {
    const since = this.#startedAt + this.#sent / this.#perMs;
    this.#sent += 1;
    this.send(connection, since);
  }
}
