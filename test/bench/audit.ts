/** Proof that what was measured was correct: the program's own audit of the database after a workload. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const AUDIT = fileURLToPath(new URL('../../dist/commands/audit.js', import.meta.url));

export interface Audited {
  readonly clean: boolean;
  /** Its last line: how many balances there are, and whether each is the sum of its ledger. */
  readonly sentence: string;
}

/** Audits the database of these settings. */
export async function audit(environment: Readonly<Record<string, string>>): Promise<Audited> {
  try {
    const { stdout } = await run(process.execPath, [AUDIT], {
      env: { ...process.env, NODE_ENV: 'production', ...environment },
    });
    return { clean: true, sentence: lastLine(stdout) };
  } catch (error) {
    const said = error instanceof Error && 'stdout' in error ? String(error.stdout) : '';
    return { clean: false, sentence: lastLine(said) || String(error) };
  }
}

function lastLine(text: string): string {
  return text.trimEnd().split('\n').at(-1) ?? '';
}
