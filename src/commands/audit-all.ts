/** Audits a store for the user of a command. */
import type { AuditPage, Damage } from '../store/audit.js';
import type { OpenStore } from '../store/store.js';

/** A balance with millions of entries is one statement. */
export const AUDIT_STATEMENT_TIMEOUT_MS = 3_600_000;

/** Lists each balance that differs from its ledger, and says how many do; if any does, the exit code becomes 1. */
export async function auditAll(store: OpenStore, projectId: string | null): Promise<void> {
  const progress = progressBar(await store.audit.count(projectId));
  let balances = 0;
  let opened = 0;
  let damaged = 0;
  for await (const page of store.audit.pages(projectId)) {
    balances += page.balances;
    opened += page.opened;
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
  if (opened > 0) {
    console.log(
      `Of ${opened} of them, older entries have been let go: they are checked from the oldest one that is kept.`,
    );
  }
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
