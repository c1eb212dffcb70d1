import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BrowserContext, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { seedDemo } from '../../src/commands/seed-demo.js';
import { graphiqlAddress } from '../../src/http/graphiql.js';
import { createKey } from '../../src/meter/access/keys.js';
import { SCOPES } from '../../src/meter/access/scopes.js';
import { createWriteQueue } from '../../src/meter/write/write-queue.js';
import { monotonicMs } from '../../src/platform/clock.js';
import { startTestGateway, type TestGateway } from '../support/gateway/gateway.js';

/** Chromium must not make requests of its own, so that every request is one of the page. */
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

const WIDTH = 1280;
const HEIGHT = 800;

let gateway: TestGateway;
let profile: string;
let browser: BrowserContext;
let page: Page;
let address: string;
const foreignRequests: string[] = [];
const failures: string[] = [];

beforeAll(async () => {
  gateway = await startTestGateway();
  const { store, origin } = gateway;
  const writeQueue = createWriteQueue({
    store,
    lanes: 1,
    batchItemsMax: 100,
    batchBytesMax: 1_000_000,
    queueItemsMax: 100,
    queueWaitMaxMs: 60_000,
    cachedBalancesMax: 100,
    monotonicMs,
  });
  const project = await seedDemo(store, writeQueue);
  const key = { projectId: project.id, name: 'browser', scopes: SCOPES, lifetimeMs: null };
  const { secret } = await createKey(store.apiKeys, key);
  address = graphiqlAddress({ origin, secret });
  profile = await mkdtemp(join(tmpdir(), 'tollgate-browser-'));
  browser = await chromium.launchPersistentContext(profile, {
    executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
    args: FLAGS,
    viewport: { width: WIDTH, height: HEIGHT },
  });
  page = await browser.newPage();
  page.on('request', (request) => {
    const url = request.url();
    if (!url.startsWith(origin) && !/^(data|blob):/.test(url)) foreignRequests.push(url);
  });
  page.on('pageerror', (error) => failures.push(error.message));
  page.on('console', (message) => {
    if (message.text().includes('Content Security Policy')) failures.push(message.text());
  });
}, 120_000);

afterAll(async () => {
  await browser?.close();
  await gateway?.close();
  if (profile !== undefined) await rm(profile, { recursive: true, force: true });
});

/** Whether the text is wholly within the window; the editor may be drawing its line anew. */
async function isShown(text: string): Promise<boolean> {
  const box = await page.getByText(text).first().boundingBox();
  return box !== null && box.x + box.width <= WIDTH && box.y + box.height <= HEIGHT;
}

/** Presses the button and waits for an answer that contains the text. */
async function runQuery(expected: string): Promise<string> {
  await page.getByRole('button', { name: /execute query/i }).click();
  const answer = page.locator('.graphiql-response');
  await answer.filter({ hasText: expected }).waitFor({ timeout: 30_000 });
  return (await answer.textContent()) ?? '';
}

const PATIENCE_MS = 120_000;

test('the printed URL opens GraphiQL with a first usage event filled in, which can be run', {
  timeout: PATIENCE_MS,
}, async () => {
  await page.goto(address);
  await page.getByRole('button', { name: /execute query/i }).waitFor({ timeout: 30_000 });
  await page.locator('.graphiql-query-editor').filter({ hasText: 'trackBalance' }).waitFor();
  const answer = await runQuery('remaining');
  expect(answer).toContain('9999');
  expect(answer).toContain('unapplied');
  await page.screenshot({ path: process.env['SCREENSHOT'] ?? join(profile, 'graphiql.png') });
});

test('the key is removed from the URL at once and kept for the session', {
  timeout: PATIENCE_MS,
}, async () => {
  const key = new URL(address).hash.slice('#key='.length);
  expect(page.url()).not.toContain(key);
  expect(await page.evaluate(() => location.hash)).toBe('');
  await page.reload();
  await page.getByRole('button', { name: /execute query/i }).waitFor({ timeout: 30_000 });
  expect(await runQuery('remaining')).toContain('9998');
  // Another tab is another session, and what is kept between sessions does not contain the key.
  expect(await page.evaluate(() => JSON.stringify({ ...localStorage }))).not.toContain(key);
});

test('the first tab shows everything important in a window of 1280 pixels by 800', {
  timeout: PATIENCE_MS,
}, async () => {
  for (const text of ['unapplied', '"api_calls"', 'message', 'Authorization']) {
    await expect.poll(() => isShown(text), { message: text }).toBe(true);
  }
});

test('the documentation of the schema is shown', { timeout: PATIENCE_MS }, async () => {
  await page.getByRole('button', { name: /show documentation explorer/i }).click();
  const explorer = page.locator('.graphiql-plugin');
  await explorer.filter({ hasText: 'Mutation' }).waitFor({ timeout: 30_000 });
  await explorer.getByText('Mutation', { exact: true }).click();
  await explorer.filter({ hasText: 'trackBalance' }).waitFor({ timeout: 30_000 });
});

test('an error is shown as the server sent it', { timeout: PATIENCE_MS }, async () => {
  // The query is in the URL, and the key in its fragment.
  const [place, fragment] = address.split('#');
  await page.goto(`${place}?query=${encodeURIComponent('{ nothingLikeThis }')}#${fragment}`);
  await page.getByRole('button', { name: /execute query/i }).waitFor({ timeout: 30_000 });
  expect(await runQuery('GRAPHQL_VALIDATION_FAILED')).toContain('nothingLikeThis');
});

test('beside a query too, no address that the history has or a link copies holds the key', {
  timeout: PATIENCE_MS,
}, async () => {
  const key = new URL(address).hash.slice('#key='.length);
  const addresses: string[] = [page.url()];
  // Back through the whole history of this tab.
  for (let back = await page.goBack(); back !== null; back = await page.goBack()) {
    addresses.push(page.url());
  }
  expect(addresses.length).toBeGreaterThan(1);
  expect(addresses[0]).toContain('?query=');
  for (const shown of addresses) expect(shown).not.toContain(key);
});

test('nothing was requested from other servers, and no script failed', () => {
  expect(foreignRequests).toEqual([]);
  expect(failures).toEqual([]);
});
