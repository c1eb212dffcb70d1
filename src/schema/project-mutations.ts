import { createProject } from '../meter/access/manage-projects.js';
import { ADMIN } from '../meter/access/scopes.js';
import { builder } from './builder.js';
import { resultUnion, unionValue } from './errors.js';
import * as rules from './input/rules.js';
import { type ProjectNode, ProjectRef } from './nouns.js';

const ProjectsCreateInput = builder.inputType('ProjectsCreateInput', {
  description: 'The project to create.',
  fields: (t) => ({
    name: t.string({
      required: true,
      validate: rules.lineName,
      description: 'A name that no other project has, such as `live`: 1 to 256 characters.',
    }),
  }),
});

interface Created {
  readonly project: ProjectNode;
  readonly created: boolean;
}

const CreateProjectPayload = builder.objectRef<Created>('CreateProjectPayload').implement({
  description: 'The project exists now.',
  fields: (t) => ({
    project: t.expose('project', { type: ProjectRef, description: 'The project.' }),
    created: t.exposeBoolean('created', {
      description: 'Whether this call created the project. If false, it existed before.',
    }),
  }),
});

const CreateProjectResult = resultUnion('CreateProjectResult', {
  description: 'The result of `createProject`.',
  payload: CreateProjectPayload,
  refusals: [],
});

builder.mutationField('createProject', (t) =>
  t.field({
    type: CreateProjectResult,
    scopes: [ADMIN],
    description:
      'Creates a project, or returns the one that has the name. It is safe to repeat. The project has no keys yet: create one with `createApiKey`.',
    args: {
      input: t.arg({ type: ProjectsCreateInput, required: true, description: 'The project.' }),
    },
    resolve: async (_root, { input }, context) =>
      unionValue(await createProject(context, input.name)),
  }),
);
