/** Answers scrapes. */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { CONTENT_TYPE, type FamilyData, textOf } from './exposition.js';

export interface HandleOptions {
  readonly collect: () => Promise<readonly FamilyData[]>;
  /** What a scrape has to send; null for nothing. */
  readonly token: string | null;
  readonly onError: (error: unknown) => void;
}

const PATH = '/metrics';

export function createHandle({ collect, token, onError }: HandleOptions): RequestListener {
  // Simultaneous scrapes share one answer, so that they cost no more than one.
  let asked: Promise<string> | null = null;
  const scrape = () => {
    asked ??= collect()
      .then(textOf)
      .finally(() => {
        asked = null;
      });
    return asked;
  };
  return (request, response) => {
    const refusal = refusalOf(request, token);
    if (refusal !== null) {
      answer(response, refusal);
      return;
    }
    scrape().then(
      (body) => answer(response, { status: 200, body, headers: { 'Content-Type': CONTENT_TYPE } }),
      (error) => {
        onError(error);
        answer(response, { status: 500, body: 'The metrics cannot be read: see the log.\n' });
      },
    );
  };
}

interface ScrapeReply {
  readonly status: number;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

function refusalOf(request: IncomingMessage, token: string | null): ScrapeReply | null {
  const [path] = (request.url ?? '').split('?');
  if (path !== PATH) return { status: 404, body: `Only ${PATH} is served on this port.\n` };
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    return { status: 405, body: 'Use GET.\n', headers: { Allow: 'GET, HEAD' } };
  }
  if (token === null || isSame(request.headers.authorization ?? '', `Bearer ${token}`)) return null;
  return {
    status: 401,
    body: 'Send METRICS_TOKEN in the header "Authorization: Bearer ...".\n',
    headers: { 'WWW-Authenticate': 'Bearer' },
  };
}

/** In a time that does not depend on where they differ. */
function isSame(given: string, wanted: string): boolean {
  return timingSafeEqual(digestOf(given), digestOf(wanted));
}

function digestOf(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

/** Scrapes are seconds apart; a connection that is not kept does not delay a shutdown. */
function answer(response: ServerResponse, { status, body, headers }: ScrapeReply): void {
  response.writeHead(status, {
    'Content-Type': 'text/plain; charset=utf-8',
    'Cache-Control': 'no-store',
    Connection: 'close',
    ...headers,
  });
  response.end(body);
}
