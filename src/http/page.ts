/** Pages for people: what a browser is shown at `/` and at `/graphql`. No key is needed to see them. */
import { Buffer } from 'node:buffer';
import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { Plugin } from 'graphql-yoga';
import type { Config } from '../config.js';
import { renderGraphiql } from './graphiql.js';
import { renderLanding } from './landing.js';
import { GRAPHQL_PATH } from './paths.js';

interface Page {
  readonly html: Buffer<ArrayBuffer>;
  readonly zipped: Buffer<ArrayBuffer>;
  readonly headers: Readonly<Record<string, string>>;
}

/** A page shows itself in no frame, sends its address nowhere, and asks no other server for anything. */
const PAGE_HEADERS = {
  'Content-Type': 'text/html; charset=utf-8',
  'Cache-Control': 'no-cache',
  Vary: 'Accept, Accept-Encoding',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
};

/** Serves the pages: GraphiQL at `/graphql` where it is on, and what to do next everywhere else. */
export function usePages({ graphiql }: Pick<Config, 'graphiql'>): Plugin {
  const landing = once(() => renderLanding({ graphiql }));
  const atGraphql = graphiql ? once(renderGraphiql) : landing;
  return {
    async onRequest({ request, url, fetchAPI, endResponse }) {
      const { method, headers } = request;
      const isRoot = url.pathname === '/';
      if (method !== 'GET' || !(isRoot || url.pathname === GRAPHQL_PATH)) return;
      // At the root there is nothing but the page, so that even curl is shown it.
      if (!isRoot && !headers.get('accept')?.includes('text/html')) return;
      const page = await (isRoot ? landing : atGraphql)();
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

/** Rendered and packed when somebody first asks for it: GraphiQL is nine megabytes of script. */
function once(render: () => string | Promise<string>): () => Promise<Page> {
  let page: Promise<Page> | undefined;
  return () => {
    page ??= Promise.resolve(render()).then(pageOf);
    return page;
  };
}

async function pageOf(text: string): Promise<Page> {
  const html = Buffer.from(text);
  return {
    html,
    zipped: Buffer.from(await promisify(gzip)(html)),
    headers: { ...PAGE_HEADERS, 'Content-Security-Policy': securityPolicyOf(text) },
  };
}

const SCRIPTS = /<script>([\s\S]*?)<\/script>/g;

/** Only the scripts that the page came with may run, and they may talk to this server alone. */
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
