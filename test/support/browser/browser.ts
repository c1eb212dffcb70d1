/** Chromium with one gateway, which records every request that its pages make. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BrowserContext, chromium, type Page } from 'playwright-core';
import { graphiqlAddress } from '../../../src/http/graphiql.js';
import { createDemoKey } from '../gateway/demo.js';
import { startTestGateway, type TestGateway } from '../gateway/gateway.js';

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

export interface TestBrowser {
  readonly gateway: TestGateway;
  /** A key of the demo project. */
  readonly secret: string;
  /** The address that `npm start` prints. */
  readonly address: string;
  readonly context: BrowserContext;
  /** Addresses of other servers that a page requested. */
  readonly foreignRequests: readonly string[];
  /** Scripts that failed, and what the content security policy refused. */
  readonly failures: readonly string[];
  /** Forgets what is stored between sessions, and opens a page: another session. */
  openPage(options?: { width?: number; height?: number; scheme?: 'light' | 'dark' }): Promise<Page>;
  /** Keeps a picture in the folder that SCREENSHOTS names, if it is set. */
  picture(page: Page, name: string): Promise<void>;
  close(): Promise<void>;
}

export async function startBrowser(): Promise<TestBrowser> {
  const gateway = await startTestGateway();
  const secret = await createDemoKey(gateway);
  const profile = await mkdtemp(join(tmpdir(), 'tollgate-browser-'));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
    args: FLAGS,
  });
  const foreignRequests: string[] = [];
  const failures: string[] = [];
  context.on('request', (request) => {
    const url = request.url();
    if (!/^(data|blob):/.test(url) && new URL(url).origin !== gateway.origin) {
      foreignRequests.push(url);
    }
  });
  context.on('weberror', (error) => failures.push(error.error().message));
  context.on('console', (message) => {
    if (message.text().includes('Content Security Policy')) failures.push(message.text());
  });
  return {
    gateway,
    secret,
    address: graphiqlAddress({ origin: gateway.origin, secret }),
    context,
    foreignRequests,
    failures,
    openPage: async ({ width = 1280, height = 800, scheme = 'light' } = {}) => {
      const page = await context.newPage();
      await page.setViewportSize({ width, height });
      await page.emulateMedia({ colorScheme: scheme });
      await page.goto(`${gateway.origin}/`);
      await page.evaluate(() => localStorage.clear());
      return page;
    },
    picture: async (page, name) => {
      const folder = process.env['SCREENSHOTS'];
      if (folder !== undefined) await page.screenshot({ path: join(folder, `${name}.png`) });
    },
    close: async () => {
      await context.close();
      await gateway.close();
      await rm(profile, { recursive: true, force: true });
    },
  };
}
