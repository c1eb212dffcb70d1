/** `npm run generate:composed`: writes what the composers make of the example's subgraphs into docs/supergraph.md. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { COMPOSED_PAGE, withComposed } from '../support/federation/composed-page.js';

if (existsSync(new URL('node_modules', import.meta.url))) {
  writeFileSync(COMPOSED_PAGE, await withComposed(readFileSync(COMPOSED_PAGE, 'utf8')));
} else {
  process.stderr.write('`npm run test:federation` installs the composers: run it first.\n');
  process.exitCode = 1;
}
