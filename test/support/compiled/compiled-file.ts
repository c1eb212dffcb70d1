import { join } from 'node:path';
import { inject } from 'vitest';

/** Where a file of the repository, such as `src/main.ts`, lies as JavaScript. */
export function compiledFile(path: string): string {
  return join(inject('compiled'), path.replace(/\.ts$/, '.js'));
}
