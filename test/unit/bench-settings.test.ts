import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { POSTGRES_SETTINGS } from '../bench/postgres-settings.js';

const OPERATIONS = new URL('../../docs/operations.md', import.meta.url);

/** The settings in the page's tables: | `name` | `value` | why | */
function recommended(): [name: string, value: string][] {
  const rows = readFileSync(OPERATIONS, 'utf8').matchAll(/^\| `([a-z_]+)` \| `([^`]+)` \|/gm);
  return [...rows].map(([, name = '', value = '']) => [name, value]);
}

describe("the benchmark's PostgreSQL", () => {
  it('has the settings that docs/operations.md recommends', () => {
    for (const [name, value] of recommended())
      expect(POSTGRES_SETTINGS).toMatchObject({ [name]: value });
  });

  it('is as durable as in production', () => {
    expect(POSTGRES_SETTINGS).toMatchObject({
      fsync: 'on',
      full_page_writes: 'on',
      synchronous_commit: 'on',
    });
  });
});
