import { NO_PROJECT } from '../../domain/no-project.js';
import { isUuid } from '../../platform/id.js';
import type { Caller } from '../verb.js';

/** Whether the call was made with an admin key. */
export function isAdmin({ projectId }: Pick<Caller, 'projectId'>): boolean {
  return projectId === NO_PROJECT;
}

/** The project that a caller means: an admin key has to give one, and any other key can only give its own. */
export type MeantProject =
  | { readonly kind: 'PROJECT'; readonly projectId: string }
  | { readonly kind: 'NOT_GIVEN' }
  /** None that the caller may use, whether it exists or not. */
  | { readonly kind: 'NONE' };

export function projectMeant(
  caller: Pick<Caller, 'projectId'>,
  given: string | null,
): MeantProject {
  if (given === null && isAdmin(caller)) return { kind: 'NOT_GIVEN' };
  const projectId = given ?? caller.projectId;
  const isOpen = isAdmin(caller) ? isUuid(projectId) : projectId === caller.projectId;
  return isOpen && projectId !== NO_PROJECT ? { kind: 'PROJECT', projectId } : { kind: 'NONE' };
}
