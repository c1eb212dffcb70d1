/** GraphiQL can be used in the window of a phone, in the light and in the dark. */
import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startBrowser, type TestBrowser } from '../support/browser/browser.js';
import { openDocumentation, openGraphiql, openTab, runQuery } from '../support/browser/graphiql.js';

let browser: TestBrowser;

beforeAll(async () => {
  browser = await startBrowser();
});
afterAll(() => browser?.close());

const SIZES = [
  { width: 1280, height: 800 },
  { width: 400, height: 800 },
];

interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

async function boxOf(part: Locator): Promise<Box> {
  const box = await part.boundingBox();
  if (box === null) throw new Error('not shown');
  return box;
}

/** Red, green and blue of the first background that is not transparent, from the inside out. */
function colours(page: Page, selector: string): Promise<{ ink: number; ground: number }> {
  return page
    .locator(selector)
    .first()
    .evaluate((element) => {
      const light = (colour: string) => {
        const [r = 0, g = 0, b = 0] = (colour.match(/[\d.]+/g) ?? []).map(Number);
        return [r, g, b]
          .map((part) => part / 255)
          .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4))
          .reduce((sum, part, index) => sum + part * ([0.2126, 0.7152, 0.0722][index] ?? 0), 0);
      };
      let ground: Element | null = element;
      while (ground && /, 0\)$|^transparent$/.test(getComputedStyle(ground).backgroundColor)) {
        ground = ground.parentElement;
      }
      return {
        ink: light(getComputedStyle(element).color),
        ground: light(getComputedStyle(ground ?? document.body).backgroundColor),
      };
    });
}

const contrast = ({ ink, ground }: { ink: number; ground: number }) =>
  (Math.max(ink, ground) + 0.05) / (Math.min(ink, ground) + 0.05);

describe.each(SIZES)('in a window of $width pixels by $height', ({ width, height }) => {
  const isWithin = ({ x, y, width: w, height: h }: Box) =>
    x >= 0 && y >= 0 && x + w <= width && y + h <= height;

  test.each(['light', 'dark'] as const)(
    'a request and its answer are both in sight, in the %s',
    async (scheme) => {
      const page = await browser.openPage({ width, height, scheme });
      await openGraphiql(page, browser.address);
      await openTab(page, 'FromNothing');
      await openTab(page, 'FirstUsage');
      await runQuery(page, 'remaining');
      const editor = page.locator('.graphiql-query-editor .graphiql-editor');
      const answer = page.locator('.result-window');
      for (const part of [
        editor,
        answer,
        page.getByLabel('API key'),
        page.getByRole('button', { name: 'Use key' }),
        page.getByRole('button', { name: 'Examples' }),
        page.getByRole('button', { name: /execute query/i }),
        page.getByRole('button', { name: 'Headers' }),
        page.getByRole('button', { name: /settings dialog/i }),
        page.getByRole('button', { name: 'New tab' }),
      ]) {
        expect(isWithin(await boxOf(part)), String(part)).toBe(true);
      }
      for (const part of [editor, answer]) {
        const box = await boxOf(part);
        expect(box.width).toBeGreaterThan(250);
        expect(box.height).toBeGreaterThan(180);
      }
      const overflow = await page.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      );
      expect(overflow).toBe(0);
      await browser.picture(page, `graphiql-${width}-${scheme}`);
      await page.close();
    },
  );

  test('the documentation has room to be read, and gives way again', async () => {
    const page = await browser.openPage({ width, height, scheme: 'dark' });
    await openGraphiql(page, browser.address);
    const explorer = await openDocumentation(page);
    const box = await boxOf(explorer);
    expect(isWithin(box)).toBe(true);
    expect(box.width).toBeGreaterThan(280);
    await explorer.getByText('Mutation', { exact: true }).click();
    await explorer.filter({ hasText: 'trackBalance' }).waitFor();
    await browser.picture(page, `graphiql-${width}-documentation`);
    await page.getByRole('button', { name: /hide documentation explorer/i }).click();
    await runQuery(page, 'remaining');
    await page.close();
  });
});

test.each(['light', 'dark'] as const)('what the bar says can be read in the %s', async (scheme) => {
  const page = await browser.openPage({ scheme });
  await openGraphiql(page, `${browser.gateway.origin}/graphql#key=tg_sk_wrong`);
  const { ground } = await colours(page, 'body');
  expect(ground > 0.5).toBe(scheme === 'light');
  for (const selector of [
    '#key-form label',
    '.for-refused',
    '.for-refused strong',
    '#key',
    '#examples',
  ]) {
    expect(contrast(await colours(page, selector)), selector).toBeGreaterThan(4.5);
  }
  await page.close();
});
