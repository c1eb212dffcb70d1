import type { DefaultConnectionArguments } from '@pothos/plugin-relay';
import { kindOf } from '../meter/access/key-kinds.js';
import type { ProjectKey } from '../meter/access/keys.js';
import { isScope, SCOPES } from '../meter/access/scopes.js';
import { listApiKeys, readApiKey } from '../meter/read/api-key.js';
import { ApiKeyKindEnum } from './api-key-kind.js';
import { builder } from './builder.js';
import { type Cursors, resolvePage } from './connection.js';
import type { Context } from './context.js';
import { partsOf } from './global-id.js';
import { pattern, UUID } from './input/patterns.js';
import { holds } from './list-size.js';
import { ApiKeyRef, type ProjectNode, ProjectRef } from './nouns.js';
import { ScopeEnum } from './scope.js';

builder.node(ApiKeyRef, {
  scopes: ['keys:write'],
  description:
    'A key that gives access to a project. Its secret is shown once, when the key is created; only a hash of it is stored.',
  id: { resolve: ({ id }) => id, parse: (id) => partsOf('ApiKey', id) },
  loadOne: ([id = ''], context) => readApiKey(context, id),
  fields: (t) => ({
    apiKeyId: t.exposeString('id', {
      description: 'The id of the key, for `rotateApiKey`, `revokeApiKey` and the commands.',
    }),
    name: t.exposeString('name', { description: 'What the key is for.' }),
    kind: t.field({
      type: ApiKeyKindEnum,
      description: 'Who is to have the key.',
      resolve: ({ prefix }) => kindOf(prefix),
    }),
    prefix: t.exposeString('prefix', {
      description: 'The first 12 characters of the secret, to recognise it by.',
    }),
    scopes: t.field({
      type: [ScopeEnum],
      extensions: holds(SCOPES.length),
      description: 'What the key may do.',
      resolve: ({ scopes }) => scopes.filter(isScope),
    }),
    createdAt: t.expose('createdAt', {
      type: 'DateTime',
      description: 'When the key was created.',
    }),
    expiresAt: t.expose('expiresAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When the key stops working, or null if it does not expire.',
    }),
    revokedAt: t.expose('revokedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When the key was revoked, or null.',
    }),
    lastUsedAt: t.expose('lastUsedAt', {
      type: 'DateTime',
      nullable: true,
      description:
        'When the key was last used, to the minute and a minute or two late; null if it has not been used.',
    }),
    rotatedToId: t.exposeString('rotatedToId', {
      nullable: true,
      description:
        'The `apiKeyId` of the key that replaces it, or null if it has not been rotated.',
    }),
    project: t.field({
      type: ProjectRef,
      scopes: [],
      description: 'The project to which the key gives access.',
      resolve: ({ projectId }): ProjectNode => ({ id: projectId }),
    }),
  }),
});

export const ApiKeyConnection = builder.connectionObject(
  { type: ApiKeyRef, name: 'ApiKeyConnection', description: 'A page of keys.' },
  { name: 'ApiKeyEdge', description: 'A key with its cursor.' },
);

const cursors: Cursors<ProjectKey> = {
  list: 'ApiKey',
  keyForm: pattern(UUID),
  keyOf: ({ id }) => id,
};

/** A page of a project's keys; an empty one if there is none that is meant. */
export function resolveApiKeys(
  context: Context,
  args: DefaultConnectionArguments,
  ofProjectId: string | null,
) {
  return resolvePage(args, cursors, async (page) =>
    ofProjectId === null ? [] : listApiKeys(context, { ...page, ofProjectId }),
  );
}
