import { z } from 'zod';
import { about } from './setting.js';

export interface ForwardConfig {
  /** Whether workers send each other the usage of customers, so that one of them decides about each. */
  readonly forward: boolean;
}

export const forwardSettings = {
  FORWARD: z
    .enum(['on', 'off'])
    .prefault('on')
    .register(about, {
      default: 'on',
      allowed: '`on` or `off`',
      meaning:
        'Whether workers send each other usage, so that one of them decides about all of a customer. Without, each decides ' +
        'what it gets, and the same again if another was faster. Answers are the same either way.',
    }),
};

export function forwardConfigOf(environment: { readonly FORWARD: 'on' | 'off' }): ForwardConfig {
  return { forward: environment.FORWARD === 'on' };
}
