/** When the reservations of a recorded history expired by the gateways' clock, which is that of this machine. */
import type { AccountCall } from './account-call.js';
import { keyOf } from './account-call.js';
import type { Recorder } from './record.js';

/** Clocks are read in whole milliseconds, one after the other. */
export const CLOCK_MARGIN_MS = 5;

/** What a killed gateway has sent to PostgreSQL is committed or given up by then. */
const CUT_MS = 5_000;

/**
 * Puts the instants of expiry into the history, as they were answered. A call that was decided before such an instant may be
 * committed after it, so the instant has passed for all calls once every call that was sent before it has ended.
 */
export function placeExpiries(recorder: Recorder): void {
  const { operations, expiries, cuts } = recorder;
  for (const [place, operation] of operations.entries()) {
    const call = withInstant(operation.call, expiries);
    operations[place] = { ...operation, call };
  }
  const ends = [
    ...operations.map(({ sentAt, answeredAt }) => ({ sentAt, endedAt: answeredAt ?? sentAt })),
    ...cuts.map(({ sentAt, failedAt }) => ({ sentAt, endedAt: failedAt + CUT_MS })),
  ];
  const clockAhead = Date.now() - performance.now();
  for (const instant of new Set(expiries.values())) {
    if (instant > Date.now()) continue;
    const at = instant - clockAhead;
    const before = ends.filter(({ sentAt }) => sentAt < at + CLOCK_MARGIN_MS);
    const latest = Math.max(...before.map(({ endedAt }) => endedAt), at + CLOCK_MARGIN_MS);
    recorder.passed(instant, at - CLOCK_MARGIN_MS, latest);
  }
}

function withInstant(call: AccountCall, expiries: ReadonlyMap<string, number>): AccountCall {
  if (call.verb !== 'reserve' && call.verb !== 'extend') return call;
  const expiresAt = call.inSeconds === undefined ? undefined : expiries.get(keyOf(call) ?? '');
  return expiresAt === undefined ? call : { ...call, expiresAt };
}
