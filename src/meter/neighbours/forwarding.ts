import { neighbourLost } from '../../domain/unavailable.js';
import type { Tracing } from '../../tracing/tracing.js';
import type { Command } from '../write/command.js';
import type { WriteFigures } from '../write/write-figures.js';
import type { Asked, Neighbour, ToldAnswer } from './neighbour.js';
import { settle } from './told-answer.js';

export interface ForwardingOptions {
  readonly figures: WriteFigures;
  readonly tracing: Tracing | null;
  /** Decides a command here after all. */
  readonly decide: (command: Command<unknown>) => Promise<unknown>;
}

/** The commands that other gateways decide for this one. */
export class Forwarding {
  readonly #options: ForwardingOptions;
  readonly #ofProjects = new Map<string, number>();
  #waiting = 0;
  #settled: (() => void)[] = [];

  constructor(options: ForwardingOptions) {
    this.#options = options;
  }

  /** Those that have no result yet. */
  size(): number {
    return this.#waiting;
  }

  /** The same of one project. */
  waiting(projectId: string): number {
    return this.#ofProjects.get(projectId) ?? 0;
  }

  /** Whether the neighbour has taken it. */
  send(neighbour: Neighbour, command: Command<unknown>): boolean {
    const told = command.told();
    if (told === null) return false;
    const { tracing } = this.#options;
    const caller = tracing === null ? null : tracing.contextOf(command);
    const text = `${told},${caller === null ? null : JSON.stringify(caller)}`;
    if (!neighbour.send(text, new Sent(this, command))) return false;
    const { projectId } = command.scope;
    this.#waiting += 1;
    this.#ofProjects.set(projectId, this.waiting(projectId) + 1);
    return true;
  }

  answered(command: Command<unknown>, answer: ToldAnswer): void {
    this.#options.figures.forwarded.add('answered');
    this.#remove(command);
    const batch = settle(command, answer);
    if (batch !== null) this.#options.tracing?.doneElsewhere(command, batch);
  }

  /**
   * It may have been carried out. With a key it is decided again, here: the guard of the commit admits one of the two, and the
   * other is answered with its result.
   */
  lost(command: Command<unknown>): void {
    this.#remove(command);
    if (command.idempotency === null) {
      this.#options.figures.forwarded.add('lost');
      command.fail(neighbourLost());
    } else {
      this.#options.figures.forwarded.add('decided_again');
      command.mayBeDone = true;
      this.#options.decide(command).catch((error: unknown) => command.fail(error));
    }
  }

  /** Resolves once none waits. */
  async drained(): Promise<void> {
    if (this.#waiting > 0) await new Promise<void>((resolve) => this.#settled.push(resolve));
  }

  #remove({ scope: { projectId } }: Command<unknown>): void {
    this.#waiting -= 1;
    const others = this.waiting(projectId) - 1;
    if (others > 0) this.#ofProjects.set(projectId, others);
    else this.#ofProjects.delete(projectId);
    if (this.#waiting > 0) return;
    for (const resolve of this.#settled.splice(0)) resolve();
  }
}

/** A class, because there is one for each call. */
class Sent implements Asked {
  readonly #forwarding: Forwarding;
  readonly #command: Command<unknown>;

  constructor(forwarding: Forwarding, command: Command<unknown>) {
    this.#forwarding = forwarding;
    this.#command = command;
  }

  answered(answer: ToldAnswer): void {
    this.#forwarding.answered(this.#command, answer);
  }

  lost(): void {
    this.#forwarding.lost(this.#command);
  }
}
