/**
 * The project of an admin key, which belongs to none. No project has this id: whatever filters by project, as every statement
 * does, finds nothing for an admin key, and what has to refer to a project cannot be written.
 */
export const NO_PROJECT = '00000000-0000-0000-0000-000000000000';
