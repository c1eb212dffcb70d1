import type { OpenStore } from '../store/store.js';
import { CommandError } from './run.js';

/** The project with this name; without a name, the only one. */
export async function projectGiven(store: OpenStore, name: string | undefined) {
  if (name !== undefined) {
    const project = await store.projects.find(name);
    if (project === null) throw new CommandError(`There is no project "${name}".`);
    return project;
  }
  const projects = await store.projects.list();
  const [only, ...others] = projects;
  if (only !== undefined && others.length === 0) return only;
  if (only === undefined) throw new CommandError('There is no project, and so no customer.');
  const names = projects.map((project) => project.name).join(', ');
  throw new CommandError(`There are several projects: ${names}. Choose one with --project.`);
}
