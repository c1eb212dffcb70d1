import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { createDemoKey } from '../support/gateway/demo.js';
import { startTestGateway } from '../support/gateway/gateway.js';

/** The text of the README's only fenced block of a language. */
function block(readme: string, language: string): string {
  const found = [...readme.matchAll(new RegExp(`\`\`\`${language}\n(.*?)\`\`\``, 'gs'))];
  expect(found, `README blocks of ${language}`).toHaveLength(1);
  return found[0]?.[1] ?? '';
}

test('the mutation in the README gives the answer in the README', async () => {
  const gateway = await startTestGateway();
  try {
    const secret = await createDemoKey(gateway);
    const readme = await readFile(new URL('../../README.md', import.meta.url), 'utf8');
    const { data, errors } = await gateway.execute(block(readme, 'graphql'), {}, secret);
    expect(errors).toEqual([]);
    expect({ data }).toEqual(JSON.parse(block(readme, 'json')));
  } finally {
    await gateway.close();
  }
});
