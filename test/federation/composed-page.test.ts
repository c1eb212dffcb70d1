/** docs/supergraph.md shows what the composers really make of the example. */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { COMPOSED_PAGE, withComposed } from '../support/federation/composed-page.js';
import { COMPOSERS } from '../support/federation/programs.js';

const PAGE = readFileSync(COMPOSED_PAGE, 'utf8');

it('the page shows what each composer makes: if it does not, `npm run generate:composed` writes it', async () => {
  expect(await withComposed(PAGE)).toBe(PAGE);
  expect([
    ...PAGE.matchAll(/<!-- composed by (\S+) -->\n`\1` [\d.]+:\n\n```graphql\n/g),
  ]).toHaveLength(COMPOSERS.length);
});

it.each(['supergraph.yaml', 'graph.yaml'])('%s names the subgraphs of the example', (file) => {
  const [, yaml = ''] = new RegExp(`\`\`\`yaml ${file}\\n(.*?)\`\`\``, 's').exec(PAGE) ?? [];
  const addresses = [...yaml.matchAll(/routing_url: (\S+)/g)].map(([, url]) => url);
  expect(addresses).toEqual(['http://127.0.0.1:4001/graphql', 'http://127.0.0.1:4000/subgraph']);
  const files = [...yaml.matchAll(/file: (\S+)/g)].map(([, path]) => path);
  expect(files).toEqual(['examples/supergraph/accounts.graphql', 'subgraph.graphql']);
});
