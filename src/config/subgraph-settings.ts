import { z } from 'zod';
import { about } from './setting.js';

export interface SubgraphConfig {
  /** What the names of its types begin with. */
  readonly typePrefix: string;
  /** What the names of its root fields begin with. */
  readonly fieldPrefix: string;
  /** Whether its schema tells routers which scopes to demand. */
  readonly authorization?: boolean;
  /** What gateways sign their requests with; they need not if there is none. */
  readonly hmacSecrets?: readonly string[];
}

/** The start of a name in GraphQL. Names with two underscores in a row, or with one at the start, are reserved. */
const PREFIX = /^(?=.{1,32}$)[A-Za-z](?:_?[A-Za-z0-9])*_?$/;

const SECRETS = /^[!-+\--~]{32,256}(?:,[!-+\--~]{32,256})?$/;

/** The settings of the subgraph. */
export const subgraphSettings = {
  SUBGRAPH: z.enum(['on', 'off']).prefault('off').register(about, {
    default: 'off',
    allowed: '`on` or `off`',
    meaning: 'Whether `/subgraph` is served, for gateways of a larger graph.',
  }),
  SUBGRAPH_TYPE_PREFIX: z
    .string()
    .regex(PREFIX)
    .prefault('Tollgate')
    .register(about, {
      default: 'Tollgate',
      allowed: 'letters, digits and single underscores, up to 32, with a letter first',
      meaning:
        'What the names of types begin with in `/subgraph`, so that they are not those of other subgraphs. `Customer`, `PageInfo` and ' +
        'scalars have none.',
    }),
  SUBGRAPH_FIELD_PREFIX: z.string().regex(PREFIX).optional().register(about, {
    default: '',
    allowed: 'letters, digits and single underscores, up to 32, with a letter first',
    meaning: 'What the names of fields of `Query` and `Mutation` begin with in `/subgraph`.',
  }),
  SUBGRAPH_AUTHORIZATION: z
    .enum(['on', 'off'])
    .prefault('off')
    .register(about, {
      default: 'off',
      allowed: '`on` or `off`',
      meaning:
        'Whether the schema of `/subgraph` has `@authenticated` and `@requiresScopes`, so that a router demands the scopes of its callers. ' +
        'The scopes of keys apply in any case.',
    }),
  GATEWAY_HMAC_SECRET: z
    .string()
    .regex(SECRETS)
    .transform((text) => text.split(','))
    .optional()
    .register(about, {
      default: '',
      allowed:
        '32 to 256 printable ASCII characters without spaces and commas, or two such secrets separated by a comma',
      meaning:
        'What a gateway signs its requests to `/subgraph` with; those that are not signed are refused. With two, each is ' +
        'accepted, to replace one.',
      isSecret: true,
    }),
};

interface Environment {
  readonly SUBGRAPH: 'on' | 'off';
  readonly SUBGRAPH_TYPE_PREFIX: string;
  readonly SUBGRAPH_FIELD_PREFIX?: string | undefined;
  readonly SUBGRAPH_AUTHORIZATION: 'on' | 'off';
  readonly GATEWAY_HMAC_SECRET?: readonly string[] | undefined;
}

/** Null if it is off. */
export function subgraphConfigOf(environment: Environment): SubgraphConfig | null {
  if (environment.SUBGRAPH === 'off') return null;
  return {
    typePrefix: environment.SUBGRAPH_TYPE_PREFIX,
    fieldPrefix: environment.SUBGRAPH_FIELD_PREFIX ?? '',
    authorization: environment.SUBGRAPH_AUTHORIZATION === 'on',
    hmacSecrets: environment.GATEWAY_HMAC_SECRET ?? [],
  };
}
