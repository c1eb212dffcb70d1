import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startBrowser, type TestBrowser } from '../support/browser/browser.js';
import {
  isReady,
  openDocumentation,
  openGraphiql,
  openTab,
  runQuery,
  tabTitles,
} from '../support/browser/graphiql.js';

const TABS = [
  'FirstUsage',
  'ReadBalances',
  'FromNothing',
  'RefusalExplained',
  'CheckFirst',
  'HoldAndSettle',
];

let browser: TestBrowser;
let page: Page;

beforeAll(async () => {
  browser = await startBrowser();
  page = await browser.openPage();
});
afterAll(() => browser?.close());

test('the printed address opens GraphiQL with ready tabs, the first of which can be run at once', async () => {
  await openGraphiql(page, browser.address);
  expect(await tabTitles(page)).toEqual(TABS);
  const answer = await runQuery(page, 'remaining');
  expect(answer).toContain('9999');
  expect(answer).toContain('unapplied');
});

test('the first tab shows everything important in a window of 1280 pixels by 800', async () => {
  const isShown = async (text: string) => {
    const box = await page.getByText(text).first().boundingBox();
    return box !== null && box.x + box.width <= 1280 && box.y + box.height <= 800;
  };
  for (const text of ['CUSTOMER_NOT_FOUND', '"api_calls"', 'unapplied', 'message', 'Accepted']) {
    await expect.poll(() => isShown(text), { message: text }).toBe(true);
  }
  await browser.picture(page, 'graphiql-light');
});

test.each([
  ['ReadBalances', ['"acme"', '"credits"', '9999']],
  ['FromNothing', ['"created":true', '"granted":100,"remaining":97', '"replayed":false']],
  [
    'RefusalExplained',
    ['InsufficientBalanceError', '"amount":999903', 'CUSTOMER_NOT_FOUND', '"path"'],
  ],
  ['CheckFirst', ['"allowed":true', '"allowed":false', '"largestAllowed":97']],
  ['HoldAndSettle', ['"reserved":4000', '"CAPTURED"', '"remaining":7250']],
])('the tab %s can be opened by one click and run as it is', async (title, expected) => {
  await openTab(page, title);
  const answer = await runQuery(page, 'data');
  for (const text of expected) expect(answer).toContain(text);
});

test('the tabs are still there after a reload, and no others', async () => {
  await page.reload();
  await isReady(page);
  expect(await tabTitles(page)).toEqual(TABS);
  // Opened anew, by an address without a query.
  await openGraphiql(page, browser.address);
  expect(await tabTitles(page)).toEqual(TABS);
});

test('"Examples" brings back tabs that were closed, beside those of the user', async () => {
  const query = '{ features { edges { node { name } } } }';
  await openGraphiql(page, `${browser.gateway.origin}/graphql?query=${encodeURIComponent(query)}`);
  await openTab(page, 'FromNothing');
  await page.locator('.graphiql-tab-active .graphiql-tab-close').click();
  await expect.poll(() => tabTitles(page)).not.toContain('FromNothing');
  const others = (await tabTitles(page)).filter((title) => !TABS.includes(title));
  expect(others).toHaveLength(1);
  const reloaded = page.waitForEvent('load');
  await page.getByRole('button', { name: 'Examples' }).click();
  await reloaded;
  await isReady(page);
  expect(await tabTitles(page)).toEqual([...TABS, ...others]);
});

test('the documentation explains every step from the mutation to a field of its input', async () => {
  const explorer = await openDocumentation(page);
  for (const [link, text] of [
    ['Mutation', 'Writes to the project of the key'],
    ['trackBalance', 'exactly once however often it is sent'],
    ['BalancesTrackInput', 'Give exactly one of'],
    ['idempotencyKey', 'usage is taken once'],
  ]) {
    await explorer
      .getByText(link ?? '', { exact: true })
      .first()
      .click();
    await explorer.filter({ hasText: text ?? '' }).waitFor();
  }
});

test('an error is shown as the server sent it', async () => {
  // The query is in the address, and the key in its fragment.
  const [place, fragment] = browser.address.split('#');
  const query = encodeURIComponent('{ nothingLikeThis }');
  await openGraphiql(page, `${place}?query=${query}#${fragment}`);
  expect(await runQuery(page, 'GRAPHQL_VALIDATION_FAILED')).toContain('nothingLikeThis');
});

test('nothing was requested from other servers, and no script failed', () => {
  expect(browser.foreignRequests).toEqual([]);
  expect(browser.failures).toEqual([]);
});

test('a script that is not the page’s own does not run, and no other server can be reached', async () => {
  const other = await browser.openPage();
  await openGraphiql(other, browser.address);
  const ran = await other.evaluate(() => {
    const script = document.createElement('script');
    script.textContent = 'globalThis.intruder = true';
    document.head.append(script);
    return 'intruder' in globalThis;
  });
  expect(ran).toBe(false);
  const reached = await other.evaluate(() =>
    fetch('http://127.0.0.1:9/').then(
      () => 'reached',
      () => 'refused',
    ),
  );
  expect(reached).toBe('refused');
  // Refused before it was sent: the page made no request.
  expect(browser.foreignRequests).toEqual([]);
  await other.close();
});
