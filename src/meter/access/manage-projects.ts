import { invalidInput } from '../../domain/refusal.js';
import { done, type Result, refuse, type VerbContext } from '../verb.js';
import { manage } from '../write/gates.js';
import { checkScopes } from './forbidden.js';
import type { Project } from './keys.js';
import { ADMIN, scopeSet } from './scopes.js';

/** Projects that are created over GraphQL; the command is not limited. */
export const PROJECTS_MAX = 1_000;

/** `store/` implements it. */
export interface ManagedProjects {
  /** Get or create, by name; null if there are this many. */
  ensureUpTo(
    projectsMax: number,
    name: string,
  ): Promise<{ project: Project; created: boolean } | null>;
}

const ADMIN_ONLY = [scopeSet([ADMIN])];

/** Creates a project, or returns the one that has the name. */
export async function createProject(
  ctx: VerbContext,
  name: string,
): Promise<Result<{ project: Project; created: boolean }>> {
  checkScopes(ctx.caller, ADMIN_ONLY);
  const ensured = await manage(ctx, () => ctx.store.managedProjects.ensureUpTo(PROJECTS_MAX, name));
  if (ensured !== null) return done(ensured);
  return refuse(
    invalidInput([
      {
        path: 'name',
        value: JSON.stringify(name),
        rule: 'projects_max',
        message: `there are at most ${PROJECTS_MAX} projects`,
      },
    ]),
  );
}
