import type { ListedKey } from '../meter/access/keys.js';
import { SCOPES } from '../meter/access/scopes.js';
import { wallClockMs } from '../platform/clock.js';
import type { OpenStore } from '../store/store.js';

/** Keys that are read at once. */
const PAGE_SIZE = 1_000;

/** A line for each key, newest first. */
export async function listKeys(store: OpenStore): Promise<void> {
  const keys = await allKeys(store);
  if (keys.length === 0) console.error('There are no keys.');
  const rows = keys.map((key) => [
    `${key.prefix}...`,
    key.projectName ?? '(admin)',
    key.name,
    key.projectId === null ? 'projects and keys' : scopesText(key.scopes),
    `created ${instantText(key.createdAt)}`,
    key.lastUsedAt === null ? 'never used' : `last used ${instantText(key.lastUsedAt)}`,
    stateOf(key),
  ]);
  printTable(rows);
}

/** A line for each project, by name. */
export async function listProjects(store: OpenStore): Promise<void> {
  const projects = await store.projects.list();
  if (projects.length === 0) console.error('There are no projects.');
  printTable(
    projects.map(({ id, name, createdAt }) => [id, name, `created ${instantText(createdAt)}`]),
  );
}

/** In columns of equal width. */
function printTable(rows: readonly (readonly string[])[]): void {
  const columns = Math.max(0, ...rows.map(({ length }) => length));
  const widths = Array.from({ length: columns }, (_, at) =>
    Math.max(0, ...rows.map((row) => row[at]?.length ?? 0)),
  );
  for (const row of rows) {
    console.log(
      row
        .map((cell, at) => cell.padEnd(widths[at] ?? 0))
        .join('  ')
        .trimEnd(),
    );
  }
}

async function allKeys({ apiKeys }: OpenStore): Promise<ListedKey[]> {
  const keys: ListedKey[] = [];
  for (;;) {
    const page = await apiKeys.list(PAGE_SIZE, keys.at(-1)?.id);
    keys.push(...page);
    if (page.length < PAGE_SIZE) return keys;
  }
}

export function scopesText(scopes: readonly string[]): string {
  const hasAll = SCOPES.every((scope) => scopes.includes(scope));
  return hasAll ? 'all scopes' : scopes.join(',');
}

function stateOf({ revokedAt, expiresAt }: ListedKey): string {
  if (revokedAt !== null) return `revoked ${instantText(revokedAt)}`;
  if (expiresAt === null) return 'active';
  const verb = expiresAt <= wallClockMs() ? 'expired' : 'active, expires';
  return `${verb} ${instantText(expiresAt)}`;
}

export function instantText(instant: number): string {
  return new Date(instant).toISOString().slice(0, 16).replace('T', ' ');
}
