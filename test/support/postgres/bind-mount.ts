import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';

export interface BindMount {
  remove(): void;
}

/** Makes a new folder lead to another one; null if that is not allowed: it takes root. */
export function bindMount(target: string, folder: string): BindMount | null {
  mkdirSync(folder, { recursive: true });
  try {
    execFileSync('mount', ['--bind', target, folder], { stdio: 'ignore' });
  } catch {
    return null;
  }
  return { remove: () => execFileSync('umount', [folder]) };
}
