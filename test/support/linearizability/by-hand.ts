/** Short histories, written by hand. */
import type { AccountAnswer, AccountCall } from './account-call.js';

export function at(
  sentAt: number,
  answeredAt: number | null,
  call: AccountCall,
  answer: AccountAnswer,
) {
  return { sentAt, answeredAt, call, answer: answeredAt === null ? null : answer };
}

/** Refused if there is not enough. */
export function track(value: number, idempotencyKey: string | null = null): AccountCall {
  return { verb: 'track', value, overageBehavior: 'REJECT', idempotencyKey };
}
