import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

const ROOT = path.resolve(import.meta.dirname, '../../..');
const FOLDERS = ['src', 'prisma', 'test'];
const GENERATED = /^(src\/generated|test\/gql)\//;

/**
 * The seed of a test run without TEST_SEED: every change of the sources tries other values, and the same sources
 * always try the same ones, so that what passed before a commit is what runs after it.
 */
export function seedOfSources(): string {
  const hash = createHash('sha256');
  for (const folder of FOLDERS) {
    for (const file of filesOf(folder))
      hash.update(file).update(readFileSync(path.join(ROOT, file)));
  }
  return String(hash.digest().readUInt32BE() >>> 1);
}

function filesOf(folder: string): string[] {
  return readdirSync(path.join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(ROOT, path.join(entry.parentPath, entry.name)))
    .filter((file) => !GENERATED.test(file))
    .toSorted();
}
