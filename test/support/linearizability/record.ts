/** Calls over HTTP whose answers become a history. */
import { CallError, type Client } from '../client/client.js';
import type { AccountAnswer, AccountCall } from './account-call.js';
import { documentOf, inputOf, type Shown } from './account-documents.js';
import type { AccountOperation } from './simulate.js';

/** The history of one customer, which grows with every call. */
export class Recorder {
  readonly customerId: string;
  readonly operations: AccountOperation[] = [];
  /** How often there was no answer, by code. */
  readonly failures = new Map<string, number>();
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
      const answer = await answerOf(client, this.customerId, call);
      const isLook = call.verb === 'check' || call.verb === 'read';
      const seen = isLook ? { ...call, until: this.#latest() } : call;
      this.operations.push({ sentAt, answeredAt: performance.now(), call: seen, answer });
      return true;
    } catch (error) {
      if (!(error instanceof CallError)) throw error;
      const code = error.codes.join();
      this.failures.set(code, (this.failures.get(code) ?? 0) + 1);
      const mayBeDone = code === 'OUTCOME_UNKNOWN' || wasCut(error);
      if (!error.retryable) throw error;
      if (mayBeDone && call.verb !== 'check' && call.verb !== 'read')
        this.operations.push({ sentAt, answeredAt: null, call, answer: null });
      return false;
    }
  }

  /** The clock of the gateways passes an instant between these two times. */
  passed(instant: number, sentAt: number, answeredAt: number): void {
    this.operations.push({ sentAt, answeredAt, call: { verb: 'pass', instant }, answer: {} });
  }
}

/** Whether the connection was lost, rather than never made. */
function wasCut({ status, cause }: CallError): boolean {
  const isRefused = cause instanceof Error && 'code' in cause && cause.code === 'ECONNREFUSED';
  return status === null && !isRefused;
}

async function answerOf(
  client: Client,
  customerId: string,
  call: AccountCall,
): Promise<AccountAnswer> {
  const { result } = await client.run<{ result: Shown }>(
    documentOf(call),
    inputOf(call, customerId),
  );
  return flat(result);
}

/** All numbers in one object, under the names that the specification gives them. */
function flat(shown: Shown): AccountAnswer {
  const { balances, balance, reservation, deductions, unapplied, missing, ...plain } = shown;
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
    status: reservation?.status,
    held: reservation?.held,
    captured: reservation?.used,
  };
  const answer: Record<string, AccountAnswer[string]> = {};
  for (const [name, value] of Object.entries(found)) if (value !== undefined) answer[name] = value;
  return answer;
}

/** Of whole numbers, so that the sum is exact. */
function sumOf(amounts: readonly { readonly amount: number }[]): number {
  return amounts.reduce((sum, { amount }) => sum + amount, 0);
}
