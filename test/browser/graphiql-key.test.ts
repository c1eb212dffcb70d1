/** The key is entered once, kept for the session, and never in an address. */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startBrowser, type TestBrowser } from '../support/browser/browser.js';
import {
  enterKey,
  executeButton,
  isReady,
  keyWord,
  openGraphiql,
  openTab,
  runQuery,
} from '../support/browser/graphiql.js';

let browser: TestBrowser;
let page: Page;

beforeAll(async () => {
  browser = await startBrowser();
  page = await browser.openPage();
});
afterAll(() => browser?.close());

const stored = (on: Page) => on.evaluate(() => JSON.stringify({ ...localStorage }));

test('the key is removed from the address at once and kept for the session', async () => {
  await openGraphiql(page, browser.address);
  expect(page.url()).not.toContain(browser.secret);
  expect(await page.evaluate(() => location.hash)).toBe('');
  await page.reload();
  await isReady(page);
  expect(await keyWord(page)).toMatch(/^Accepted/);
  expect(await runQuery(page, 'remaining')).toContain('9999');
});

test('what the browser keeps between sessions does not contain the key', async () => {
  expect(await stored(page)).toContain('tabState');
  expect(await stored(page)).not.toContain(browser.secret);
  // Another window is another session.
  const other = await browser.openPage();
  await openGraphiql(other, `${browser.gateway.origin}/graphql`);
  expect(await other.getByLabel('API key').inputValue()).toBe('');
  await other.close();
});

test('a key that is added to the address of the open page is used and removed too', async () => {
  const { origin, secret } = browser.gateway;
  const reloaded = page.waitForEvent('load');
  await page.evaluate((key) => {
    location.hash = `key=${key}`;
  }, secret);
  await reloaded;
  await isReady(page);
  expect(await page.getByLabel('API key').inputValue()).toBe(secret);
  expect(page.url()).toMatch(new RegExp(`^${origin}/graphql`));
  expect(page.url()).not.toContain(secret);
  await openTab(page, 'ReadBalances');
  // The other project has no customers.
  expect(await runQuery(page, 'edges')).toContain('"edges":[]');
});

test('beside a query too, no address that the history has or a link copies holds a key', async () => {
  const { secret } = browser.gateway;
  const query = encodeURIComponent('{ __typename }');
  await openGraphiql(page, `${browser.gateway.origin}/graphql?query=${query}#key=${secret}`);
  const addresses: string[] = [page.url()];
  // Back through the whole history of this tab.
  for (let back = await page.goBack(); back !== null; back = await page.goBack()) {
    addresses.push(page.url());
  }
  expect(addresses.length).toBeGreaterThan(1);
  expect(addresses[0]).toContain('?query=');
  for (const shown of addresses) {
    expect(shown).not.toContain(secret);
    expect(shown).not.toContain(browser.secret);
  }
});

test('without a key, the page says how to get one, and works as soon as it is entered', async () => {
  const fresh = await browser.openPage();
  await openGraphiql(fresh, `${browser.gateway.origin}/graphql`);
  expect(await keyWord(fresh)).toMatch(/^Enter a key .*npm run keys -- create/s);
  await runQuery(fresh, 'UNAUTHENTICATED');
  // As copied from a header, with a line break.
  await enterKey(fresh, ` Bearer ${browser.secret}\n`);
  expect(await keyWord(fresh)).toMatch(/^Accepted/);
  await runQuery(fresh, 'remaining');
  await enterKey(fresh, '');
  expect(await keyWord(fresh)).toMatch(/^Enter a key/);
  await fresh.close();
});

test('a wrong key is refused in words that say what to do, until it is corrected', async () => {
  const refused = /^The gateway does not accept this key\..*Enter another key, or/s;
  const fresh = await browser.openPage();
  const inAddress = encodeURIComponent('clé');
  await openGraphiql(fresh, `${browser.gateway.origin}/graphql#key=${inAddress}`);
  expect(await keyWord(fresh)).toMatch(refused);
  await browser.picture(fresh, 'graphiql-key-refused');
  await enterKey(fresh, browser.secret);
  expect(await keyWord(fresh)).toMatch(/^Accepted/);
  for (const wrong of ['tg_sk_wrong', 'not a key']) {
    await enterKey(fresh, wrong);
    await expect.poll(() => keyWord(fresh)).toMatch(refused);
    await enterKey(fresh, browser.secret);
    await expect.poll(() => keyWord(fresh)).toMatch(/^Accepted/);
  }
  await fresh.close();
});

test('a wrong Authorization among the headers of a tab is told from the key of the page', async () => {
  const fresh = await browser.openPage();
  await openGraphiql(fresh, browser.address);
  await fresh.getByRole('button', { name: 'Headers' }).click();
  await fresh.locator('.graphiql-editor-tool .graphiql-editor:not(.hidden)').click();
  await fresh.keyboard.insertText('{ "Authorization": "Bearer tg_sk_wrong" }');
  await runQuery(fresh, 'UNAUTHENTICATED');
  expect(await keyWord(fresh)).toContain('the Authorization in this tab’s Headers');
  await fresh.close();
});

test('a gateway that cannot be reached is told from a wrong key', async () => {
  const fresh = await browser.openPage();
  await openGraphiql(fresh, browser.address);
  await browser.context.setOffline(true);
  await executeButton(fresh).click();
  await expect.poll(() => keyWord(fresh)).toMatch(/^The gateway cannot be reached/);
  await browser.context.setOffline(false);
  await runQuery(fresh, 'remaining');
  expect(await keyWord(fresh)).toMatch(/^Accepted/);
  await fresh.close();
});
