import {
  type RotatedTokenSecret,
  rotateTokenSecret,
  SECRET_OVERLAP_MINUTES_DEFAULT,
  SECRET_OVERLAP_MINUTES_MAX,
} from '../meter/access/rotate-token-secret.js';
import { builder } from './builder.js';
import { resultUnion, unionValue } from './errors.js';
import * as rules from './input/rules.js';
import { type ProjectNode, ProjectRef } from './nouns.js';

const TokenSecretsRotateInput = builder.inputType('TokenSecretsRotateInput', {
  description: 'The project whose token secret is to be replaced, and when the present one ends.',
  fields: (t) => ({
    projectId: t.string({
      validate: rules.id,
      description:
        'The id of the project. An admin key has to give one; any other key can only give its own, and need not.',
    }),
    overlapMinutes: t.int({
      defaultValue: SECRET_OVERLAP_MINUTES_DEFAULT,
      validate: rules.secretOverlapMinutes,
      description:
        `How long tokens that the former secret has signed are accepted, in minutes: at most ${SECRET_OVERLAP_MINUTES_MAX}, ` +
        'which is 7 days. With 0, all earlier secrets end within 5 seconds, for one that has leaked.',
    }),
    discardPresent: t.boolean({
      defaultValue: false,
      description:
        'Whether the present secret ends at once, and the one before it, if it is still accepted, stays so for the overlap: ' +
        'for a secret that was lost on its way, so nothing signs with it.',
    }),
  }),
});

const RotateTokenSecretPayload = builder
  .objectRef<RotatedTokenSecret>('RotateTokenSecretPayload')
  .implement({
    description: 'The project has another token secret.',
    fields: (t) => ({
      secret: t.exposeString('secret', {
        description:
          'The secret, which is shown only this once. Sign customer tokens with it: HS256, with its text as UTF-8.',
      }),
      formerUntil: t.expose('formerUntil', {
        type: 'DateTime',
        nullable: true,
        description:
          'Until when tokens that the former secret has signed are accepted; null if there is none.',
      }),
      project: t.field({
        type: ProjectRef,
        description: 'The project.',
        resolve: ({ projectId }): ProjectNode => ({ id: projectId }),
      }),
    }),
  });

const RotateTokenSecretResult = resultUnion('RotateTokenSecretResult', {
  description: 'The result of `rotateTokenSecret`.',
  payload: RotateTokenSecretPayload,
  refusals: ['PROJECT_NOT_FOUND', 'SCOPES_NOT_HELD'],
});

builder.mutationField('rotateTokenSecret', (t) =>
  t.field({
    type: RotateTokenSecretResult,
    scopes: ['keys:write'],
    description:
      'Creates the secret with which a project signs its customer tokens, in place of the present one, which becomes the former. ' +
      'Only one former secret is accepted, so while there is one a repeated call is refused and changes nothing. If ' +
      'the new secret was lost, call again with `discardPresent`. The key that is sent needs every scope that a customer ' +
      'token can open, and must not expire.',
    args: {
      input: t.arg({ type: TokenSecretsRotateInput, required: true, description: 'The secret.' }),
    },
    resolve: async (_root, { input }, context) => {
      const { projectId = null, overlapMinutes, discardPresent } = input;
      const rotation = {
        projectId,
        overlapMinutes: overlapMinutes ?? SECRET_OVERLAP_MINUTES_DEFAULT,
        discardPresent: discardPresent ?? false,
      };
      return unionValue(await rotateTokenSecret(context, rotation));
    },
  }),
);
