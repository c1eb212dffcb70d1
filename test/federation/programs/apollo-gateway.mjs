/**
 * Apollo Gateway, with the supergraph's file as its argument. `HEADERS` names the headers that it passes to
 * the subgraphs, `KEY` is its own key for them, `FETCHER` a module whose `signedFetch` it sends with. Apollo Server, which usually stands before it, only reads
 * and writes HTTP.
 */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import { ApolloGateway, RemoteGraphQLDataSource } from '@apollo/gateway';
import { GraphQLError, getOperationAST, parse, validate } from 'graphql';

const passed = (process.env['HEADERS'] ?? '').split(',').filter(Boolean);
const key = process.env['KEY'];
const module = process.env['FETCHER'];
const sending = module === undefined ? {} : { fetcher: (await import(module)).signedFetch };

class Subgraph extends RemoteGraphQLDataSource {
  willSendRequest({ request, context }) {
    for (const name of passed) {
      const value = context.headers?.[name];
      if (value !== undefined) request.http.headers.set(name, value);
    }
    if (key !== undefined) request.http.headers.set('authorization', `Bearer ${key}`);
  }
}

const logger = {
  debug() {},
  info() {},
  warn() {},
  error: (message) => process.stderr.write(`${message}\n`),
};
const gateway = new ApolloGateway({
  supergraphSdl: readFileSync(process.argv[2], 'utf8'),
  buildService: ({ url }) => new Subgraph({ url, ...sending }),
  logger,
});
let schema;
gateway.onSchemaLoadOrUpdate(({ apiSchema }) => {
  schema = apiSchema;
});
const { executor } = await gateway.load();

async function answer(request) {
  const { query, variables = {}, operationName = null } = JSON.parse(await text(request));
  const document = parse(query);
  const errors = validate(schema, document);
  if (errors.length > 0) return { errors };
  const operation = getOperationAST(document, operationName);
  if (operation === null) return { errors: [new GraphQLError('Which operation?')] };
  return executor({
    request: { query, variables, operationName, http: { headers: new Map() } },
    operationName,
    document,
    operation,
    queryHash: query,
    context: { headers: request.headers },
    cache: { get: async () => undefined, set: async () => undefined, delete: async () => true },
    schema,
    logger,
    metrics: {},
    source: query,
  });
}

const server = createServer(async (request, response) => {
  const result = await answer(request).catch((error) => ({ errors: [{ message: String(error) }] }));
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end(JSON.stringify(result));
});
server.listen(Number(process.env['PORT'] ?? 0), '127.0.0.1', () => {
  process.stdout.write(`LISTENING http://127.0.0.1:${server.address().port}/graphql\n`);
});
// It ends with the process that has started it.
process.stdin.on('end', () => process.exit()).resume();
