import type { ProjectKey } from '../meter/access/keys.js';
import {
  type CreatedKey,
  createApiKey,
  OVERLAP_MINUTES_DEFAULT,
  OVERLAP_MINUTES_MAX,
  type RotatedKey,
  revokeApiKey,
  rotateApiKey,
} from '../meter/access/manage-keys.js';
import { ApiKeyKindEnum } from './api-key-kind.js';
import { builder } from './builder.js';
import { resultUnion, unionValue } from './errors.js';
import * as rules from './input/rules.js';
import { toInstant } from './input/values.js';
import { ApiKeyRef } from './nouns.js';
import { ScopeEnum } from './scope.js';

const SECRET =
  'The secret, which is shown only this once. Send it in the header `Authorization: Bearer ...`.';

const ApiKeysCreateInput = builder.inputType('ApiKeysCreateInput', {
  description: 'The key to create.',
  fields: (t) => ({
    projectId: t.string({
      validate: rules.id,
      description:
        'The id of the project that the key will give access to. An admin key has to give one; any other key can only ' +
        'give its own, and need not.',
    }),
    name: t.string({
      required: true,
      validate: rules.lineName,
      description: 'What the key is for, such as `backend`: 1 to 256 characters.',
    }),
    kind: t.field({
      type: ApiKeyKindEnum,
      defaultValue: 'SECRET',
      description: 'Who is to have the key. A key is rotated to one of its own kind.',
    }),
    scopes: t.field({
      type: [ScopeEnum],
      required: true,
      validate: rules.scopes,
      description:
        'What the key may do: scopes that the key that is sent has itself, and that keys of the kind can have.',
    }),
    expiresAt: t.field({
      type: 'DateTime',
      validate: rules.instant,
      description:
        'When the key stops working. By default, it does not expire. If the key that is sent expires, this has to be ' +
        'given, and be no later.',
    }),
  }),
});

const CreateApiKeyPayload = builder.objectRef<CreatedKey>('CreateApiKeyPayload').implement({
  description: 'The key was created.',
  fields: (t) => ({
    apiKey: t.expose('apiKey', { type: ApiKeyRef, description: 'The key.' }),
    secret: t.exposeString('secret', { description: SECRET }),
  }),
});

const CreateApiKeyResult = resultUnion('CreateApiKeyResult', {
  description: 'The result of `createApiKey`.',
  payload: CreateApiKeyPayload,
  refusals: ['PROJECT_NOT_FOUND', 'SCOPES_NOT_HELD'],
});

builder.mutationField('createApiKey', (t) =>
  t.field({
    type: CreateApiKeyResult,
    scopes: ['keys:write'],
    description:
      'Creates a key. Each call creates another one: if the answer was lost, revoke the key whose secret nothing ' +
      'knows (the newest in `apiKeys`) and create one again. A project can have 1,000 valid keys.',
    args: {
      input: t.arg({ type: ApiKeysCreateInput, required: true, description: 'The key.' }),
    },
    resolve: async (_root, { input }, context) => {
      const { projectId = null, name, scopes, expiresAt } = input;
      const draft = { kind: input.kind ?? 'SECRET', name, scopes, expiresAt: toInstant(expiresAt) };
      return unionValue(await createApiKey(context, { projectId, ...draft }));
    },
  }),
);

const ApiKeysRotateInput = builder.inputType('ApiKeysRotateInput', {
  description: 'The key to replace.',
  fields: (t) => ({
    apiKeyId: t.string({
      required: true,
      validate: rules.id,
      description: 'The `apiKeyId` of the key to replace.',
    }),
    overlapMinutes: t.int({
      defaultValue: OVERLAP_MINUTES_DEFAULT,
      validate: rules.overlapMinutes,
      description:
        `How long the old secret stays valid, in minutes: at most ${OVERLAP_MINUTES_MAX}, which is 30 days. With 0, it ` +
        'stops working within 5 seconds; if it is the one that is sent and the answer is lost, it cannot be used to ' +
        'create another.',
    }),
  }),
});

const RotateApiKeyPayload = builder.objectRef<RotatedKey>('RotateApiKeyPayload').implement({
  description: 'The key has a successor with the same name and scopes.',
  fields: (t) => ({
    apiKey: t.expose('apiKey', {
      type: ApiKeyRef,
      description:
        'The new key. If the old one was to expire, this one expires after the same time, counted from now, but no later ' +
        'than the key that is sent.',
    }),
    secret: t.exposeString('secret', { description: SECRET }),
    replaced: t.expose('replaced', {
      type: ApiKeyRef,
      description: 'The old key, which stops working at its `expiresAt`.',
    }),
  }),
});

const RotateApiKeyResult = resultUnion('RotateApiKeyResult', {
  description: 'The result of `rotateApiKey`.',
  payload: RotateApiKeyPayload,
  refusals: ['API_KEY_NOT_FOUND', 'SCOPES_NOT_HELD', 'API_KEY_ENDED'],
});

builder.mutationField('rotateApiKey', (t) =>
  t.field({
    type: RotateApiKeyResult,
    scopes: ['keys:write'],
    description:
      'Creates a key with a new secret in place of another, which stays valid for the overlap. A key can be rotated ' +
      'once, so a repeated call creates nothing and is refused with API_KEY_ENDED. If the new secret was lost, ' +
      'rotate the new key, whose id is the `rotatedToId` of the old one, with an overlap of 0.',
    args: {
      input: t.arg({ type: ApiKeysRotateInput, required: true, description: 'The key.' }),
    },
    resolve: async (_root, { input }, context) => {
      const overlapMinutes = input.overlapMinutes ?? OVERLAP_MINUTES_DEFAULT;
      return unionValue(await rotateApiKey(context, { id: input.apiKeyId, overlapMinutes }));
    },
  }),
);

const ApiKeysRevokeInput = builder.inputType('ApiKeysRevokeInput', {
  description: 'The key to revoke.',
  fields: (t) => ({
    apiKeyId: t.string({
      required: true,
      validate: rules.id,
      description: 'The `apiKeyId` of the key to revoke.',
    }),
  }),
});

const RevokeApiKeyPayload = builder.objectRef<ProjectKey>('RevokeApiKeyPayload').implement({
  description: 'The key stops working within 5 seconds.',
  fields: (t) => ({
    apiKey: t.field({
      type: ApiKeyRef,
      description: 'The key, as it is now.',
      resolve: (apiKey) => apiKey,
    }),
  }),
});

const RevokeApiKeyResult = resultUnion('RevokeApiKeyResult', {
  description: 'The result of `revokeApiKey`.',
  payload: RevokeApiKeyPayload,
  refusals: ['API_KEY_NOT_FOUND'],
});

builder.mutationField('revokeApiKey', (t) =>
  t.field({
    type: RevokeApiKeyResult,
    scopes: ['keys:write'],
    description:
      'Revokes a key for good: it stops working within 5 seconds. It is safe to repeat. The key that is sent can ' +
      'revoke itself, and has then no further use. The successor of a key that was rotated stays valid.',
    args: {
      input: t.arg({ type: ApiKeysRevokeInput, required: true, description: 'The key.' }),
    },
    resolve: async (_root, { input }, context) =>
      unionValue(await revokeApiKey(context, input.apiKeyId)),
  }),
);
