/** GraphiQL, served entirely by this server. */
import { KEY_BAR, KEY_BAR_SCRIPT } from './graphiql/key-bar.js';
import { OPEN_TABS_SCRIPT } from './graphiql/open-tabs.js';
import { STYLE } from './graphiql/style.js';
import { READY_TABS } from './graphiql/tabs.js';
import { ICON, MARK } from './mark.js';
import { GRAPHQL_PATH } from './paths.js';

/**
 * An address that opens GraphiQL with a key filled in. The key is in the fragment, which browsers
 * do not send: it reaches neither the server nor any log.
 */
export function graphiqlAddress({ origin, secret }: { origin: string; secret: string }): string {
  const address = new URL(GRAPHQL_PATH, origin);
  address.hash = new URLSearchParams({ key: secret }).toString();
  return address.href;
}

const VIEWPORT = '<meta name="viewport" content="width=device-width, initial-scale=1" />';

/** The page. It has nine megabytes, so it is loaded on first use. */
export async function renderGraphiql(): Promise<string> {
  const { renderGraphiQL } = await import('@graphql-yoga/render-graphiql');
  const options = {
    title: 'Tollgate',
    logo: MARK,
    favicon: ICON,
    shouldPersistHeaders: false,
    defaultEditorToolsVisibility: false,
  };
  const json = JSON.stringify(options);
  const changes: readonly (readonly [string, string])[] = [
    ['<meta charset="utf-8" />', `<meta charset="utf-8" />${VIEWPORT}`],
    ['</head>', `<style>${STYLE}</style></head>`],
    ['<div id="root"></div>', `${KEY_BAR}<div id="root"></div>`],
    ['<script>', `<script>${KEY_BAR_SCRIPT}${OPEN_TABS_SCRIPT}`],
    [json, `withTabs(${json}, ${JSON.stringify(READY_TABS)})`],
  ];
  return changes.reduce(replaced, String(renderGraphiQL(options)));
}

/** Fails if a later version of the page has no such place. */
function replaced(page: string, [place, text]: readonly [string, string]): string {
  if (!page.includes(place)) throw new Error(`GraphiQL's page has no ${place}`);
  return page.replace(place, () => text);
}
