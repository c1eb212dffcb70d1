/** Vitest's global setup: compiles the sources once per run. */
import type { TestProject } from 'vitest/node';
import { type Compiled, compile } from './compile.js';

declare module 'vitest' {
  interface ProvidedContext {
    /** A folder with compiled sources, laid out like the repository. */
    compiled: string;
  }
}

interface Shared {
  users: number;
  readonly compiled: Promise<Compiled>;
}

declare global {
  /** Shared by all projects, each of which may load its own copy of this module. */
  var tollgateCompiled: Shared | undefined;
}

export async function setup(project: TestProject): Promise<() => Promise<void>> {
  globalThis.tollgateCompiled ??= { users: 0, compiled: compile() };
  const shared = globalThis.tollgateCompiled;
  shared.users += 1;
  const compiled = await shared.compiled;
  project.provide('compiled', compiled.folder);
  return async () => {
    shared.users -= 1;
    if (shared.users > 0) return;
    globalThis.tollgateCompiled = undefined;
    await compiled.remove();
  };
}
