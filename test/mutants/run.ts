/**
 * Makes each mistake in the list in a copy of the project and reports those that no test notices.
 * `npm run test:mutants`, or `npm run test:mutants -- TEXT...` for those whose guarantee, file or tests contain one of
 * the texts, such as `unit/`.
 */
import { availableParallelism } from 'node:os';
import { startPostgres } from '../support/postgres/postgres.js';
import { MUTANTS } from './list.js';
import { isNoticed, type Mutant } from './mutant.js';
import { createSandbox, type Run, type Sandbox } from './sandbox.js';

const NOTICED_MIN = 0.95;

/** Lines of a test's output that are shown if its outcome is unexpected. */
const LINES_SHOWN = 30;

const chosen = MUTANTS.filter(isChosen(process.argv.slice(2)));
const tests = [...new Set(chosen.flatMap((mutant) => mutant.tests))];
const postgres = tests.every((test) => test.startsWith('unit/'))
  ? undefined
  : await startPostgres();
const sandboxes: Sandbox[] = [];
try {
  for (let at = 0; at < Math.min(2, availableParallelism()); at += 1) {
    sandboxes.push(await createSandbox(postgres?.url));
  }
  const tried = await tryAll();
  const failing = await findFailing(tried);
  process.exitCode = isFine(tried, failing) ? 0 : 1;
} finally {
  for (const sandbox of sandboxes) await sandbox.remove();
  await postgres?.stop();
}

function isChosen(texts: readonly string[]): (mutant: Mutant) => boolean {
  if (texts.length === 0) return () => true;
  return ({ file, guarantee, tests }) =>
    texts.some((text) => [guarantee, file, ...tests].join(' ').includes(text));
}

/** Tests that fail without a mistake would notice everything, so their results do not count. */
async function findFailing(tried: readonly Tried[]): Promise<Set<string>> {
  const failing = new Set<string>();
  const noticing = new Set(
    tried.filter(({ outcome }) => isNoticed(outcome)).map(({ test }) => test),
  );
  await inTurn([...noticing], async (sandbox, test) => {
    const { outcome, output } = await sandbox.check(test);
    if (outcome === 'SURVIVED') return;
    failing.add(test);
    console.log(`\n${test} fails without any mistake:\n${endOf(output)}`);
  });
  return failing;
}

interface Tried extends Run {
  readonly mutant: Mutant;
}

async function tryAll(): Promise<Tried[]> {
  const tried: Tried[] = [];
  await inTurn(chosen, async (sandbox, mutant) => {
    const run = await sandbox.try(mutant);
    tried.push({ mutant, ...run });
    console.log(
      `${run.outcome.padEnd(9)} ${mutant.file}: ${mutant.guarantee}\n          ${failureIn(run)}`,
    );
    if (run.outcome === 'BROKEN') console.log(endOf(run.output));
  });
  return tried;
}

/** Hands each item to the next free copy. */
async function inTurn<T>(
  items: readonly T[],
  work: (sandbox: Sandbox, item: T) => Promise<void>,
): Promise<void> {
  const waiting = items[Symbol.iterator]();
  await Promise.all(
    sandboxes.map(async (sandbox) => {
      for (const item of waiting) await work(sandbox, item);
    }),
  );
}

/** The test that noticed. */
function failureIn({ test, output }: Run): string {
  return /^ *FAIL +(.*)$/m.exec(output)?.[1] ?? test;
}

function endOf(output: string): string {
  return output.trimEnd().split('\n').slice(-LINES_SHOWN).join('\n');
}

/** Reports; returns whether enough mistakes are noticed, and exactly the others are explained. */
function isFine(tried: readonly Tried[], failing: ReadonlySet<string>): boolean {
  const counts = ({ outcome, test }: Tried) => isNoticed(outcome) && !failing.has(test);
  const noticed = tried.filter(counts).length;
  const missed = tried.filter((each) => !counts(each));
  const unexplained = missed.filter(({ mutant }) => mutant.survives === undefined);
  const wronglyExplained = tried.filter((each) => counts(each) && each.mutant.survives);
  for (const { mutant } of missed) {
    const why = mutant.survives ?? 'The list does not say why.';
    console.log(`\nNot noticed: ${mutant.guarantee}\n  ${mutant.file}: ${mutant.find}\n  ${why}`);
  }
  for (const { mutant, test } of wronglyExplained) {
    console.log(`\nNoticed by ${test}, although the list says why it is not: ${mutant.guarantee}`);
  }
  console.log(`\n${noticed} of ${tried.length} mistakes are noticed.`);
  const isExplained = unexplained.length + wronglyExplained.length === 0;
  return isExplained && noticed >= tried.length * NOTICED_MIN;
}
