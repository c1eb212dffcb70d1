import { createYoga } from 'graphql-yoga';
import type { Config } from '../config.js';
import type { Authenticate } from '../meter/access/authenticate.js';
import type { Store } from '../meter/store.js';
import type { Commands } from '../meter/write/command.js';
import type { Logger } from '../platform/logger.js';
import { createContext } from '../schema/context.js';
import { schema } from '../schema/index.js';
import { useAuthentication } from './authenticate.js';
import { useBoundedBody } from './body.js';
import { DocumentCache } from './document-cache.js';
import { maskError, protocolError } from './errors.js';
import { useExecutor } from './execute.js';
import { type IsReady, useHealth } from './health.js';
import { useDocumentLimits } from './limits.js';
import { usePages } from './page.js';
import { usePartialAnswers } from './partial-answer.js';
import { GRAPHQL_PATH } from './paths.js';
import type { RequestFacts } from './request-facts.js';
import { createOperationLog, useRequestLog } from './request-log.js';

export interface ServerOptions {
  readonly config: Pick<Config, 'graphiql' | 'bodyBytesMax' | 'requestsInFlightMax'>;
  readonly store: Store;
  readonly commands: Commands;
  readonly authenticate: Authenticate;
  readonly isReady: IsReady;
  readonly logger: Logger;
}

/** The GraphQL server. Every option is set, because defaults have changed before. */
export function createServer(options: ServerOptions) {
  const { config, store, commands, authenticate, isReady, logger } = options;
  return createYoga<RequestFacts>({
    schema,
    // In the order in which a request meets them.
    plugins: [
      useHealth(isReady),
      usePages(config),
      useRequestLog(createOperationLog(logger)),
      useAuthentication(authenticate),
      useBoundedBody(config.bodyBytesMax),
      useDocumentLimits(),
      useExecutor(),
      usePartialAnswers(),
    ],
    context: ({ caller }) => {
      if (caller === undefined) throw protocolError('UNAUTHENTICATED');
      return createContext({ caller, store, commands });
    },
    maskedErrors: { maskError, errorMessage: 'Unexpected error.', isDev: false },
    parserAndValidationCache: {
      documentCache: new DocumentCache(),
      errorCache: new DocumentCache(),
      validationCache: true,
    },
    graphqlEndpoint: GRAPHQL_PATH,
    // useBoundedBody does it, at a third of the cost.
    maxRequestBodySize: false,
    batching: false,
    multipart: false,
    // No page of another origin has any business with a secret key.
    cors: false,
    // usePages does it, packed once and with a place for the key.
    graphiql: false,
    landingPage: false,
    // useHealth does it.
    healthCheckEndpoint: '/health',
    // useRequestLog does it.
    logging: false,
    disposeOnProcessTerminate: false,
  });
}
