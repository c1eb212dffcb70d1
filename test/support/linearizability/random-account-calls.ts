import type { Random } from '../random/random.js';
import type { AccountCall, Behavior } from './account-call.js';

/** Few values and few reservations, so that calls meet each other. */
const VALUE_MAX = 9;

type Behaviors = readonly [Behavior, ...Behavior[]];
const TRACKING: Behaviors = ['CAP', 'REJECT', 'CAP', 'REJECT', 'OVERFLOW'];
const RESERVING: Behaviors = ['REJECT', 'REJECT', 'CAP', 'OVERFLOW'];

/** How long reservations last that do not expire during a test. */
export const FAR_MS = 86_400_000;

/** Makes up calls of one customer, some of them again, some under a key that another call has. */
export class RandomAccountCalls {
  readonly #random: Random;
  readonly #prefix: string;
  readonly #expiresAt: number;
  readonly #made: AccountCall[] = [];
  readonly #reservations: string[] = [];
  #count = 0;

  constructor(random: Random, options: { readonly prefix?: string; readonly expiresAt: number }) {
    this.#random = random;
    this.#prefix = options.prefix ?? '';
    this.#expiresAt = options.expiresAt;
  }

  next(): AccountCall {
    const earlier = this.#made[this.#random.whole(0, Math.max(0, this.#made.length - 1))];
    if (earlier !== undefined && this.#random.once(12)) return this.#again(earlier);
    const call = this.#make();
    if (call.verb !== 'check' && call.verb !== 'read') this.#made.push(call);
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
    const name = `${this.#prefix}${this.#count}`;
    switch (random.whole(0, 9)) {
      case 0:
        return { verb: 'check', requiredBalance: value, until: null };
      case 1:
        return { verb: 'read', until: null };
      case 2:
      case 3:
        this.#reservations.push(name);
        return {
          verb: 'reserve',
          reservationId: name,
          value,
          overageBehavior: random.pick(RESERVING),
          expiresAt: this.#expiresAt,
        };
      case 4:
      case 5:
      case 6:
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
    const recent = this.#reservations.slice(-4);
    const reservationId = recent[random.whole(0, recent.length - 1)] ?? 'none';
    const which = { reservationId, idempotencyKey: random.once(3) ? null : name };
    if (random.once(4)) return { verb: 'release', ...which };
    if (random.once(5)) {
      return {
        verb: 'extend',
        ...which,
        expiresAt: this.#expiresAt + random.whole(1, 100) * 1_000,
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
}
