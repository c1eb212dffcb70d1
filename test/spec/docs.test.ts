/** References between pages are correct: links have targets, and the index of decisions is complete. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

const markdownIn = (folder: string) =>
  readdirSync(join(ROOT, folder))
    .filter((name) => name.endsWith('.md'))
    .map((name) => join(folder, name));

const pages = ['.', 'docs', 'docs/operations', 'docs/adr'].flatMap(markdownIn);

const read = (page: string) => readFileSync(join(ROOT, page), 'utf8');

/** GitHub's anchor for a heading. */
const anchor = (heading: string) =>
  heading
    .toLowerCase()
    .replace(/[^\w\- ]/g, '')
    .replaceAll(' ', '-');

const anchorsOf = (page: string) =>
  [...read(page).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => anchor(heading));

function isBroken(page: string, target: string): boolean {
  const [file = '', hash] = target.split('#');
  const path = file === '' ? page : normalize(join(dirname(page), file));
  if (!existsSync(join(ROOT, path))) return true;
  return hash !== undefined && !anchorsOf(path).includes(hash);
}

describe('the pages', () => {
  it('have no broken links', () => {
    const links = pages.flatMap((page) =>
      [...read(page).matchAll(/\]\(([^)\s]+)\)/g)]
        .map(([, target = '']) => ({ page, target }))
        .filter(({ target }) => !/^\w+:/.test(target)),
    );
    expect(links.length).toBeGreaterThan(50);
    expect(links.filter(({ page, target }) => isBroken(page, target))).toEqual([]);
  });
});

describe('the index of decisions', () => {
  it('has the title of each record, in order', () => {
    const records = markdownIn('docs/adr')
      .filter((page) => /\/\d{4}-/.test(page))
      .sort();
    const lines = records.map((page) => {
      const [, number, title] = /^# (\d+)\. (.+)$/m.exec(read(page)) ?? [];
      return `- ADR ${number}: [${title}](${page.slice('docs/adr/'.length)})`;
    });
    const index = read('docs/adr/README.md').split('\n');
    expect(index.filter((line) => line.startsWith('- '))).toEqual(lines);
  });
});
