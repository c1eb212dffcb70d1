import type { Config } from '../config.js';
import type { OpenStore } from '../store/store.js';
import { argumentsOf, settingsOrHelp } from './arguments.js';
import { AUDIT_STATEMENT_TIMEOUT_MS, auditAll } from './audit-all.js';
import { openQuietly } from './open.js';
import { CommandError, runCommand } from './run.js';

const USAGE = `Usage:
  npm run audit -- [--project NAME]

Recomputes every balance from its ledger and lists those that differ. The gateway may be running,
unless it uses the embedded database.`;

/** Recomputes every balance from its ledger and lists each that differs; if any does, the exit code is 1. */
async function audit(config: Config): Promise<void> {
  const name = projectName();
  const statementTimeoutMs = AUDIT_STATEMENT_TIMEOUT_MS;
  const { store, close } = await openQuietly({ ...config, statementTimeoutMs });
  try {
    const projectId = name === undefined ? null : await projectIdOf(store, name);
    await auditAll(store, projectId);
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

await runCommand(audit, settingsOrHelp(USAGE));
