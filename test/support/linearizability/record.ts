/** Calls over HTTP whose answers become a history. */
import { CallError, type Client } from '../client/client.js';
import { type AccountAnswer, type AccountCall, isLook, keyOf } from './account-call.js';
import { documentOf, inputOf, type Shown } from './account-documents.js';
import type { AccountOperation } from './simulate.js';

/** The history of one customer, which grows with every call. */
export class Recorder {
  readonly customerId: string;
  readonly operations: AccountOperation[] = [];
  /** How often there was no answer, by code. */
  readonly failures = new Map<string, number>();
  /** The ids of events, by the key of the call that recorded them. */
  readonly events = new Map<string, string>();
  /** When reservations expire that were to last some seconds from when they were decided, by the key of that call. */
  readonly expiries = new Map<string, number>();
  /** When the calls without an answer were sent, and when they failed. */
  readonly cuts: { readonly sentAt: number; readonly failedAt: number }[] = [];
  readonly #latest: () => number | null;

  /** `latest` is the latest instant at which the clock of the gateways can be, if anything expires. */
  constructor(customerId: string, latest: () => number | null = () => null) {
    this.customerId = customerId;
    this.#latest = latest;
  }

  /** Whether it was answered. What was certainly not done, as its error says, is no part of the history. */
  async call(client: Client, call: AccountCall): Promise<boolean> {
    const sentAt = performance.now();
    try {
      const shown = await this.#send(client, call);
      const answeredAt = performance.now();
      const seen = isLook(call) ? { ...call, until: this.#latest() } : call;
      this.operations.push({ sentAt, answeredAt, call: seen, answer: flat(shown) });
      this.#note(call, shown);
      return true;
    } catch (error) {
      if (!(error instanceof CallError)) throw error;
      const code = error.codes.join();
      this.failures.set(code, (this.failures.get(code) ?? 0) + 1);
      const mayBeDone = code === 'OUTCOME_UNKNOWN' || wasCut(error);
      if (!error.retryable) throw error;
      if (mayBeDone && !isLook(call)) {
        this.operations.push({ sentAt, answeredAt: null, call, answer: null });
        this.cuts.push({ sentAt, failedAt: performance.now() });
      }
      return false;
    }
  }

  /** The clock of the gateways passes an instant between these two times. */
  passed(instant: number, sentAt: number, answeredAt: number): void {
    this.operations.push({ sentAt, answeredAt, call: { verb: 'pass', instant }, answer: {} });
  }

  async #send(client: Client, call: AccountCall): Promise<Shown> {
    const input = inputOf(call, this.customerId, this.events);
    const { result } = await client.run<{ result: Shown | null }>(documentOf(call), input);
    return result ?? { status: 'NONE' };
  }

  #note(call: AccountCall, { event, reservation }: Shown): void {
    const key = keyOf(call);
    if (key === null) return;
    if (event) this.events.set(key, event.id);
    if (reservation && 'inSeconds' in call && call.inSeconds !== undefined)
      this.expiries.set(key, Date.parse(reservation.expiresAt));
  }
}

/** Whether the connection was lost, rather than never made. */
function wasCut({ status, cause }: CallError): boolean {
  const isRefused = cause instanceof Error && 'code' in cause && cause.code === 'ECONNREFUSED';
  return status === null && !isRefused;
}

/** All numbers in one object, under the names that the specification gives them. */
function flat(shown: Shown): AccountAnswer {
  const { balances, balance, reservation, deductions, unapplied, missing, ...others } = shown;
  const { event: _, expiresAt: __, reversed, notReversed, ...plain } = others;
  const standing = balance ?? balances?.[0];
  const isOfMutation = 'replayed' in shown || 'code' in shown;
  const found: Record<string, AccountAnswer[string] | undefined> = {
    ...(isOfMutation && { code: null }),
    ...plain,
    missing: missing?.[0]?.amount,
    remaining: standing?.remaining,
    usage: standing?.usage,
    reserved: standing?.reserved,
    taken: deductions && sumOf(deductions),
    unapplied: unapplied && sumOf(unapplied),
    status: reservation?.status ?? plain.status,
    held: reservation?.held ?? plain.held,
    captured: reservation?.used,
    reversed: reversed && sumOf(reversed),
    notReversed: notReversed && sumOf(notReversed),
  };
  const answer: Record<string, AccountAnswer[string]> = {};
  for (const [name, value] of Object.entries(found)) if (value !== undefined) answer[name] = value;
  return answer;
}

/** Of whole numbers, so that the sum is exact. */
function sumOf(amounts: readonly { readonly amount: number }[]): number {
  return amounts.reduce((sum, { amount }) => sum + amount, 0);
}
