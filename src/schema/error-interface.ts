import type { RefusalCode } from '../domain/refusal.js';
import { builder } from './builder.js';
import { ErrorCode } from './error-code.js';

export const ErrorInterface = builder
  .interfaceRef<{ readonly code: RefusalCode; readonly message: string }>('Error')
  .implement({
    description: 'A refusal: the call was understood, and it changed nothing.',
    fields: (t) => ({
      code: t.expose('code', {
        type: ErrorCode,
        description: 'The kind of refusal, for programs.',
      }),
      message: t.exposeString('message', {
        description:
          'A readable explanation of what is wrong and what to do about it. Its wording can change; rely on ' +
          '`code`.',
      }),
    }),
  });
