/** Runs calls while gateways or PostgreSQL are killed, and checks what callers saw and what has been stored. */
import { expectLinearizable } from './judge.js';
import { failuresOf, GRANTED, type KilledRun, recordKills } from './killed.js';
import { type Ends, expectSettled } from './settled.js';

export async function expectExactThroughKills(name: string, run: KilledRun): Promise<Ends> {
  const recorders = await recordKills(run);
  const failures = [...failuresOf(recorders)].map(([code, count]) => `${code} ${count}`);
  expectLinearizable(name, GRANTED, recorders);
  const ends = await expectSettled(run.databaseUrl, recorders);
  const how = Object.entries(ends).map(([status, count]) => `${count} ${status}`);
  process.stdout.write(`${name}: reservations: ${how.join(', ')}; `);
  process.stdout.write(`attempts that failed: ${failures.join(', ') || 'none'}\n`);
  return ends;
}
