/** Pages for people, which a browser gets at `/` and at `/graphql`. They need no key. */
import { Buffer } from 'node:buffer';
import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { Config } from '../config.js';
import { renderGraphiql } from './graphiql.js';
import { renderLanding } from './landing.js';
import { isGraphqlPath } from './paths.js';
import type { ShellPlugin } from './shell-plugin.js';

interface Page {
  readonly html: Buffer<ArrayBuffer>;
  readonly zipped: Buffer<ArrayBuffer>;
  /** Weak, because it stands for both. */
  readonly tag: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** A page cannot be framed, sends no referrer, and loads nothing from other servers. */
const PAGE_HEADERS = {
  'Content-Type': 'text/html; charset=utf-8',
  'Cache-Control': 'no-cache',
  Vary: 'Accept, Accept-Encoding',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
};

const BUSY = {
  status: 503,
  headers: { 'Content-Type': 'text/plain; charset=utf-8', 'Retry-After': '1' },
} as const;

/** A client may ask for the head of a page alone. */
const READS: ReadonlySet<string> = new Set(['GET', 'HEAD']);

/**
 * The share of `REQUESTS_IN_FLIGHT_MAX` that pages may take until they have been sent. They need no key, and GraphiQL is larger than
 * the buffers on the way to a client that does not read it.
 */
const PAGES_SHARE = 1 / 8;

type PagesOptions = Pick<Config, 'graphiql' | 'requestsInFlightMax'>;

/** Serves the pages: GraphiQL at `/graphql` if it is on, and otherwise what to do next. */
export function usePages({ graphiql, requestsInFlightMax }: PagesOptions): ShellPlugin {
  const pagesMax = Math.ceil(requestsInFlightMax * PAGES_SHARE);
  let pages = 0;
  const landing = ({ port }: URL) => pageOf(renderLanding({ graphiql, port }));
  const atGraphql = graphiql ? once(renderGraphiql) : landing;
  return {
    async onRequest({ request, url, fetchAPI, endResponse, serverContext }) {
      const { method, headers } = request;
      const isRoot = url.pathname === '/';
      if (!READS.has(method) || !(isRoot || isGraphqlPath(url.pathname))) return;
      // There is only the page at the root, so even curl gets it.
      if (!isRoot && !headers.get('accept')?.includes('text/html')) return;
      if (pages >= pagesMax) {
        endResponse(
          new fetchAPI.Response('Too many pages are being sent. Reload in a moment.\n', BUSY),
        );
        return;
      }
      pages += 1;
      serverContext.exchange.onEnd(() => {
        pages -= 1;
      });
      const page = await (isRoot ? landing : atGraphql)(url);
      if (headers.get('if-none-match')?.includes(page.tag)) {
        endResponse(new fetchAPI.Response(null, { status: 304, headers: page.headers }));
        return;
      }
      const zips = headers.get('accept-encoding')?.includes('gzip') === true;
      endResponse(
        new fetchAPI.Response(zips ? page.zipped : page.html, {
          status: 200,
          headers: { ...page.headers, ...(zips && { 'Content-Encoding': 'gzip' }) },
        }),
      );
    },
  };
}

/** Rendered and compressed on first use: GraphiQL is nine megabytes of script. */
function once(render: () => string | Promise<string>): () => Promise<Page> {
  let page: Promise<Page> | undefined;
  return () => {
    page ??= Promise.resolve(render()).then(pageOf);
    return page;
  };
}

async function pageOf(text: string): Promise<Page> {
  const html = Buffer.from(text);
  const tag = `W/"${createHash('sha256').update(html).digest('base64url')}"`;
  return {
    html,
    zipped: Buffer.from(await promisify(gzip)(html)),
    tag,
    headers: { ...PAGE_HEADERS, ETag: tag, 'Content-Security-Policy': securityPolicyOf(text) },
  };
}

const SCRIPTS = /<script>([\s\S]*?)<\/script>/g;

/** Only the page's own scripts may run, and they may contact only this server. */
function securityPolicyOf(html: string): string {
  const scripts = [...html.matchAll(SCRIPTS)].map(([, script = '']) => {
    return `'sha256-${createHash('sha256').update(script).digest('base64')}'`;
  });
  return [
    "default-src 'none'",
    `script-src ${scripts.length > 0 ? scripts.join(' ') : "'none'"}`,
    "style-src 'unsafe-inline'",
    'img-src data:',
    'font-src data:',
    'worker-src blob:',
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}
