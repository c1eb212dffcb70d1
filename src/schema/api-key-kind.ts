import { type KeyKind, KIND_SCOPES } from '../meter/access/key-kinds.js';
import { builder } from './builder.js';

const scopesOf = (kind: KeyKind) => KIND_SCOPES[kind].join(', ');

export const ApiKeyKindEnum = builder.enumType('ApiKeyKind', {
  description: 'Who is to have a key. The first characters of its secret say it as well.',
  values: {
    SECRET: { description: 'Servers (`tg_sk_...`). It does all that its scopes allow.' },
    PUBLISHABLE: {
      description:
        'Browsers and apps (`tg_pk_...`). Each call needs a customer token, and reads that customer alone. ' +
        `It can have: ${scopesOf('PUBLISHABLE')}.`,
    },
    CUSTOMER: {
      description:
        'Gateways and servers that pass on the customer tokens of their clients (`tg_ck_...`). Each call needs a token, ' +
        'and reads and tracks that customer alone; without one, it is refused. ' +
        `It can have: ${scopesOf('CUSTOMER')}.`,
    },
  } satisfies Record<KeyKind, { description: string }>,
});
