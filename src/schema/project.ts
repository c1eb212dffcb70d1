import { present } from '../domain/assert.js';
import { projectMeant } from '../meter/access/admin.js';
import type { Project } from '../meter/access/keys.js';
import { ADMIN } from '../meter/access/scopes.js';
import { listProjects, readProject } from '../meter/read/project.js';
import { ApiKeyConnection, resolveApiKeys } from './api-key.js';
import { builder } from './builder.js';
import { type Cursors, resolvePage } from './connection.js';
import type { Context } from './context.js';
import { partsOf } from './global-id.js';
import { invalidArgument } from './input/invalid-input.js';
import { pattern, UUID } from './input/patterns.js';
import * as rules from './input/rules.js';
import { fieldOf } from './loaded.js';
import { ApiKeyRef, type ProjectNode, ProjectRef } from './nouns.js';

function loadProject(project: ProjectNode, context: Context): Project | Promise<Project> {
  if ('createdAt' in project) return project;
  return readProject(context, project.id).then((found) =>
    present(found, 'a project is never deleted'),
  );
}

const ofProject = <Value>(pick: (project: Project) => Value) => fieldOf(loadProject, pick);

builder.node(ProjectRef, {
  scopes: ['keys:write'],
  description:
    'What keys give access to: features, customers and their usage. Projects cannot see each other.',
  id: { resolve: ({ id }) => id, parse: (id) => partsOf('Project', id) },
  loadOne: ([id = ''], context) => readProject(context, id),
  fields: (t) => ({
    projectId: t.exposeString('id', { description: 'The id of the project.' }),
    name: t.string({
      description: 'The name of the project.',
      resolve: ofProject(({ name }) => name),
    }),
    createdAt: t.field({
      type: 'DateTime',
      description: 'When the project was created.',
      resolve: ofProject(({ createdAt }) => createdAt),
    }),
    apiKeys: t.connection(
      {
        type: ApiKeyRef,
        scopes: ['keys:write'],
        description:
          'The keys of the project, newest first, also the 1,000 that were last revoked or have last expired.',
        resolve: ({ id }, args, context) => resolveApiKeys(context, args, id),
      },
      ApiKeyConnection,
    ),
  }),
});

const PROJECT_ID =
  'The id of the project. An admin key has to give one; any other key can only give its own, and need not.';

/** The project that the caller means; null if it is not the caller's. */
function projectIdMeant({ caller }: Context, given: string | null | undefined): string | null {
  const meant = projectMeant(caller, given ?? null);
  if (meant.kind === 'PROJECT') return meant.projectId;
  if (meant.kind === 'NONE') return null;
  throw invalidArgument('projectId', null, 'required', 'an admin key has to say which project');
}

builder.queryField('project', (t) =>
  t.field({
    type: ProjectRef,
    nullable: true,
    scopes: ['keys:write'],
    description:
      'The project of the key that is sent; for an admin key, the project with this id, or null if it does not exist.',
    args: { projectId: t.arg.string({ validate: rules.id, description: PROJECT_ID }) },
    resolve: (_root, { projectId }, context) => {
      const meant = projectIdMeant(context, projectId);
      return meant === null ? null : readProject(context, meant);
    },
  }),
);

builder.queryField('apiKeys', (t) =>
  t.connection(
    {
      type: ApiKeyRef,
      scopes: ['keys:write'],
      description:
        'The keys of the project, newest first, also the 1,000 that were last revoked or have last expired. None of a project that ' +
        'the key that is sent does not give access to.',
      args: { projectId: t.arg.string({ validate: rules.id, description: PROJECT_ID }) },
      resolve: (_root, { projectId, ...args }, context) => {
        const meant = projectIdMeant(context, projectId);
        return resolveApiKeys(context, args, meant);
      },
    },
    ApiKeyConnection,
  ),
);

const ProjectConnection = builder.connectionObject(
  { type: ProjectRef, name: 'ProjectConnection', description: 'A page of projects.' },
  { name: 'ProjectEdge', description: 'A project with its cursor.' },
);

const cursors: Cursors<Project> = {
  list: 'Project',
  keyForm: pattern(UUID),
  keyOf: ({ id }) => id,
};

builder.queryField('projects', (t) =>
  t.connection(
    {
      type: ProjectRef,
      scopes: [ADMIN],
      description: 'All projects, oldest first.',
      resolve: (_root, args, context) =>
        resolvePage(args, cursors, (page) => listProjects(context, page)),
    },
    ProjectConnection,
  ),
);
