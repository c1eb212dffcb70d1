import { join } from 'node:path';
import { inject } from 'vitest';

/** The path of a file of the repository, such as `src/main.ts`, as JavaScript. */
export function compiledFile(path: string): string {
  return join(inject('compiled'), path.replace(/\.ts$/, '.js'));
}
