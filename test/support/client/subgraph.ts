/** What a gateway sends to `/subgraph`. */
import type { TestGateway } from '../gateway/gateway.js';

export interface Asked {
  // biome-ignore lint/suspicious/noExplicitAny: the shape of an answer is what a test checks.
  readonly data: any;
  // biome-ignore lint/suspicious/noExplicitAny: the same.
  readonly errors?: any;
}

export async function askSubgraph(
  gateway: Pick<TestGateway, 'send' | 'secret'>,
  query: string,
  variables: object = {},
  secret = gateway.secret,
): Promise<{ readonly text: string; readonly answer: Asked }> {
  const response = await gateway.send({
    path: '/subgraph',
    headers: { authorization: `Bearer ${secret}` },
    body: { query, variables },
  });
  const text = await response.text();
  return { text, answer: JSON.parse(text) };
}
