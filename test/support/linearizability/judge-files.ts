/**
 * Prints what the checker says about histories in files, as `npm run histories` writes them:
 *
 *     npx tsx test/support/linearizability/judge-files.ts FOLDER
 *
 * Exit code 1 if any of them is not linearizable or undecided.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Histories, judge, summaryOf } from './judgement.js';
import { textOfVerdict } from './verdict.js';

const [folder = 'histories'] = process.argv.slice(2);

for (const file of readdirSync(folder).filter((name) => name.endsWith('.json'))) {
  const histories = historiesIn(readFileSync(join(folder, file), 'utf8'));
  const verdicts = histories.customers.map(({ customerId, operations }) => ({
    customerId,
    verdict: judge(histories.granted, operations),
  }));
  const others = verdicts.filter(({ verdict }) => verdict.verdict !== 'LINEARIZABLE');
  for (const { customerId, verdict } of others)
    process.stdout.write(`${file}, ${customerId}: ${textOfVerdict(verdict)}\n`);
  const steps = verdicts.reduce((sum, { verdict }) => sum + verdict.steps, 0);
  const result = others.length === 0 ? 'linearizable' : `${others.length} not linearizable`;
  process.stdout.write(`${summaryOf(histories)}: ${result} (${steps} steps)\n`);
  if (others.length > 0) process.exitCode = 1;
}

/** Written by `expectLinearizable`. */
function historiesIn(text: string): Histories {
  return JSON.parse(text) as Histories;
}
