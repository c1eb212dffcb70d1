import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

/** A folder for the temporary files of a suite's processes, and what of ours they have left there. */
export function temporaryFolder() {
  const path = mkdtempSync(join(tmpdir(), 'tollgate-temporary-'));
  afterAll(() => rmSync(path, { recursive: true, force: true }));
  return {
    path,
    left: () => readdirSync(path).filter((name) => name.startsWith('tollgate-')),
  };
}
