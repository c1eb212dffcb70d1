import type { Random } from '../random/random.js';
import { type AccountCall, type Behavior, isLook, keyOf } from './account-call.js';

/** Few values and few reservations, so that calls meet each other. */
const VALUE_MAX = 9;

type Behaviors = readonly [Behavior, ...Behavior[]];
const TRACKING: Behaviors = ['CAP', 'REJECT', 'CAP', 'REJECT', 'OVERFLOW'];
const RESERVING: Behaviors = ['REJECT', 'REJECT', 'CAP', 'OVERFLOW'];

/** How long reservations last that do not expire during a test. */
export const FAR_MS = 86_400_000;

export interface RandomAccountOptions {
  readonly prefix?: string;
  readonly expiresAt: number;
  /** If some reservations are to expire sooner: in so many seconds. */
  readonly expireInSeconds?: readonly [least: number, most: number];
  /** Whether amounts are reserved; true by default. */
  readonly reserves?: boolean;
  /** The keys of events that can be undone; by default, of all calls before that may have recorded one. */
  readonly events?: () => Iterable<string>;
}

/** Makes up calls of one customer, some of them again, some under a key that another call has. */
export class RandomAccountCalls {
  readonly #random: Random;
  readonly #options: RandomAccountOptions;
  readonly #made: AccountCall[] = [];
  readonly #reservations: string[] = [];
  #count = 0;

  constructor(random: Random, options: RandomAccountOptions) {
    this.#random = random;
    this.#options = options;
  }

  next(): AccountCall {
    const earlier = this.#made[this.#random.whole(0, Math.max(0, this.#made.length - 1))];
    if (earlier !== undefined && this.#random.once(12)) return this.#again(earlier);
    const call = this.#make();
    if (!isLook(call)) this.#made.push(call);
    return call;
  }

  /** The same call, or another one under its key. */
  #again(call: AccountCall): AccountCall {
    if (this.#random.once(4) && (call.verb === 'track' || call.verb === 'reserve'))
      return { ...call, value: call.value + 1 };
    return call;
  }

  #make(): AccountCall {
    const random = this.#random;
    this.#count += 1;
    const value = random.whole(1, VALUE_MAX);
    const name = `${this.#options.prefix ?? ''}${this.#count}`;
    const { reserves = true } = this.#options;
    switch (random.whole(0, reserves ? 11 : 3)) {
      case 0:
        return { verb: 'check', requiredBalance: value, until: null };
      case 1:
        return { verb: 'read', until: null };
      case 9:
        return { verb: 'hold', reservationId: this.#recent(), until: null };
      case 2:
        return this.#void(name) ?? this.#track(name, value);
      case 4:
      case 5:
        this.#reservations.push(name);
        return {
          verb: 'reserve',
          reservationId: name,
          value,
          overageBehavior: random.pick(RESERVING),
          ...this.#expiry(),
        };
      case 6:
      case 7:
      case 8:
        return this.#settle(name);
      default:
        return this.#track(name, value);
    }
  }

  #track(name: string, value: number): AccountCall {
    const random = this.#random;
    const idempotencyKey = random.once(3) ? null : name;
    const verb = 'track' as const;
    if (random.once(4)) return { verb, value: -3 * value, overageBehavior: 'CAP', idempotencyKey };
    const overageBehavior = random.pick(TRACKING);
    return { verb, value, overageBehavior, idempotencyKey };
  }

  /** Mostly of a recent reservation, which others may be settling at the same time. */
  #settle(name: string): AccountCall {
    const random = this.#random;
    const idempotencyKey = random.once(3) ? null : name;
    const which = { reservationId: this.#recent(), idempotencyKey };
    if (random.once(4)) return { verb: 'release', ...which };
    if (random.once(5)) {
      const expiresAt = this.#options.expiresAt + random.whole(1, 100) * 1_000;
      // Only with a key is there always an answer in the end, which tells the instant.
      return {
        verb: 'extend',
        ...which,
        ...(idempotencyKey ? this.#expiry(expiresAt) : { expiresAt }),
      };
    }
    return {
      verb: 'capture',
      ...which,
      value: random.once(3) ? null : random.whole(1, VALUE_MAX),
      final: !random.once(3),
      overageBehavior: random.pick(['CAP', 'REJECT']),
    };
  }
  #recent(): string {
    const recent = this.#reservations.slice(-4);
    return recent[this.#random.whole(0, recent.length - 1)] ?? 'none';
  }

  /** Of one of the latest events, which may be undone already. */
  #void(name: string): AccountCall | null {
    const { events = () => this.#made.map(keyOf).filter((key) => key !== null) } = this.#options;
    const recent = [...events()].slice(-6);
    const of = recent[this.#random.whole(0, recent.length - 1)];
    const idempotencyKey = this.#random.once(2) ? null : name;
    return of === undefined ? null : { verb: 'void', of, idempotencyKey };
  }

  #expiry(expiresAt = this.#options.expiresAt): { expiresAt: number; inSeconds?: number } {
    const range = this.#options.expireInSeconds;
    const isSoon = range !== undefined && this.#random.once(3);
    return isSoon ? { expiresAt, inSeconds: this.#random.whole(...range) } : { expiresAt };
  }
}
