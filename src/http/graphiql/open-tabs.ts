/**
 * Runs in the page before GraphiQL does, and decides which tabs it opens with: those that this
 * browser had open, or else the ready ones; and the query of the address, if it has one.
 *
 * GraphiQL opens an empty tab unless it is told the query of one that was open. It stores its tabs half a second after each
 * change: the page is left once it has, and only the next page puts others in their place.
 */
export const OPEN_TABS_SCRIPT = `
const tabsSlot = 'graphiql:tabState';
const examplesSlot = 'tollgate:examples';
const storedMs = 600;

function openTabs() {
  try {
    const { tabs, activeTabIndex } = JSON.parse(localStorage.getItem(tabsSlot));
    return { tabs, active: tabs[activeTabIndex] ?? tabs[0] };
  } catch {
    return { tabs: [], active: undefined };
  }
}

function readyTab(query) {
  const [, title] = /^(?:query|mutation) (\\w+)/m.exec(query);
  const empty = { variables: null, headers: null, response: null };
  return { ...empty, id: 'ready-' + title, title, query, operationName: title };
}

function bringBack(readyTabs) {
  const others = openTabs().tabs.filter(({ query }) => !readyTabs.includes(query));
  const tabs = [...readyTabs.map(readyTab), ...others];
  localStorage.setItem(tabsSlot, JSON.stringify({ tabs, activeTabIndex: 0 }));
}

function withTabs(options, readyTabs) {
  document.querySelector('#examples').addEventListener('click', () => {
    sessionStorage.setItem(examplesSlot, 'wanted');
    setTimeout(() => location.assign(location.pathname), storedMs);
  });
  if (sessionStorage.getItem(examplesSlot) !== null) {
    sessionStorage.removeItem(examplesSlot);
    bringBack(readyTabs);
  }
  const { active } = openTabs();
  const given = new URLSearchParams(location.search).get('query');
  const isOpen = active !== undefined && [null, active.query].includes(given);
  const first = isOpen ? active : { query: given ?? readyTabs[0] };
  const others = readyTabs.filter((query) => query !== first.query);
  return {
    ...options,
    query: first.query ?? '',
    variables: first.variables ?? undefined,
    defaultTabs: [first.query, ...others].map((query) => ({ query })),
  };
}
`;
