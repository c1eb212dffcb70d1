import type { Projects } from '../../meter/access/keys.js';
import type { ManagedProjects } from '../../meter/access/manage-projects.js';
import type { Nouns } from '../../meter/store.js';
import type { Copies } from './copies.js';

type Catalog = Pick<Nouns, 'createFeature' | 'updateFeature' | 'archiveFeature' | 'feature'>;

/** A change of the catalogue is answered once each server has it: from then on, nothing is decided as before. */
export function settlingCatalog(catalog: Catalog, copies: Copies): Catalog {
  const settling =
    <Args extends readonly unknown[], Result>(
      change: (projectId: string, ...args: Args) => Promise<Result>,
    ) =>
    async (projectId: string, ...args: Args) => {
      const result = await change(projectId, ...args);
      await copies.settle(projectId);
      return result;
    };
  return {
    createFeature: settling(catalog.createFeature),
    updateFeature: settling(catalog.updateFeature),
    archiveFeature: settling(catalog.archiveFeature),
    feature: catalog.feature,
  };
}

/** A project is answered once each server can have customers of it. */
export function settlingProjects(projects: Projects, copies: Copies): Projects {
  return {
    ...projects,
    ensure: async (name) => {
      const ensured = await projects.ensure(name);
      await copies.settle(ensured.project.id);
      return ensured;
    },
  };
}

/** The same for those that are made by keys. */
export function settlingManaged(projects: ManagedProjects, copies: Copies): ManagedProjects {
  return {
    ...projects,
    ensureUpTo: async (projectsMax, name) => {
      const ensured = await projects.ensureUpTo(projectsMax, name);
      if (ensured !== null) await copies.settle(ensured.project.id);
      return ensured;
    },
  };
}
