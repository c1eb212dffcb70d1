import type { Config } from '../config.js';
import type { AuditPage, Damage } from '../store/audit.js';
import type { OpenStore } from '../store/store.js';
import { argumentsOf, settingsOrHelp } from './arguments.js';
import { openQuietly } from './open.js';
import { CommandError, runCommand } from './run.js';

const USAGE = `Usage:
  npm run audit -- [--project NAME]

Recomputes every balance from its ledger and lists those that differ. The gateway may be running,
unless it uses the embedded database.`;

/** A balance with millions of entries is one statement. */
const STATEMENT_TIMEOUT_MS = 3_600_000;

/** Recomputes every balance from its ledger and lists each that differs; if any does, the exit code is 1. */
async function audit(config: Config): Promise<void> {
  const name = projectName();
  const statementTimeoutMs = STATEMENT_TIMEOUT_MS;
  const { store, close } = await openQuietly({ ...config, statementTimeoutMs });
  try {
    const projectId = name === undefined ? null : await projectIdOf(store, name);
    const progress = progressBar(await store.audit.count(projectId));
    let balances = 0;
    let damaged = 0;
    for await (const page of store.audit.pages(projectId)) {
      balances += page.balances;
      damaged += page.damages.length;
      progress.clear();
      report(page);
      progress.show(balances);
    }
    progress.clear();
    if (damaged > 0) process.exitCode = 1;
    console.log(
      damaged === 0
        ? `${balances} balances checked: each is the sum of its ledger.`
        : `${balances} balances checked, ${damaged} damaged.`,
    );
  } finally {
    await close();
  }
}

function projectName(): string | undefined {
  return argumentsOf(USAGE, { options: { project: { type: 'string' } } }).values.project;
}

async function projectIdOf(store: OpenStore, name: string): Promise<string> {
  const project = await store.projects.find(name);
  if (project === null) throw new CommandError(`There is no project "${name}".`);
  return project.id;
}

function report({ damages }: AuditPage): void {
  for (const damage of damages) console.log(lineOf(damage));
}

function lineOf({ project, customerId, balanceId, differences }: Damage): string {
  const differing = differences
    .map(({ what, inLedger, inBalance }) => `${what}: ledger ${inLedger}, balance ${inBalance}`)
    .join('; ');
  return `project ${project}, customer ${customerId}, balance ${balanceId}: ${differing}`;
}

const BAR_CHARS = 30;

/** To stderr, and only if it is a terminal: a log would fill up with it. */
function progressBar(total: number) {
  const visible = process.stderr.isTTY === true;
  return {
    clear: () => {
      if (visible) process.stderr.write('\r\x1b[K');
    },
    show: (done: number) => {
      if (!visible) return;
      const part = Math.min(1, total === 0 ? 1 : done / total);
      const bar = '#'.repeat(Math.round(part * BAR_CHARS)).padEnd(BAR_CHARS, '.');
      process.stderr.write(`[${bar}] ${Math.floor(part * 100)} % of ${total} balances`);
    },
  };
}

await runCommand(audit, settingsOrHelp(USAGE));
