/** Checks recorded histories, and writes them if TEST_HISTORIES names a folder. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { Granted } from './account.js';
import { type Histories, judge, summaryOf } from './judgement.js';
import type { Recorder } from './record.js';
import { textOfVerdict } from './verdict.js';

/** Every customer's history must be linearizable, and decided. */
export function expectLinearizable(
  name: string,
  granted: Granted,
  recorders: readonly Recorder[],
): void {
  const customers = recorders.map(({ customerId, operations }) => ({ customerId, operations }));
  write({ name, granted, customers });
  for (const { customerId, operations } of customers) {
    const verdict = judge(granted, operations);
    expect(verdict.verdict, `${name}, ${customerId}: ${textOfVerdict(verdict)}`).toBe(
      'LINEARIZABLE',
    );
  }
  process.stdout.write(`${summaryOf({ name, granted, customers })}\n`);
}

function write(histories: Histories): void {
  const folder = process.env['TEST_HISTORIES'];
  if (folder === undefined || folder === '') return;
  mkdirSync(folder, { recursive: true });
  const file = `${histories.name.replaceAll(/[^a-z0-9]+/gi, '-')}.json`;
  writeFileSync(join(folder, file), `${JSON.stringify(histories, null, 1)}\n`);
}
