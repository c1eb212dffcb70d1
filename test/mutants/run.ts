/**
 * Makes each mistake of the list in a copy of the project and tells which of them no test notices.
 * `npm run test:mutants`, or `npm run test:mutants -- TEXT` for those whose file or guarantee has the text.
 */
import { availableParallelism } from 'node:os';
import { startPostgres } from '../support/postgres.js';
import { MUTANTS } from './list.js';
import { isNoticed, type Mutant, type Outcome } from './mutant.js';
import { createSandbox, type Sandbox } from './sandbox.js';

const NOTICED_MIN = 0.95;

const chosen = MUTANTS.filter(isChosen(process.argv[2] ?? ''));
const postgres = await startPostgres();
const sandboxes: Sandbox[] = [];
try {
  for (let at = 0; at < Math.min(2, availableParallelism()); at += 1) {
    sandboxes.push(await createSandbox(postgres.url));
  }
  await refuseBrokenTests(sandboxes[0]);
  process.exitCode = report(await tryAll());
} finally {
  for (const sandbox of sandboxes) await sandbox.remove();
  await postgres.stop();
}

function isChosen(text: string): (mutant: Mutant) => boolean {
  return ({ file, guarantee }) => `${file} ${guarantee}`.includes(text);
}

/** Tests that fail by themselves would notice everything. */
async function refuseBrokenTests(sandbox: Sandbox | undefined): Promise<void> {
  const tests = [...new Set(chosen.flatMap((mutant) => mutant.tests))];
  const output = (await sandbox?.check(tests)) ?? null;
  if (output !== null) throw new Error(`The tests fail without any mistake:\n${output}`);
}

interface Tried {
  readonly mutant: Mutant;
  readonly outcome: Outcome;
}

async function tryAll(): Promise<Tried[]> {
  const waiting = [...chosen];
  const tried: Tried[] = [];
  const work = async (sandbox: Sandbox) => {
    for (let mutant = waiting.shift(); mutant !== undefined; mutant = waiting.shift()) {
      const outcome = await sandbox.try(mutant);
      tried.push({ mutant, outcome });
      console.log(`${outcome.padEnd(9)} ${mutant.file}: ${mutant.guarantee}`);
    }
  };
  await Promise.all(sandboxes.map(work));
  return tried;
}

function report(tried: readonly Tried[]): number {
  const noticed = tried.filter(({ outcome }) => isNoticed(outcome)).length;
  const missed = tried.filter(({ outcome }) => !isNoticed(outcome));
  const unexplained = missed.filter(({ mutant }) => mutant.survives === undefined);
  for (const { mutant } of missed) {
    const why = mutant.survives ?? 'and nobody says why';
    console.log(`\nNot noticed: ${mutant.guarantee}\n  ${mutant.file}: ${mutant.find}\n  ${why}`);
  }
  console.log(`\n${noticed} of ${tried.length} mistakes are noticed.`);
  return unexplained.length > 0 || noticed < tried.length * NOTICED_MIN ? 1 : 0;
}
