/** GraphiQL, served entirely by this server. */
import { ICON, MARK } from './mark.js';
import { GRAPHQL_PATH } from './paths.js';

/** Something to try at once, with the demo project's customer. */
const FIRST_QUERY = `mutation FirstUsage {
  trackBalance(
    input: {
      customerId: "acme"
      featureId: "api_calls"
      value: 1
    }
  ) {
    ... on TrackBalancePayload {
      balance {
        granted
        remaining
        usage
      }
      unapplied {
        amount
      }
      replayed
    }
    ... on Error {
      code
      message
    }
  }
}
`;

/**
 * An address that opens GraphiQL with a key filled in. The key is in the fragment, which browsers
 * do not send: it reaches neither the server nor any log.
 */
export function graphiqlAddress({ origin, secret }: { origin: string; secret: string }): string {
  const address = new URL(GRAPHQL_PATH, origin);
  address.hash = new URLSearchParams({ key: secret }).toString();
  return address.href;
}

/**
 * Runs in the page before GraphiQL does. The key leaves the address at once, so that neither the
 * history nor a copied link contains it, and is kept for as long as the tab is open.
 */
const FROM_ADDRESS = `
function fromAddress(options) {
  const slot = 'tollgate:key';
  const given = new URLSearchParams(location.hash.slice(1)).get('key');
  if (location.hash !== '') history.replaceState(null, '', location.pathname + location.search);
  if (given) sessionStorage.setItem(slot, given);
  const key = given ?? sessionStorage.getItem(slot) ?? 'tg_sk_...';
  const headers = JSON.stringify({ Authorization: 'Bearer ' + key }, null, 2);
  const query = new URLSearchParams(location.search).get('query') ?? options.query;
  return { ...options, query, headers };
}`;

/** The page. It has nine megabytes, so it is loaded on first use. */
export async function renderGraphiql(): Promise<string> {
  const { renderGraphiQL } = await import('@graphql-yoga/render-graphiql');
  const options = {
    title: 'Tollgate',
    logo: MARK,
    favicon: ICON,
    query: FIRST_QUERY,
    shouldPersistHeaders: false,
    defaultEditorToolsVisibility: 'headers' as const,
  };
  const json = JSON.stringify(options);
  return String(renderGraphiQL(options))
    .replace(json, () => `fromAddress(${json})`)
    .replace('<script>', () => `<script>${FROM_ADDRESS}`);
}
