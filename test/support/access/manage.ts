/** Operations that manage projects and keys, over HTTP. */
import { createKey } from '../../../src/meter/access/keys.js';
import { SCOPES, type Scope } from '../../../src/meter/access/scopes.js';
import type { TestGateway, TestResult } from '../gateway/gateway.js';

export const KEY = `apiKeyId name prefix scopes createdAt expiresAt revokedAt lastUsedAt rotatedToId
  project { projectId name }`;

const REFUSAL = `... on Error { code message }
  ... on InvalidInputError { issues { path value rule message } }`;
const SCOPES_REFUSAL = `${REFUSAL} ... on ScopesNotHeldError { scopes }`;

export const CREATE = `mutation ($input: ApiKeysCreateInput!) {
  answer: createApiKey(input: $input) { ... on CreateApiKeyPayload { apiKey { ${KEY} } secret } ${SCOPES_REFUSAL} }
}`;
export const ROTATE = `mutation ($input: ApiKeysRotateInput!) {
  answer: rotateApiKey(input: $input) {
    ... on RotateApiKeyPayload { apiKey { ${KEY} } secret replaced { ${KEY} } } ${SCOPES_REFUSAL}
  }
}`;
export const REVOKE = `mutation ($input: ApiKeysRevokeInput!) {
  answer: revokeApiKey(input: $input) { ... on RevokeApiKeyPayload { apiKey { ${KEY} } } ${REFUSAL} }
}`;
export const ROTATE_TOKEN_SECRET = `mutation ($input: TokenSecretsRotateInput!) {
  answer: rotateTokenSecret(input: $input) {
    ... on RotateTokenSecretPayload { secret formerUntil project { projectId } } ${SCOPES_REFUSAL}
  }
}`;
export const CREATE_PROJECT = `mutation ($input: ProjectsCreateInput!) {
  answer: createProject(input: $input) {
    ... on CreateProjectPayload { created project { id projectId name createdAt } } ${REFUSAL}
  }
}`;

// biome-ignore lint/suspicious/noExplicitAny: the shape of an answer is what a test checks.
type Answer = any;

export interface Manager {
  /** The answer to a mutation. Throws if there are errors. */
  run(document: string, input: object, secret?: string): Promise<Answer>;
  read(document: string, secret?: string): Promise<Answer>;
  /** Whether the secret is accepted. */
  works(secret: string): Promise<boolean>;
  keyWith(scopes: readonly Scope[], lifetimeMs?: number): Promise<{ id: string; secret: string }>;
  adminKey(lifetimeMs?: number): Promise<{ id: string; secret: string }>;
}

export function managerOf(gateway: TestGateway): Manager {
  const { projectId, store } = gateway;
  const created = async (projectId: string | null, scopes: readonly Scope[], ms: number | null) => {
    const draft = { projectId, name: 'test', scopes, lifetimeMs: ms };
    const { key, secret } = await createKey(store.apiKeys, draft);
    return { id: key.id, secret };
  };
  return {
    run: async (document, input, secret = gateway.secret) =>
      dataOf(await gateway.execute(document, { input }, secret)).answer,
    read: async (document, secret = gateway.secret) =>
      dataOf(await gateway.execute(document, {}, secret)),
    works: async (secret) => (await gateway.execute('{ __typename }', {}, secret)).status === 200,
    keyWith: (scopes, lifetimeMs) => created(projectId, scopes, lifetimeMs ?? null),
    adminKey: (lifetimeMs) => created(null, ['keys:write'], lifetimeMs ?? null),
  };
}

function dataOf({ data, errors }: TestResult): Answer {
  if (errors.length > 0) throw new Error(JSON.stringify(errors));
  return data;
}

/** All scopes, as the schema calls them. */
export const SCOPE_NAMES = SCOPES.map((scope) => scope.toUpperCase().replace(':', '_'));
