/** What a person does in GraphiQL. */
import type { Locator, Page, Request } from 'playwright-core';

const WAIT = { timeout: 60_000 };
const PRESS = { timeout: 15_000 };
const PRESSES_MAX = 3;

export const executeButton = (page: Page): Locator =>
  page.getByRole('button', { name: /execute query/i });

/** Opens GraphiQL and waits until it can be used and has asked for the schema. */
export async function openGraphiql(page: Page, address: string): Promise<void> {
  await page.goto(address);
  await isReady(page);
}

/** Waits until GraphiQL can be used and the bar says what came of the request for the schema. */
export async function isReady(page: Page): Promise<void> {
  await executeButton(page).waitFor(WAIT);
  await page.locator('.graphiql-query-editor .view-line').first().waitFor(WAIT);
  await page.locator('#key-word p:visible').first().waitFor(WAIT);
}

/** Presses the button, waits until the answer pane shows the text, and returns what was received. */
export async function runQuery(page: Page, expected: string): Promise<string> {
  const request = await pressExecute(page);
  const text = (await (await request.response())?.text()) ?? '';
  await page.locator('.graphiql-response').filter({ hasText: expected }).waitFor(WAIT);
  return text;
}

/**
 * Presses the button until a request is sent, and returns it. On a busy machine, Chromium can lose
 * a press, and a person presses again; a gateway that does not answer is not asked again.
 */
async function pressExecute(page: Page): Promise<Request> {
  for (let presses = 1; ; presses += 1) {
    const sent = page.waitForRequest((request) => request.method() === 'POST', PRESS);
    // Handled below, also if it fails before the press is over.
    sent.catch(() => undefined);
    await executeButton(page).click();
    try {
      return await sent;
    } catch (error) {
      if (presses === PRESSES_MAX) throw error;
    }
  }
}

export function tabTitles(page: Page): Promise<string[]> {
  return page.locator('.graphiql-tab-button').allTextContents();
}

export async function openTab(page: Page, title: string): Promise<void> {
  await page.locator('.graphiql-tab-button', { hasText: title }).click(WAIT);
  await page.locator('.graphiql-tab-active', { hasText: title }).waitFor(WAIT);
  const operation = new RegExp(`(query|mutation)\\s${title}`);
  await page.locator('.graphiql-query-editor').filter({ hasText: operation }).waitFor(WAIT);
}

/** What the bar says about the key. */
export async function keyWord(page: Page): Promise<string> {
  const text = (await page.locator('#key-word p:visible').textContent()) ?? '';
  return text.replaceAll(/\s+/g, ' ');
}

export async function enterKey(page: Page, key: string): Promise<void> {
  await page.getByLabel('API key').fill(key);
  const reloaded = page.waitForEvent('load', WAIT);
  await page.getByRole('button', { name: 'Use key' }).click();
  await reloaded;
  await isReady(page);
}

export async function openDocumentation(page: Page): Promise<Locator> {
  await page.getByRole('button', { name: /show documentation explorer/i }).click(WAIT);
  const explorer = page.locator('.graphiql-plugin');
  await explorer.filter({ hasText: 'Mutation' }).waitFor(WAIT);
  return explorer;
}
