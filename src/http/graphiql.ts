/** GraphiQL, from this server alone: no other one is asked for anything. */
import { Buffer } from 'node:buffer';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { Plugin } from 'graphql-yoga';
import { GRAPHQL_PATH } from './paths.js';

/** A first use to try, for the demo project's customer. */
const FIRST_QUERY = `mutation FirstUse {
  trackBalance(input: { customerId: "acme", featureId: "api_calls", value: 1 }) {
    ... on TrackBalancePayload {
      balance {
        granted
        remaining
        usage
      }
    }
    ... on Error {
      code
      message
    }
  }
}
`;

/**
 * An address that opens GraphiQL with a key and a first use filled in. The key is in the fragment,
 * which browsers keep to themselves: it reaches neither the server nor any log.
 */
export function graphiqlAddress({ origin, secret }: { origin: string; secret: string }): string {
  const address = new URL(GRAPHQL_PATH, origin);
  address.hash = new URLSearchParams({ key: secret }).toString();
  return address.href;
}

/** Runs in the page: the key of its address goes where GraphiQL's users edit the headers. */
const FROM_ADDRESS = `
function fromAddress(options) {
  const key = new URLSearchParams(location.hash.slice(1)).get('key') ?? 'tg_sk_...';
  const query = new URLSearchParams(location.search).get('query') ?? options.query;
  const headers = JSON.stringify({ Authorization: 'Bearer ' + key }, null, 2);
  return { ...options, query, headers };
}`;

/** Serves GraphiQL to browsers, without a key: the key is in the page, and goes with each call. */
export function useGraphiql(): Plugin {
  let page: Promise<Page> | undefined;
  return {
    async onRequest({ request, url, fetchAPI, endResponse }) {
      const { method, headers } = request;
      if (method !== 'GET' || url.pathname !== GRAPHQL_PATH) return;
      if (!headers.get('accept')?.includes('text/html')) return;
      page ??= renderPage();
      const { html, zipped } = await page;
      const zips = headers.get('accept-encoding')?.includes('gzip') === true;
      endResponse(
        new fetchAPI.Response(zips ? zipped : html, {
          status: 200,
          headers: { ...PAGE_HEADERS, ...(zips && { 'Content-Encoding': 'gzip' }) },
        }),
      );
    },
  };
}

interface Page {
  readonly html: Buffer<ArrayBuffer>;
  readonly zipped: Buffer<ArrayBuffer>;
}

const PAGE_HEADERS = {
  'Content-Type': 'text/html; charset=utf-8',
  'Cache-Control': 'no-cache',
  Vary: 'Accept, Accept-Encoding',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
};

/** Nine megabytes of script: loaded and packed when somebody first asks for it. */
async function renderPage(): Promise<Page> {
  const { renderGraphiQL } = await import('@graphql-yoga/render-graphiql');
  const options = {
    title: 'Tollgate',
    query: FIRST_QUERY,
    shouldPersistHeaders: false,
    defaultEditorToolsVisibility: 'headers' as const,
  };
  const json = JSON.stringify(options);
  const text = String(renderGraphiQL(options))
    .replace(json, () => `fromAddress(${json})`)
    .replace('<script>', () => `<script>${FROM_ADDRESS}`);
  const html = Buffer.from(text);
  return { html, zipped: Buffer.from(await promisify(gzip)(html)) };
}
