/** Requests as bytes, as an attacker writes them. */
import { rawPost } from '../client/raw-http.js';
import type { Site } from './site.js';

export interface Given {
  readonly query?: unknown;
  readonly variables?: unknown;
  readonly operationName?: unknown;
  readonly extensions?: unknown;
}

type Headers = Readonly<Record<string, string>>;

/** So that it is clear when the last answer has arrived. */
const headersOf = (site: Site, headers: Headers): Headers => ({
  Authorization: `Bearer ${site.secret}`,
  Accept: 'application/graphql-response+json',
  Connection: 'close',
  ...headers,
});

let documents = 0;

/** A document that has not been sent before: another one might be in the cache. */
function fresh(query: unknown): unknown {
  documents += 1;
  return typeof query === 'string' ? `${query}\n# ${documents}` : query;
}

export function post(site: Site, given: Given, headers: Headers = {}): string {
  return postText(site, JSON.stringify({ ...given, query: fresh(given.query) }), headers);
}

/** The same through the entrance for gateways. */
export function postToSubgraph(site: Site, given: Given, headers: Headers = {}): string {
  return post(site, given, headers).replace('POST /graphql', 'POST /subgraph');
}

/** A body as it is written. */
export function postText(site: Site, body: string, headers: Headers = {}): string {
  return rawPost(body, headersOf(site, headers));
}

export function postBytes(site: Site, body: Uint8Array, headers: Headers = {}): Uint8Array {
  const all = headersOf(site, { 'Content-Length': String(body.length), ...headers });
  return Buffer.concat([Buffer.from(rawPost('', all)), body]);
}

/** A request without a body. */
export function plain(site: Site, start: string, headers: Headers = {}): string {
  return raw(start, { Host: 'localhost', ...headersOf(site, headers) });
}

export function get(site: Site, parameters: Readonly<Record<string, string>>, headers?: Headers) {
  return plain(site, `GET /graphql?${new URLSearchParams(parameters)}`, headers);
}

/** A head; a header that is empty is not sent. */
export function raw(start: string, headers: Headers): string {
  const lines = Object.entries(headers)
    .filter(([, value]) => value !== '')
    .map(([name, value]) => `${name}: ${value}`);
  return `${start} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`;
}

export function times<T>(count: number, item: (index: number) => T): T[] {
  return Array.from({ length: count }, (_, index) => item(index));
}
